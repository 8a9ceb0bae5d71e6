// One table as CSV (RFC 4180) for spreadsheets and scripts.
#pragma once

#include <ostream>

#include "reports/table.h"

namespace tracetool {

/// A header of column ids, then raw numbers in base units, in the order of `sort_by`. No value is
/// an empty field; the frames of a stack are joined with ";", innermost first. Line breaks and tabs
/// in text are kept, other control characters and invalid UTF-8 are made visible.
void write_csv(std::ostream& out, const Table& table);

}  // namespace tracetool
