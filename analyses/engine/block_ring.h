// Hands blocks from the reading thread to those that analyse them.
#pragma once

#include <functional>
#include <vector>

#include "parser/trace_reader.h"

namespace tracetool {

struct BlockPlan {
  /// Called with each block before the consumers, on the reading thread; may be empty.
  std::function<void(Block&)> prepare;
  /// Each sees all blocks, in order, always on the same thread. Answers false if it needs no more.
  std::vector<std::function<bool(const Block&)>> consumers;
};

/// Reads the whole capture, or until no consumer needs more. With one thread all happens in turns
/// on the calling one; with more, each consumer has a thread (the first has the calling one) and
/// reading happens beside them.
void run_blocks(TraceReader& reader, int threads, const std::function<void(uint64_t)>& progress,
                const BlockPlan& plan);

}  // namespace tracetool
