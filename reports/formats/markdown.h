// Tables for comments on pull requests (GitHub flavoured Markdown).
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "reports/formats/table_format.h"

namespace tracetool {

void write_markdown(std::ostream& out, const Table& table, const RenderOptions& options = {});
/// All tables with a blank line between them.
void write_markdown(std::ostream& out, const Report& report, const RenderOptions& options = {});
extern const TableFormat markdown_format;

/// Text that shows as it is: no markup, no HTML, no links, no mentions, no end of the table cell.
std::string escape_markdown(std::string_view text);

}  // namespace tracetool
