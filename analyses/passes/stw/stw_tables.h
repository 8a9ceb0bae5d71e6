// The tables of the stw pass.
#pragma once

#include <map>
#include <utility>

#include "analyses/engine/stack_cell.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/measure/worst.h"
#include "analyses/passes/stw/stop_watch.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

struct StopSums {
  DurationStats stats = {};
  CountTime open = {};
  StackId longest_stack = 0;
  /// Parts of the total; what is left is the time for which the world stood still.
  int64_t stopping = 0, resuming = 0, unclear = 0;
  int64_t slowest = 0;  // stopping
  uint64_t clear_count = 0;

  void add(const Stop& stop, const GoroutineIndex& goroutines);
  void merge(const StopSums& other);
  int64_t stopped() const { return stats.durations.sum() - stopping - resuming - unclear; }
};

struct WorstStop : Stop {
  uint64_t goroutine = 0;
  StringId group = 0;
};

struct StwResults {
  StackCells& stacks;
  std::map<std::pair<StringId, StackId>, StopSums> stops = {};  // by kind and stack
  Worst<WorstStop> worst{20};
  int64_t length = 0;      // of the capture
  bool selective = false;  // see selection.h
};

void add_stw_tables(const StwResults& results, Report& report);
void add_worst_stops(const StwResults& results, Report& report);
/// "GC mark termination"
std::string stop_kind(const Tables& tables, StringId name);

}  // namespace tracetool
