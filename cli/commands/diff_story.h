// What `diff` knows beyond figures: problems as `findings` sees them, whose rows are the program's
// own, and where to look.
#pragma once

#include "cli/commands/fail_on.h"
#include "reports/compare/verdict.h"

namespace tracetool {

VerdictOptions verdict_options(const LoadedSide& before, const LoadedSide& after);

/// The rules of findings leave out a figure where there is next to nothing of the problem.
bool tells_no_problem_by_absence(const Series& series);

/// Rows of the runtime's own goroutines matter less than those of the program.
double interest_in(const Series& series);

}  // namespace tracetool
