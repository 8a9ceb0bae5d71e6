// Moments of a report as times of day.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "reports/model/table.h"

namespace tracetool {

/// ns since 1970 at a moment in ns since the first event; nothing where that is not known.
using WallOf = std::function<std::optional<int64_t>(int64_t)>;

/// Puts a column "..._wall" beside each column of moments; behind all where the table is a curve,
/// whose first two columns mean something. `iso`: with date and ns, for machines; otherwise without
/// the date where all are of one day, which a note then says.
void add_wall_columns(Report& report, const WallOf& wall, bool iso);

}  // namespace tracetool
