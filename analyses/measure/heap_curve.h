// Heap sizes over time, in a bounded number of equal steps whatever the length of the trace.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/measure/heap_value.h"

namespace tracetool {

class HeapCurve {
 public:
  struct Step {
    std::optional<int64_t> most, last, goal;  // of the step; the goal is its last one
    int64_t allocated = 0;
  };
  static constexpr size_t kMostSteps = 128;

  void begin(int64_t time) {
    begin_ = time;
    step_end_ = time + width_;
  }
  /// Times never fall. None: the size is not known from here on.
  void live(int64_t now, std::optional<int64_t> bytes) {
    advance(now);
    step_.last = bytes;
    if (bytes) step_.most = std::max(step_.most.value_or(0), *bytes);
  }
  void goal(int64_t now, std::optional<int64_t> bytes) {
    advance(now);
    step_.goal = bytes;
  }
  void allocated(int64_t now, int64_t bytes) {
    advance(now);
    add_bytes(step_.allocated, bytes);
  }
  void finish(int64_t now) {
    advance(now);
    if (now > step_end_ - width_ || step_.allocated != 0 || steps_.empty()) steps_.push_back(step_);
  }

  int64_t begin() const { return begin_; }
  int64_t width() const { return width_; }
  /// After finish(): one after the other from begin() on, each of width() ns.
  const std::vector<Step>& steps() const { return steps_; }

 private:
  static Step join(const Step& a, const Step& b) {
    Step both = b;
    if (a.most && (!b.most || *a.most > *b.most)) both.most = a.most;
    add_bytes(both.allocated, a.allocated);
    return both;
  }
  /// Ends all steps that end before or at `now`.
  void advance(int64_t now) {
    while (now >= step_end_) {
      steps_.push_back(step_);
      step_ = {step_.last, step_.last, step_.goal, 0};
      if (steps_.size() == kMostSteps) {
        for (size_t i = 0; i < kMostSteps / 2; ++i)
          steps_[i] = join(steps_[2 * i], steps_[2 * i + 1]);
        steps_.resize(kMostSteps / 2);
        width_ *= 2;
        step_end_ = begin_ + width_ * static_cast<int64_t>(kMostSteps / 2);
      }
      step_end_ += width_;
    }
  }

  int64_t begin_ = 0, width_ = 1024, step_end_ = 1024;
  Step step_;
  std::vector<Step> steps_;
};

}  // namespace tracetool
