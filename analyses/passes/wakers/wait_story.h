// One wait explained: who ended it, and what that goroutine did meanwhile.
#pragma once

#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/go/waker_class.h"
#include "analyses/measure/interval_log.h"

namespace tracetool {

class WaitStory {
 public:
  /// Of the wait in which goroutine `id` was at `time`.
  WaitStory(const RunContext& context, uint64_t id, int64_t time, uint64_t max_bytes)
      : context_(context), id_(id), time_(time), log_(context.goroutines, max_bytes) {}

  /// All transitions, in order.
  void transition(const Event& e);

  /// The tables of the story.
  void add_tables(Report& report) const;

  struct Part {
    int64_t begin, end;
    IntervalState state;
    StringId reason;
    StackId stack;
    IntervalLog::Who by = {};  // who ended it, if it is a wait
  };

 private:
  /// Tables show whole µs: what was read there may be a little before the wait began.
  bool is_it(const Event& e) const {
    const int64_t slack = time_ % 1000 == 0 ? 999 : 0;
    return e.from() == GoState::kWaiting && e.since - slack <= time_ && time_ <= e.time;
  }
  void tell(const Event& e);
  void remember(const Event& e);
  std::string why_not() const;

  const RunContext context_;
  const uint64_t id_;
  const int64_t time_;
  IntervalLog log_;
  bool found_ = false;
  // If it was not waiting: what it did, and its waits around that.
  IntervalState state_ = IntervalState::kUnknown;
  int64_t state_begin_ = kNever, state_end_ = kNever, wait_before_ = kNever, wait_after_ = kNever;
  bool seen_ = false;
  // The wait, and who ended it.
  int64_t begin_ = 0, end_ = 0;
  bool ended_ = false;
  StringId reason_ = 0, name_ = 0, waker_name_ = 0;
  StackId waiting_ = 0, waking_ = 0;
  bool has_waker_ = false;
  uint64_t waker_ = 0;
  std::string runtime_;
  std::vector<Part> parts_;  // of the waker
};

}  // namespace tracetool
