// The short form of a long report, for people.
#pragma once

#include "reports/model/table.h"

namespace tracetool {

/// Takes out tables without rows and those that are `detail`; a last table says which they are.
void shorten(Report& report);

}  // namespace tracetool
