// Stacks as table cells.
#pragma once

#include "parser/tables.h"
#include "reports/table.h"

namespace tracetool {

/// "function file:line" a frame, innermost first; no frames for stack 0.
StackCell stack_cell(const Tables& tables, StackId stack);

}  // namespace tracetool
