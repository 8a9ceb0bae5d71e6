// Results of checks in the forms that build servers read.
#pragma once

#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "reports/checks/rule.h"

namespace tracetool {

struct CheckFormat {
  const char* name;
  void (*write)(std::ostream& out, const std::vector<CheckResult>& results);
};
std::span<const CheckFormat> check_formats();
/// nullptr if none has that name.
const CheckFormat* find_check_format(std::string_view name);

/// JUnit XML: a suite for each input, a test case for each result.
void write_junit(std::ostream& out, const std::vector<CheckResult>& results);
/// GitHub workflow commands: an annotation for each result that failed.
void write_github(std::ostream& out, const std::vector<CheckResult>& results);

}  // namespace tracetool
