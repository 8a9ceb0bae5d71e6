// The options of a run, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "analyses/engine/scope_filter.h"
#include "analyses/export/go_intervals.h"
#include "analyses/findings/findings.h"
#include "cli/options/flags.h"
#include "parser/model/event.h"
#include "parser/model/memory_budget.h"
#include "reports/model/wall_time.h"

namespace tracetool {

/// Which events `events` lists; empty parts select all.
struct EventFilter {
  uint32_t kinds = ~uint32_t{0};  // bit by EventKind
  std::unordered_set<uint64_t> procs, threads;
  uint64_t limit = UINT64_MAX;
};

/// What `check`, `diff` and `metrics` are about.
struct GateSettings {
  std::vector<std::string> passes, require, rules;
  std::vector<std::string> before, after, baseline, fail_on, metrics;
  std::string per;
  double alpha = 0.05, threshold = 0.02;
};

/// Which intervals `intervals` lists, and how many.
struct IntervalSettings {
  IntervalFilter filter;
  uint64_t max_memory = uint64_t{512} << 20;
};

struct Settings {
  int64_t from = 0;
  int64_t to = INT64_MAX;
  /// The same as times of day, for which a capture has to be read first: cli/io/wall_window.h.
  std::optional<TypedTime> from_wall, to_wall;
  GoroutineFilter goroutines;
  Scope scope;
  EventFilter events;
  IntervalSettings intervals;
  GateSettings gates;

  std::string table;
  std::vector<std::string> columns;
  std::string sort;
  bool ascending = false;
  std::optional<uint64_t> top;
  bool stacks = false, figures = false, explain = false, raw = false, full = false, wall = false;

  Thresholds thresholds;              // of findings
  std::vector<std::string> selected;  // options that leave out time or goroutines, as typed

  std::string format = "text";
  std::string output;  // "" is standard output
  enum class Color { kAuto, kAlways, kNever } color = Color::kAuto;
  std::optional<uint64_t> width;

  bool strict = false;
  uint64_t max_memory = kDefaultMemory;  // for what is kept of a capture
  int threads = 2;
  std::optional<bool> progress;
};

/// Names that --kind takes.
const std::vector<std::string>& kind_names();

/// A message that names the option and what is wrong with its value, or nothing.
std::optional<std::string> read_settings(const FlagValues& values,
                                         const std::vector<std::string>& formats,
                                         Settings& settings);

}  // namespace tracetool
