// `diff --fail-on`: conditions on how figures changed.
#pragma once

#include <string>
#include <vector>

#include "cli/io/load_report.h"
#include "reports/checks/rule.h"

namespace tracetool {

/// Captures of one side, and what their growing figures are divided by.
struct LoadedSide {
  std::vector<LoadedReport> reports;
  std::vector<double> divisors;
  std::vector<LoadedReport> slices = {};  // of the only one
};

/// What is wrong with "FIGURE > +10%"; the rule is filled in if nothing is.
std::string parse_fail_on(const std::string& text, const Report& empty, Rule& rule);

/// A result for each figure that the condition names: failed when the condition holds, for several
/// captures only where the change is significant. `per` is what the divisors count.
std::vector<CheckResult> check_change(const Rule& rule, const LoadedSide& before,
                                      const LoadedSide& after, const std::string& per,
                                      double alpha);

}  // namespace tracetool
