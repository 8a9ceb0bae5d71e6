#pragma once

#include "cli/commands/commands.h"
#include "parser/trace_reader.h"

namespace tracetool {

/// `events --raw`: the exit code.
int run_raw_events(TraceReader& reader, const Invocation& invocation, Io& io);

}  // namespace tracetool
