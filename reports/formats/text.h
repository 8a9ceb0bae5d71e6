// Tables for terminals.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "reports/formats/table_format.h"

namespace tracetool {

void write_text(std::ostream& out, const Table& table, const RenderOptions& options = {});
/// All tables with a blank line between them.
void write_text(std::ostream& out, const Report& report, const RenderOptions& options = {});
extern const TableFormat text_format;

/// Whether a column holds numbers, which stand at the right.
bool is_numeric(const Table& table, size_t column);

}  // namespace tracetool
