// One read of the capture, all wanted passes: the loop that joins parser and passes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/engine/scope_filter.h"

namespace tracetool {

/// ns since the first event. What lies across its borders is clipped to it.
struct TimeWindow {
  int64_t from = 0, to = INT64_MAX;
};

struct RunOptions {
  /// How many threads analyse; with 1 all is done in turns.
  int threads = 2;
  /// Opens the same capture once more, if that is possible: each thread then reads it for itself,
  /// which costs less than to hand every event from one thread to another. Otherwise one more
  /// thread reads for all.
  std::function<std::unique_ptr<TraceReader>()> twin;
  /// As a TimeWindow. What lies behind the last one is not read (ReadOptions::until).
  int64_t from = 0;
  int64_t to = INT64_MAX;
  GoroutineFilter goroutines;
  Scope scope;
  /// Rows of a table that are wanted: RunContext::top.
  std::optional<uint64_t> top = {};
  /// RunContext::together.
  bool together = false;
  /// Called now and then with the bytes read so far.
  std::function<void(uint64_t)> progress;
};

/// A pass and the options it is to run with.
struct PassRequest {
  const PassInfo* info;
  PassOptions options;
};

/// Runs the passes over the capture that `reader` has opened. Their tables are appended to `report`
/// in the order of the requests. Returns an error for an option's value, without having read.
std::string run_passes(TraceReader& reader, const RunOptions& options,
                       const std::vector<PassRequest>& requests, Report& report);

/// The same for several windows in one read instead of the one of the options. `take` gets the
/// report of each window, in their order; the next one is only made then.
std::string run_windows(TraceReader& reader, const RunOptions& options,
                        std::span<const TimeWindow> windows,
                        const std::vector<PassRequest>& requests,
                        const std::function<void(size_t, Report&&)>& take);
/// Takes the blocks of a run, and answers false if it needs no more.
using BlockTaker = std::function<bool(const Block&)>;

/// Runs one consumer that is no pass, made by `make`, with the same window, scope and filters: what
/// is of use while it comes. Answers why the user's filters left nothing, or "".
std::string run_taker(TraceReader& reader, const RunOptions& options,
                      const std::function<BlockTaker(const RunContext&)>& make);

}  // namespace tracetool
