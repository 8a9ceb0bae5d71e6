// Reads what write_json wrote, so that results can be kept and compared without their captures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/table.h"

namespace tracetool {

struct SavedReport {
  Report report;
  std::string command, input;
  std::optional<double> duration_ns;  // as far as it was read; none if not about one capture
  std::vector<std::string> selection;
  bool damaged = false;  // there were faults
  bool cut = false;      // tables without some of their rows
  std::string error;     // why it cannot be used; "" if it can
};
/// Whether the text may be such a file: its first character says so.
bool looks_saved(std::string_view start);
/// Cells may take `most_memory` bytes: a table of many columns and rows is small as text.
SavedReport read_saved(std::string_view text, uint64_t most_memory = UINT64_MAX);
/// Bytes of text that may be read within that memory.
uint64_t most_saved_text(uint64_t most_memory);

}  // namespace tracetool
