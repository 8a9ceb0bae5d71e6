// Counts what a piece of code does: steps, and the most memory that it has at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tracetool::test {

struct Cost {
  /// Basic blocks of the passes' code, and each 8 bytes that it copies or clears.
  uint64_t steps = 0;
  size_t memory = 0;
};

/// While one of these lives its thread is counted; all of them together since reset_cost().
class Counting {
 public:
  Counting();
  ~Counting();
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
};

void reset_cost();
Cost cost();

}  // namespace tracetool::test
