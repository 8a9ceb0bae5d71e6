// For how long how many Ps ran the program at once, and for how long Ps were idle though goroutines
// wanted one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analyses/engine/by_id.h"

namespace tracetool {

class BusyLevels {
 public:
  /// What held for `time` ns.
  void pass(int64_t time, int busy, int idle, bool runnable, bool stopped) {
    const auto level = static_cast<size_t>(std::max(0, busy));
    by_id(levels_, level) += time;
    if (runnable && idle > 0 && !stopped) idle_while_runnable_ += time;
  }
  /// Time by number of busy Ps.
  const std::vector<int64_t>& levels() const { return levels_; }
  int64_t idle_while_runnable() const { return idle_while_runnable_; }

 private:
  std::vector<int64_t> levels_;  // by busy Ps
  int64_t idle_while_runnable_ = 0;
};

}  // namespace tracetool
