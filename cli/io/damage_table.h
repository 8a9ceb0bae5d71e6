#pragma once

#include "parser/trace_reader.h"
#include "reports/model/table.h"

namespace tracetool {

/// One line about a fault for people, of at most about 1,000 characters.
std::string shown(const Fault& fault);

/// What is wrong with the input, a row each.
Table damage_table(const CaptureFacts& facts);

}  // namespace tracetool
