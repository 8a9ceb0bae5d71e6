// For how long how many Ps ran the program at once, and for how long Ps were idle though goroutines
// wanted one.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/passes/parallelism/time_by_count.h"

namespace tracetool {

class BusyLevels {
 public:
  /// What held for `time` ns.
  void pass(int64_t time, int busy, int idle, bool runnable, bool stopped) {
    levels_.add(busy, time);
    if (!stopped) (runnable ? wanted_ : unwanted_).add(idle, time);
  }
  /// In this part of the trace, with nobody busy.
  int64_t nobody() const { return levels_.at_none(); }
  /// A P turns out to have run the program since the begin of this part.
  void raise_busy() { levels_.raise(); }
  /// A P turns out not to have been idle since the begin of this part.
  void lower_idle() {
    wanted_.lower();
    unwanted_.lower();
  }
  /// A goroutine turns out to have been runnable since the begin of this part.
  void want() {
    unwanted_.drain([this](int idle, int64_t time) { wanted_.add(idle, time); });
  }
  /// Ends this part: what it holds is final.
  void settle() {
    levels_.drain([this](int busy, int64_t time) {
      const auto n = static_cast<size_t>(busy);
      if (n >= final_.size()) final_.resize(n + 1);
      final_[n] += time;
    });
    wanted_.drain([this](int idle, int64_t time) { idle_while_runnable_ += idle > 0 ? time : 0; });
    unwanted_.drain([](int, int64_t) {});
  }
  /// After settle(): time by number of busy Ps.
  const std::vector<int64_t>& levels() const { return final_; }
  int64_t idle_while_runnable() const { return idle_while_runnable_; }

 private:
  TimeByCount levels_;             // by busy Ps
  TimeByCount wanted_, unwanted_;  // by idle Ps: while goroutines were runnable, or not
  std::vector<int64_t> final_;     // by busy Ps
  int64_t idle_while_runnable_ = 0;
};

}  // namespace tracetool
