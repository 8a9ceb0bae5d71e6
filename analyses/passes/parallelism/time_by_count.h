// Time by a count, where all of it may turn out to have been spent at one more or one less.
//
// Neither that nor to empty it costs more than filling it did, however large the counts are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tracetool {

class TimeByCount {
 public:
  /// `time` is positive.
  void add(int count, int64_t time) {
    const size_t at = origin_ + static_cast<size_t>(std::max(0, count));
    if (at >= times_.size() || times_[at] == 0) [[unlikely]]
      touch(at);
    times_[at] += time;
  }
  int64_t at_none() const { return origin_ < times_.size() ? times_[origin_] : 0; }
  /// All counts were higher by one.
  void raise() {
    if (origin_ == 0) make_room();
    --origin_;
  }
  /// All counts were lower by one, but not lower than none.
  void lower() {
    const int64_t none = at_none();
    if (none > 0) {
      times_[origin_] = 0;
      add(1, none);
    }
    ++origin_;
  }
  /// Calls f(count, time), in no order, and forgets it all.
  template <class F>
  void drain(F f) {
    for (const size_t at : touched_) {
      if (times_[at] > 0) f(static_cast<int>(at - origin_), times_[at]);
      times_[at] = 0;
    }
    touched_.clear();
    origin_ = room_;
  }

 private:
  [[gnu::noinline]] void touch(size_t at) {
    if (at >= times_.size()) times_.resize(at + 1);
    touched_.push_back(at);
  }
  void make_room() {
    const size_t more = std::max<size_t>(16, times_.size());
    times_.insert(times_.begin(), more, 0);
    for (size_t& at : touched_) at += more;
    origin_ += more;
    room_ += more;
  }

  std::vector<int64_t> times_;   // at origin_ + count
  std::vector<size_t> touched_;  // where there is any, or was before it was moved
  size_t origin_ = 0, room_ = 0;
};

}  // namespace tracetool
