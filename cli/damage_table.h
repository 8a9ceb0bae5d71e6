#pragma once

#include "parser/trace_reader.h"
#include "reports/table.h"

namespace tracetool {

/// What is wrong with the input, a row each.
Table damage_table(const CaptureFacts& facts);

}  // namespace tracetool
