#pragma once

#include <vector>

#include "cli/commands/commands.h"
#include "reports/checks/rule.h"

namespace tracetool {

/// Writes the tables and then the results of checks in the form that was asked for. The exit code:
/// `code`, or that of a failed check.
int write_checks(std::vector<Table> tables, const std::vector<CheckResult>& results, int code,
                 const Invocation& invocation, Io& io);

}  // namespace tracetool
