// Reads what write_json wrote, so that results can be kept and compared without their captures.
#pragma once

#include <string>
#include <string_view>

#include "reports/table.h"

namespace tracetool {

struct SavedReport {
  Report report;
  std::string command, input;
  double duration_ns = 0;
  bool damaged = false;  // there were faults
  std::string error;     // why it cannot be used; "" if it can
};
/// Whether the text may be such a file: its first character says so.
bool looks_saved(std::string_view start);
SavedReport read_saved(std::string_view text);

}  // namespace tracetool
