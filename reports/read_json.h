// Reads what write_json wrote, so that results can be kept and compared without their captures.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/table.h"

namespace tracetool {

struct SavedReport {
  Report report;
  std::string command, input;
  std::optional<double> duration_ns;  // none in what is not about one capture
  std::vector<std::string> selection;
  bool damaged = false;  // there were faults
  bool cut = false;      // tables without some of their rows
  std::string error;     // why it cannot be used; "" if it can
};
/// Whether the text may be such a file: its first character says so.
bool looks_saved(std::string_view start);
SavedReport read_saved(std::string_view text);

}  // namespace tracetool
