// Where one goroutine's time went: the sums behind the goroutine tables.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "analyses/go/reason_lookup.h"
#include "parser/model/event.h"

namespace tracetool {

/// Time and number of stays under one reason or range name.
struct NamedTime {
  StringId name;
  uint32_t count;
  int64_t time;
};

/// A few names with their times; the usual four stand in place, and more are looked up.
class NamedTimes {
 public:
  void add(StringId name, int64_t time, uint32_t count = 1) {
    for (uint32_t i = 0; i < used_; ++i) {
      if (places_[i].name == name) {
        places_[i].count += count;
        places_[i].time += time;
        return;
      }
    }
    if (used_ < places_.size()) {
      places_[used_++] = {name, count, time};
      return;
    }
    add_more(name, time, count);
  }
  template <class F>
  void each(F f) const {
    for (uint32_t i = 0; i < used_; ++i) f(places_[i]);
    if (more_ == nullptr) return;
    for (const NamedTime& t : more_->times) f(t);
  }
  int64_t total() const {
    int64_t sum = 0;
    each([&](const NamedTime& t) { sum += t.time; });
    return sum;
  }
  bool empty() const { return used_ == 0; }
  void clear() {
    more_.reset();
    used_ = 0;
  }

 private:
  void add_more(StringId name, int64_t time, uint32_t count) {
    if (more_ == nullptr) more_ = std::make_unique<More>();
    const auto [it, fresh] = more_->index.try_emplace(name, more_->times.size());
    if (fresh) {
      more_->times.push_back({name, count, time});
      return;
    }
    NamedTime& t = more_->times[it->second];
    t.count += count;
    t.time += time;
  }
  struct More {
    std::vector<NamedTime> times;
    std::unordered_map<StringId, size_t> index;
  };
  uint32_t used_ = 0;  // first, so that a goroutine with one reason needs one cache line
  std::array<NamedTime, 4> places_;
  std::unique_ptr<More> more_;
};

/// Parts that do not overlap, and ranges that do.
struct GoroutineTime {
  int64_t exec = 0, sched_wait = 0, syscall = 0, syscall_block = 0;
  NamedTimes block;   // by ReasonKey
  NamedTimes ranges;  // by range name: overlap everything else

  /// Accounts [from, to) as spent in the state that `e` ends. `from`: e.since or later.
  void add(const Event& e, int64_t from, int64_t to, WaitReasons& reasons) {
    switch (e.spent_in()) {
      case GoState::kRunning:
        exec += to - from;
        break;
      case GoState::kRunnable:
        sched_wait += to - from;
        break;
      case GoState::kWaiting:
        // What is first seen waiting is counted when that ends, if not behind the window.
        if (e.from() == GoState::kUndetermined) {
          block.add(e.name, to - from, e.first_seen_behind());
        } else {
          block.add(reasons.key(e.since_name, e.since_stack), to - from);
        }
        break;
      case GoState::kSyscall:
        add_syscall(e.p_lost(), from, to);
        break;
      case GoState::kUndetermined:
      case GoState::kNotExist:
        break;
    }
  }
  int64_t accounted() const { return exec + sched_wait + syscall + syscall_block + block.total(); }
  void clear() {
    exec = sched_wait = syscall = syscall_block = 0;
    block.clear();
    ranges.clear();
  }

 private:
  void add_syscall(int64_t p_lost, int64_t from, int64_t to) {
    if (p_lost == kNever) {
      syscall += to - from;
      return;
    }
    const int64_t lost = p_lost < from ? from : p_lost;
    syscall += lost - from;
    syscall_block += to - lost;
  }
};

}  // namespace tracetool
