// Two more ways in which text shows a table: for few rows of much text, and for ids to copy.
#pragma once

#include "reports/model/table.h"

namespace tracetool {

/// A paragraph a row: number, headline, a sentence, then each further column of rank 0 by its
/// heading. Columns of higher rank are left to formats for machines. Without rows only the notes.
constexpr Layout kListLayout = Layout{static_cast<uint8_t>(Layout::kLogPlot) + 1};

/// A line a row as usual, but keys are never shortened: where there is no room for everything,
/// texts go below, and a key that is too long has a line of its own.
constexpr Layout kIdLayout = Layout{static_cast<uint8_t>(Layout::kLogPlot) + 2};

}  // namespace tracetool
