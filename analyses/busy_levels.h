// For how long how many Ps ran the program at once, and for how long Ps were idle though goroutines
// wanted one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tracetool {

class BusyLevels {
 public:
  /// What held for `time` ns.
  void pass(int64_t time, int busy, int idle, bool runnable, bool stopped) {
    at(levels_, busy) += time;
    if (!stopped) at(runnable ? wanted_ : unwanted_, idle) += time;
  }
  /// In this part of the trace, with nobody busy.
  int64_t nobody() const { return levels_.empty() ? 0 : levels_[0]; }
  /// A P turns out to have run the program since the begin of this part.
  void raise_busy() { levels_.insert(levels_.begin(), 0); }
  /// A P turns out not to have been idle since the begin of this part.
  void lower_idle() {
    for (std::vector<int64_t>* idle : {&wanted_, &unwanted_}) {
      if (idle->size() < 2) continue;
      (*idle)[1] += (*idle)[0];
      idle->erase(idle->begin());
    }
  }
  /// A goroutine turns out to have been runnable since the begin of this part.
  void want() {
    for (size_t i = 0; i < unwanted_.size(); ++i) at(wanted_, static_cast<int>(i)) += unwanted_[i];
    unwanted_.clear();
  }
  /// Ends this part: what it holds is final.
  void settle() {
    for (size_t k = 0; k < levels_.size(); ++k) at(final_, static_cast<int>(k)) += levels_[k];
    for (size_t i = 1; i < wanted_.size(); ++i) idle_while_runnable_ += wanted_[i];
    levels_.clear();
    wanted_.clear();
    unwanted_.clear();
  }
  /// After settle(): time by number of busy Ps.
  const std::vector<int64_t>& levels() const { return final_; }
  int64_t idle_while_runnable() const { return idle_while_runnable_; }

 private:
  static int64_t& at(std::vector<int64_t>& v, int i) {
    const auto n = static_cast<size_t>(std::max(0, i));
    if (n >= v.size()) [[unlikely]]
      v.resize(n + 1);
    return v[n];
  }
  std::vector<int64_t> levels_, final_;     // by busy Ps
  std::vector<int64_t> wanted_, unwanted_;  // by idle Ps: while goroutines were runnable, or not
  int64_t idle_while_runnable_ = 0;
};

}  // namespace tracetool
