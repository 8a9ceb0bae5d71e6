// The time in which exactly one P ran the program: who ran, where, and how long without a break.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "analyses/measure/stack_chains.h"
#include "parser/model/tables.h"

namespace tracetool {

/// Serial time of goroutines that started in one function, up to one stack.
struct SerialCulprit {
  StringId group = 0;
  StackId stack = 0;
  uint64_t count = 0;
  int64_t time = 0, longest = 0;
};

struct SerialPhase {
  int64_t begin = 0, end = 0;
  int64_t busy = 0;  // without the short breaks in which nobody ran
  // Who ran the longest part of it.
  int64_t part = 0;
  GoSlot slot = kNoGo;
  uint64_t goroutine = 0, serial = 0;
  StringId group = 0;
  StackId stack = 0;
  uint32_t runnable = 0;  // at its end
  // Goroutines that waited for others most of the time, and for what most of them did.
  bool looked = true;
  uint32_t waiting = 0, alike = 0;
  StringId reason = 0;
  StackId wait_stack = 0;
  int64_t length() const { return end - begin; }
};

class SerialTime {
 public:
  static constexpr size_t kKept = 20;
  /// A phase goes on across so short a time with nobody running: a preemption, a handover.
  static constexpr int64_t kBreak = 10'000;

  SerialTime(const GoroutineIndex& goroutines, int64_t shortest)
      : goroutines_(goroutines), shortest_(shortest) {}

  bool serial() const { return level_ == 1; }
  GoSlot runner() const { return runner_; }

  /// The runner shows where it is.
  void seen(int64_t now, StackId stack) { attribute(now, stack); }
  /// A goroutine stops to run here.
  void stopped(GoSlot slot, StackId stack) {
    if (slot < pending_.size() && pending_[slot].time > 0) settle(slot, stack);
  }
  /// From now on `level` Ps run the program: if one, it runs `runner`. `work_waited`: for how long
  /// until now at most one P was busy and work waited. True if that ends a phase which is to be
  /// kept: complete candidate() and call keep().
  bool level(int64_t now, int level, GoSlot runner, int64_t work_waited);
  /// The known part of the trace ends; as level().
  bool finish(int64_t now, int64_t work_waited) { return level(now, 2, kNoGo, work_waited); }
  /// Of the phase that ended: fill in who waited, and keep it.
  SerialPhase& candidate() { return phase_; }
  void keep();
  /// A known part of the trace ended: who ran then shows no stack any more.
  void settle_all();

  std::vector<SerialCulprit> culprits;  // of some there may be nothing
  std::vector<SerialPhase> phases;
  uint64_t long_phases = 0;
  int64_t long_time = 0, longest = 0;

 private:
  struct Pending {
    int64_t time = 0;
    bool listed = false;
  };
  void attribute(int64_t now, StackId stack);
  void settle(GoSlot slot, StackId stack);
  void add(GoSlot slot, StackId stack, int64_t time);
  void pend(GoSlot slot, int64_t time);
  void part(GoSlot slot, StackId stack, int64_t time, int64_t now);
  void open_phase(int64_t now, int64_t work_waited) {
    open_ = true;
    waited_before_ = work_waited;
    phase_ = {.begin = now, .end = now};
  }
  bool end_phase();

  const GoroutineIndex& goroutines_;
  const int64_t shortest_;
  StackChains<1> index_;              // by stack and group: 1 + index of a culprit
  std::vector<Pending> pending_;      // by slot: serial time of its run on no known stack yet
  std::vector<GoSlot> pending_ones_;  // all slots that have some, and some others
  int level_ = 0;
  GoSlot runner_ = kNoGo;
  int64_t since_ = 0;                            // what is not attributed yet
  bool open_ = false;                            // a phase is under way
  int64_t work_waited_ = 0, waited_before_ = 0;  // now, and when the phase began
  SerialPhase phase_;
};

}  // namespace tracetool
