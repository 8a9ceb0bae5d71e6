// Tables for comments on pull requests (GitHub flavoured Markdown).
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "reports/model/table.h"

namespace tracetool {

struct MarkdownOptions {
  size_t max_rows = 0;   // per table; 0 is all
  bool stacks = false;   // all frames in the cell
  bool figures = false;  // list the figures of plots too
  bool explain = false;  // print what tables and columns mean
};

void write_markdown(std::ostream& out, const Table& table, const MarkdownOptions& options = {});
/// All tables with a blank line between them.
void write_markdown(std::ostream& out, const Report& report, const MarkdownOptions& options = {});

/// Text that shows as it is: no markup, no HTML, no links, no mentions, no end of the table cell.
std::string escape_markdown(std::string_view text);

}  // namespace tracetool
