// What the sched pass gathered, and the tables made of it.
#pragma once

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/engine/stack_cell.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/measure/load_curve.h"
#include "analyses/measure/worst.h"
#include "parser/model/tables.h"

namespace tracetool {

/// Counts durations in five buckets a decade, as go tool trace has them, without a logarithm.
class DurationBuckets {
 public:
  DurationBuckets();
  void add(int64_t duration) {
    size_t b = first_[static_cast<size_t>(std::bit_width(static_cast<uint64_t>(duration)))];
    // Doubling takes one and a half buckets: two steps at most, and no branch to guess wrong.
    b += static_cast<uint64_t>(lower_[b + 1] - 1 - duration) >> 63;
    b += static_cast<uint64_t>(lower_[b + 1] - 1 - duration) >> 63;
    ++counts_[b];
  }
  static constexpr size_t kBuckets = 94;
  int64_t lower(size_t bucket) const { return lower_[bucket]; }
  uint64_t operator[](size_t bucket) const { return counts_[bucket]; }

 private:
  std::array<int64_t, kBuckets + 1> lower_{};
  std::array<uint8_t, 65> first_{};  // bucket of the smallest number with so many bits
  std::array<uint64_t, kBuckets> counts_{};
};

/// Goroutines that started in one function.
struct SchedGroup {
  StringId name = 0;
  DurationStats stats = {};               // waits that were not the goroutine's own will
  int64_t all_busy = 0, stopped = 0;      // parts of their time
  CountTime yields = {}, preempted = {};  // waits after runtime.Gosched, after a preemption
  CountTime switches = {};                // from one coroutine to the next
  CountTime open = {};
  CountTime runs = {};
  int64_t longest_run = 0, longest_run_begin = kNever;
  uint64_t longest_run_goroutine = 0, preempted_runs = 0;
};

struct SchedWait {
  int64_t duration, begin, all_busy, stopped;
  uint64_t goroutine;
  StringId group;
  StackId stack;
};

struct SchedRun {
  int64_t duration, begin;
  uint64_t goroutine;
  StringId group;
  StackId stack;  // where it ended
  StringId reason;
  uint8_t to;  // GoState
  bool open;
};

struct SchedResults {
  StackCells& stacks;
  Groups<SchedGroup> groups = {};
  Worst<SchedWait> waits{20};
  Worst<SchedRun> runs{20};
  DurationBuckets buckets = {};
  LoadCurve runnable = {};
  int64_t unknown = 0;                               // lost, ns
  int64_t all_busy = 0, stopped = 0, some_idle = 0;  // how the capture's time passed
  bool selective = false;                            // see selection.h
};

void add_worst_waits(const SchedResults& results, Report& report);
void add_longest_runs(const SchedResults& results, Report& report);
void add_sched_tables(const SchedResults& results, Report& report);

}  // namespace tracetool
