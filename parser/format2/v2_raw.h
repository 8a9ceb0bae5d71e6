// The wire events of format 2 one by one, as they stand in the file: for looking at captures that
// the ordering reader rejects, and for fixtures.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "parser/input/byte_source.h"
#include "parser/model/fault.h"

namespace tracetool {

/// Calls `line` for each wire event from behind the header on, in the text form of Go's raw traces
/// ("GoStart dt=12 g=5 g_seq=3") and with the event's offset as a comment ("# 0x1a2f"). Several
/// lines for events that carry data. `line` answers false to stop. A fault where the file cannot be
/// followed any further.
std::optional<Fault> read_raw2(ByteSource& source, int version,
                               const std::function<bool(std::string_view)>& line);

}  // namespace tracetool
