// The collector's cycles and what each of them cost, in bounded memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/measure/heap_value.h"
#include "parser/model/event.h"

namespace tracetool {

/// What adds up over cycles.
struct GcWork {
  int64_t length = 0;   // of the mark phase
  int64_t stopped = 0;  // part of it with the world stopped
  int64_t sweep_termination = 0, mark_termination = 0;
  uint64_t pauses = 0;
  int64_t dedicated = 0, fractional = 0, idle = 0;
  uint64_t assists = 0;
  int64_t assist = 0, assist_running = 0;
  uint64_t sweeps = 0;
  int64_t sweep = 0;
  HeapSum swept, reclaimed;  // bytes

  int64_t pause() const { return sweep_termination + mark_termination; }
  int64_t workers() const { return dedicated + fractional + idle; }
  void add(const GcWork& other);
  bool any() const { return length + pause() + workers() + assist + sweep > 0 || sweeps > 0; }
};

struct GcCycle : GcWork {
  uint64_t number = 0;  // 1, 2, …; 0 for what belongs to no cycle of the capture
  int64_t begin = kNever;
  bool cut = false;  // by an end of the capture or of the time window
  std::optional<int64_t> heap_begin, heap_end, goal, next_goal;
};

class GcCycles {
 public:
  /// While there are more, the shortest are summed up.
  static constexpr size_t kMost = 2048;
  GcCycles() = default;
  explicit GcCycles(size_t most) : most_(most) {}

  /// The cycle that began last: sweeping goes on after its mark phase.
  GcCycle& current() { return current_; }
  bool marking() const { return marking_; }
  void begin(int64_t time, bool cut);
  void end(int64_t length, bool cut);
  /// Nothing is known from here on until the next cycle begins.
  void forget();

  uint64_t count() const { return count_; }
  /// In order of time: what is left of a cycle before the capture (number 0), the cycles, and the
  /// sum of those that were too many (number 0, no begin).
  std::vector<GcCycle> finish();
  uint64_t summed_up() const { return rest_count_; }

 private:
  void retire();
  void shrink();

  size_t most_ = kMost;
  std::vector<GcCycle> kept_;
  GcCycle current_;
  GcWork before_, rest_;
  uint64_t count_ = 0, rest_count_ = 0;
  bool marking_ = false;
};

}  // namespace tracetool
