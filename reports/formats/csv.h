// One table as CSV (RFC 4180) for spreadsheets and scripts.
#pragma once

#include <ostream>

#include "reports/formats/table_format.h"

namespace tracetool {

/// A header of column ids, then raw numbers in base units, in the order of `sort_by`. No value is
/// an empty field; the frames of a stack are joined with ";", innermost first.
void write_csv(std::ostream& out, const Table& table);
extern const TableFormat csv_format;

}  // namespace tracetool
