// Tables for terminals.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "reports/model/table.h"

namespace tracetool {

struct TextOptions {
  size_t width = 0;  // terminal columns; 0 is as wide as it takes, less than 24 counts as 24
  bool colour = false;
  size_t max_rows = 0;   // per table; 0 is all
  bool stacks = false;   // all frames below the row
  bool figures = false;  // list the figures of plots too
  bool explain = false;  // print what tables and columns mean
  bool brief = false;    // do not name the columns that did not fit
};

void write_text(std::ostream& out, const Table& table, const TextOptions& options = {});
/// All tables with a blank line between them.
void write_text(std::ostream& out, const Report& report, const TextOptions& options = {});

/// Whether a column holds numbers, which stand at the right.
bool is_numeric(const Table& table, size_t column);

}  // namespace tracetool
