// Rules in a file, as docs/ci.md describes them.
#pragma once

#include <string>
#include <vector>

#include "reports/checks/rule.h"

namespace tracetool {

/// Appends the rules of a JSON file; a message that names the file if there is anything wrong.
std::string read_rules(const std::string& path, std::vector<Rule>& rules);

}  // namespace tracetool
