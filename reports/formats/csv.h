// One table as CSV (RFC 4180) for spreadsheets and scripts.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "reports/model/table.h"

namespace tracetool {

/// A header of column ids, then raw numbers in base units, in the order of `sort_by`. No value is
/// an empty field; the frames of a stack are joined with ";", innermost first.
void write_csv(std::ostream& out, const Table& table);

/// Text as it stands in a field, before quotes. Line breaks and tabs are kept, other control
/// characters and invalid UTF-8 are made visible. What a spreadsheet would take for a formula, or
/// a build service for a command, has a ' before it; so has what begins with one.
std::string csv_safe(std::string_view text);

}  // namespace tracetool
