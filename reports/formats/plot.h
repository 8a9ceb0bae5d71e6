// A curve drawn with characters.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/model/table.h"

namespace tracetool {

/// The first column of `table` as x, the second as y, in about 16 lines of at most `width` columns.
/// Where several points share a column, the bar ends at the lowest and a shade reaches to the
/// highest. Empty when there is nothing to draw.
std::vector<std::string> plot(const Table& table, size_t width);

}  // namespace tracetool
