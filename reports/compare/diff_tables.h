// A comparison as tables: the verdict in a few lines, all figures, means over rows.
#pragma once

#include <vector>

#include "reports/compare/compare.h"
#include "reports/compare/verdict.h"
#include "reports/model/table.h"

namespace tracetool {

struct DiffNotes {
  std::string before, after;  // what the sides are
  CompareOptions options;
  size_t before_n = 1, after_n = 1, slices = 0;
  double before_seconds = 0, after_seconds = 0;  // lengths, medians
  VerdictOptions verdict = {};
  std::vector<std::string> more = {};  // what else has to be known
};

/// Tables "verdict", "changes" and "geomeans". Rows of changes are made when they are written: the
/// comparisons must live as long.
std::vector<Table> diff_tables(const Comparisons& comparisons, const DiffNotes& notes);

}  // namespace tracetool
