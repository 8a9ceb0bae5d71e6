// Results of checks in the forms that build servers read.
#pragma once

#include <ostream>
#include <vector>

#include "reports/checks/rule.h"

namespace tracetool {

/// JUnit XML: a suite for each input, a test case for each result.
void write_junit(std::ostream& out, const std::vector<CheckResult>& results);
/// GitHub workflow commands: an annotation for each result that failed.
void write_github(std::ostream& out, const std::vector<CheckResult>& results);

}  // namespace tracetool
