// From a report to its output: sorting, cutting, rendering as the user wants it.
#pragma once

#include <optional>
#include <string>

#include "cli/commands.h"
#include "parser/trace_reader.h"
#include "reports/table.h"

namespace tracetool {

/// Applies --table, --columns, --sort and --top. A message if a name is not known.
std::optional<std::string> arrange(Report& report, const Settings& settings);

/// Reads facts, prints faults, arranges and renders; the exit code.
int write_report(Report& report, const TraceReader& reader, const Invocation& invocation, Io& io);

}  // namespace tracetool
