// Hands blocks from the reading thread to the one that analyses them.
#pragma once

#include <functional>

#include "parser/trace_reader.h"

namespace tracetool {

/// Reads the whole capture and calls `consume` with each block, in order, on the calling thread.
/// With more than one thread the reading happens beside it. `consume` answers false to stop.
void run_blocks(TraceReader& reader, int threads, const std::function<void(uint64_t)>& progress,
                const std::function<bool(Block&)>& consume);

}  // namespace tracetool
