// A count over time, in a bounded number of equal steps whatever the length of the trace.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tracetool {

class LoadCurve {
 public:
  struct Step {
    double area = 0;      // count integrated over ns; more than 64 bits for a lie
    double capacity = 0;  // the same of what there is room for
    int64_t length = 0;   // ns
    int64_t peak = 0;     // highest count
  };
  static constexpr size_t kMostSteps = 256;

  /// `now` never falls.
  void change(int64_t now, int by) {
    if (now >= step_end_) [[unlikely]]
      advance(now);
    pass(now);
    count_ += by;
  }
  void set(int64_t now, int count) { change(now, count - static_cast<int>(count_)); }
  void set_capacity(int64_t now, int capacity) {
    change(now, 0);
    take_capacity();
    capacity_ = capacity;
  }
  /// The count turns out to have been higher since `from`, where it was counted as it is now.
  void raise(int64_t from, int64_t now, int by) {
    change(now, by);
    int64_t begin = begin_;
    const auto raise_in = [&](Step& s, int64_t end) {
      const int64_t inside = end - std::max(begin, from);
      begin = end;
      if (inside <= 0) return;
      s.area += product(by, inside);
      s.peak += by;
    };
    for (Step& s : steps_) raise_in(s, begin + s.length);
    raise_in(step_, now);
  }
  void finish(int64_t now) {
    change(now, 0);
    take_capacity();
    if (step_.length > 0) steps_.push_back(step_);
    step_ = {};
  }

  int64_t begin() const { return begin_; }
  int64_t width() const { return width_; }
  /// After finish(): one after the other from begin() on, all but the last of width() ns.
  const std::vector<Step>& steps() const { return steps_; }
  Step total() const {
    Step sum;
    for (const Step& s : steps_) join(sum, s);
    return sum;
  }

 private:
  static double product(int64_t count, int64_t time) {
    return static_cast<double>(count) * static_cast<double>(time);
  }
  static void join(Step& to, const Step& from) {
    to.area += from.area;
    to.capacity += from.capacity;
    to.length += from.length;
    to.peak = std::max(to.peak, from.peak);
  }
  void take_capacity() {
    step_.capacity += product(capacity_, last_ - capacity_since_);
    step_.length += last_ - capacity_since_;
    capacity_since_ = last_;
  }
  void pass(int64_t now) {
    step_.area += product(count_, now - last_);
    // A count that lasted no time is none: outside of the time window all events are at its edge.
    step_.peak = std::max(step_.peak, now > last_ ? count_ : 0);
    last_ = now;
  }
  /// Ends all steps that end before or at `now`.
  void advance(int64_t now) {
    if (begin_ < 0) {
      begin_ = last_ = capacity_since_ = now;
      step_end_ = now + width_;
      return;
    }
    while (now >= step_end_) {
      pass(step_end_);
      take_capacity();
      steps_.push_back(step_);
      step_ = {};
      if (steps_.size() == kMostSteps) {
        for (size_t i = 0; i < kMostSteps / 2; ++i) {
          join(steps_[2 * i], steps_[2 * i + 1]);
          steps_[i] = steps_[2 * i];
        }
        steps_.resize(kMostSteps / 2);
        width_ *= 2;
      }
      step_end_ = last_ + width_;
    }
  }

  int64_t begin_ = -1, last_ = 0, step_end_ = INT64_MIN, width_ = 1024;
  int64_t count_ = 0, capacity_ = 0, capacity_since_ = 0;
  Step step_;
  std::vector<Step> steps_;
};

}  // namespace tracetool
