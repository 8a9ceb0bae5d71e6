// From a report to its output: sorting, cutting, rendering as the user wants it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options/invocation.h"
#include "parser/trace_reader.h"
#include "reports/formats/json.h"
#include "reports/model/table.h"

namespace tracetool {

/// What JSON says of an input before it is read.
JsonHeader input_header(const TraceReader& reader, const Invocation& invocation);
/// What is wrong with it, a sentence each.
std::vector<std::string> fault_texts(const CaptureFacts& facts);

/// Whether text gets colours.
bool wants_colour(const Invocation& invocation, const Io& io);

/// Applies --table, --columns, --sort and --top. A message if a name is not known.
std::optional<std::string> arrange(Report& report, const Settings& settings);

/// Arranges and renders a report that was made of others, with `code` as the exit code if all goes
/// well; tells which checks failed.
int write_made(Report& report, JsonHeader header, int code, const Invocation& invocation, Io& io);

/// "tracetool COMMAND: message" and the exit code for it.
int usage_error(const Invocation& invocation, Io& io, const std::string& message);

/// Reads facts, prints faults, arranges and renders; the exit code.
/// `code`: what report_faults() made of the faults.
int write_report(Report& report, const TraceReader& reader, int code, const Invocation& invocation,
                 Io& io);
int write_report(Report& report, const TraceReader& reader, const Invocation& invocation, Io& io);

}  // namespace tracetool
