#include "analyses/critical_walk.h"

#include <algorithm>

namespace tracetool {
namespace {

/// Where the walk goes on when a wait is explained.
struct Return {
  IntervalId last;
  int64_t low;
  const Interval* wait;
};

class Walk {
 public:
  Walk(const IntervalLog& log, int64_t begin, int64_t end) : log_(log), low_(begin), now_(end) {}

  std::vector<PathStep> run(IntervalId last, uint32_t who, StackId stack) {
    enter(last, who, stack);
    for (;;) {
      if (now_ > low_) {
        step();
      } else if (!returns_.empty()) {
        last_ = returns_.back().last;
        low_ = returns_.back().low;
        woken_from_ = 0;
        returns_.pop_back();
      } else {
        break;
      }
    }
    std::ranges::reverse(steps_);
    return std::move(steps_);
  }

 private:
  void add(int64_t from, uint32_t who, StackId stack, StringId reason, IntervalState state) {
    from = std::max(from, low_);
    if (from < now_) {
      const auto depth = static_cast<uint16_t>(std::min<size_t>(returns_.size(), 0xFFFF));
      steps_.push_back({from, now_, who, stack, reason, state, depth});
    }
    now_ = std::min(now_, from);
  }

  /// Goes on with the goroutine that ran at now_, at `stack`.
  void enter(IntervalId last, uint32_t who, StackId stack) {
    last_ = last;
    woken_from_ = 0;
    const Interval* interval = log_.find(last);
    if (interval != nullptr) {
      if (interval->end < now_) add(interval->end, who, stack, 0, IntervalState::kRunning);
    } else {
      // Too old to be kept: it ran all the time.
      add(low_, who, stack, 0, log_.lossy() ? IntervalState::kUnknown : IntervalState::kRunning);
    }
  }

  void step() {
    const Interval* interval = log_.find(last_);
    if (interval == nullptr) {
      add(low_, 0, 0, 0, IntervalState::kUnknown);
      return;
    }
    if (interval->state() == IntervalState::kUnknown) {
      if (interval->waker_who != 0) {
        enter(interval->waker, interval->waker_who, interval->stack);
      } else if (!returns_.empty()) {
        // Created in the midst of the wait by nobody, e.g. by a timer: the rest is a mere wait.
        const Interval& wait = *returns_.back().wait;
        add(low_, wait.who, wait.stack, wait.reason(), IntervalState::kWaiting);
      } else {
        add(low_, interval->who, 0, 0, IntervalState::kUnknown);
      }
      return;
    }
    const int64_t begin = std::max(low_, log_.begin_of(*interval));
    if (interval->state() == IntervalState::kWaiting && interval->waker_who != 0) {
      returns_.push_back({interval->previous, low_, interval});
      low_ = begin;
      enter(interval->waker, interval->waker_who, woken_from_);
      return;
    }
    if (interval->state() == IntervalState::kRunnable) woken_from_ = interval->stack;
    add(begin, interval->who, interval->stack, interval->reason(), interval->state());
    last_ = interval->previous;
  }

  const IntervalLog& log_;
  int64_t low_, now_;
  IntervalId last_ = 0;
  StackId woken_from_ = 0;  // the waker's stack of the wait that comes next, going back
  std::vector<Return> returns_;
  std::vector<PathStep> steps_;
};

}  // namespace

std::vector<PathStep> walk_back(const IntervalLog& log, IntervalId last, uint32_t who,
                                int64_t begin, int64_t end, StackId stack) {
  return Walk(log, begin, end).run(last, who, stack);
}

}  // namespace tracetool
