// Traces that are made to be dear: each repeats what would make some pass do much, or keep much.
#pragma once

#include <vector>

#include "tests/support/trace_builder.h"

namespace tracetool::test {

struct Shape {
  const char* what;
  Bytes (*make)(int n);
  int n;
  bool damaged = false;
};

const std::vector<Shape>& all_shapes();

}  // namespace tracetool::test
