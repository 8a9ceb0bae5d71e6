// What the rules of `findings` measure, as figures: whether or not they are beyond a threshold, so
// that captures can be told apart by what is wrong with their programs.
#pragma once

#include <string>
#include <vector>

#include "analyses/findings/findings.h"
#include "reports/model/table.h"

namespace tracetool {

/// A rule about the program, and what it says about one report.
struct Problem {
  const FindingRule* rule = nullptr;
  std::string column;  // "gc_assist", in the table of problems
  bool known = true;   // the report has the tables that it reads
  std::optional<Measured> measured;
  double severity = 0;  // 0 if it was not found at all
  bool found = false;   // it is a finding
};
std::vector<Problem> problems_of(const Report& report);

/// Id of their table.
inline constexpr const char* kProblems = "problems";
/// Adds table `problems`: one row; for each rule its figure (none where the capture does not tell)
/// and whether it is a finding, and how many are. Where the report lacks tables, the rules that
/// read them are not in it, nor is how many there are: nothing was found because nobody looked.
void add_problems(Report& report);

}  // namespace tracetool
