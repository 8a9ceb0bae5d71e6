// Which changes are worth telling first.
#pragma once

#include <vector>

#include "reports/compare.h"

namespace tracetool {

/// Fills in effects and weights. Time weighs what it takes of a second, in rows that names tell
/// apart twice as much as in totals; what is no time weighs little, by how many times it changed.
void weigh(std::vector<Comparison>& all, const CompareOptions& options);

}  // namespace tracetool
