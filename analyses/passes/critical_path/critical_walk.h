// The chain that explains a stretch of a goroutine's time, walked back through those who woke it.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/measure/interval_log.h"

namespace tracetool {

/// A part of the path.
struct PathStep {
  int64_t begin, end;
  IntervalLog::Who who;
  StackId stack;
  StringId reason;
  IntervalState state;
  uint16_t depth;  // 0: the goroutine itself; 1: who it waited for; …
  int64_t length() const { return end - begin; }
};

/// Steps in order of time, that together cover [begin, end) without gaps or overlaps. The goroutine
/// `who`, whose last interval is `last`, runs at `end`, with `stack`.
///
/// A wait that a goroutine ended is replaced by what that goroutine did meanwhile, and so on. A
/// wait that the runtime ended (network, timer) remains. What happened before a goroutine was
/// created is its creator's. Before the wait began the path is back with the one who waited.
///
/// The walk visits an interval at most twice; `visited` grows by how often it did.
std::vector<PathStep> walk_back(const IntervalLog& log, IntervalId last, IntervalLog::Who who,
                                int64_t begin, int64_t end, StackId stack, uint64_t& visited);

}  // namespace tracetool
