// One more way in which text shows a table, for few rows of much text.
#pragma once

#include "reports/table.h"

namespace tracetool {

/// A paragraph a row: number, headline, a sentence, then each further column of rank 0 by its
/// heading. Columns of higher rank are left to formats for machines. Without rows only the notes.
constexpr Layout kListLayout = Layout{static_cast<uint8_t>(Layout::kLogPlot) + 1};

}  // namespace tracetool
