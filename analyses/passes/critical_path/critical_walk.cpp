#include "analyses/passes/critical_path/critical_walk.h"

#include <algorithm>
#include <unordered_map>

#include "parser/model/hash.h"

namespace tracetool {
namespace {

/// Where the walk goes on when a wait is explained.
struct Return {
  IntervalId last;
  int64_t low;
  IntervalId wait;
};

class Walk {
 public:
  Walk(const IntervalLog& log, int64_t begin, int64_t end) : log_(log), low_(begin), now_(end) {}

  std::vector<PathStep> run(IntervalId last, IntervalLog::Who who, StackId stack) {
    enter(last, who, stack);
    for (;; ++visited_) {
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
    name_all();
    return std::move(steps_);
  }

  uint64_t visited() const { return visited_; }

 private:
  /// A goroutine that is older than the capture may have got its name only later on.
  void name_all() {
    std::unordered_map<uint64_t, StringId, IdHash> names;
    for (const PathStep& step : steps_)
      if (step.who.name == 0) names[step.who.id] = 0;
    if (names.empty()) return;
    for (const PathStep& step : steps_) {
      const auto it = step.who.name == 0 ? names.end() : names.find(step.who.id);
      if (it != names.end()) it->second = step.who.name;
    }
    for (PathStep& step : steps_)
      if (step.who.name == 0) step.who.name = names[step.who.id];
  }

  void add(int64_t from, IntervalLog::Who who, StackId stack, StringId reason,
           IntervalState state) {
    from = std::max(from, low_);
    if (from < now_) {
      const auto depth = static_cast<uint16_t>(std::min<size_t>(returns_.size(), 0xFFFF));
      steps_.push_back({from, now_, who, stack, reason, state, depth});
    }
    now_ = std::min(now_, from);
  }

  /// Goes on with the goroutine that ran at now_, at `stack`.
  void enter(IntervalId last, IntervalLog::Who who, StackId stack) {
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
      add(low_, {}, 0, 0, IntervalState::kUnknown);
      return;
    }
    if (interval->state() == IntervalState::kUnknown) {
      if (interval->waker_who != 0) {
        enter(interval->waker, log_.waker(last_), interval->stack);
      } else if (!returns_.empty()) {
        // Created in the midst of the wait by nobody, e.g. by a timer: the rest is a mere wait.
        const IntervalId id = returns_.back().wait;
        const Interval& wait = *log_.find(id);
        add(low_, log_.who(id), wait.stack, wait.reason(), IntervalState::kWaiting);
      } else {
        add(low_, log_.who(last_), 0, 0, IntervalState::kUnknown);
      }
      return;
    }
    const int64_t begin = std::max(low_, log_.begin_of(*interval));
    if (interval->state() == IntervalState::kWaiting && interval->waker_who != 0) {
      returns_.push_back({interval->previous, low_, last_});
      low_ = begin;
      enter(interval->waker, log_.waker(last_), woken_from_);
      return;
    }
    if (interval->state() == IntervalState::kRunnable) woken_from_ = interval->stack;
    add(begin, log_.who(last_), interval->stack, interval->reason(), interval->state());
    last_ = interval->previous;
  }

  const IntervalLog& log_;
  int64_t low_, now_;
  uint64_t visited_ = 0;
  IntervalId last_ = 0;
  StackId woken_from_ = 0;  // the waker's stack of the wait that comes next, going back
  std::vector<Return> returns_;
  std::vector<PathStep> steps_;
};

}  // namespace

std::vector<PathStep> walk_back(const IntervalLog& log, IntervalId last, IntervalLog::Who who,
                                int64_t begin, int64_t end, StackId stack, uint64_t& visited) {
  Walk walk(log, begin, end);
  std::vector<PathStep> steps = walk.run(last, who, stack);
  visited += walk.visited();
  return steps;
}

}  // namespace tracetool
