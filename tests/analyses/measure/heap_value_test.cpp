// Heap sizes as the runtime writes them.
#include "analyses/measure/heap_value.h"

#include <catch2/catch.hpp>

namespace tracetool {

TEST_CASE("heap values: a pebibyte is a size, more is none") {
  CHECK(heap_bytes(0) == 0);
  CHECK(heap_bytes(4096) == 4096);
  CHECK(heap_bytes(uint64_t{1} << 50) == int64_t{1} << 50);
  CHECK_FALSE(heap_bytes((uint64_t{1} << 50) + 1).has_value());
  CHECK_FALSE(heap_bytes(UINT64_MAX).has_value());
}

TEST_CASE("heap values: a goal of 0 is none") {
  CHECK_FALSE(heap_goal(0).has_value());
  CHECK(heap_goal(1) == 1);
  CHECK_FALSE(heap_goal(UINT64_MAX).has_value());
}

TEST_CASE("heap values: sums stay at the ends of their range") {
  int64_t sum = 5;
  add_bytes(sum, 7);
  CHECK(sum == 12);
  add_bytes(sum, INT64_MAX);
  CHECK(sum == INT64_MAX);
  sum = -5;
  add_bytes(sum, INT64_MIN);
  CHECK(sum == INT64_MIN);
}

TEST_CASE("heap values: a sum with one that cannot be is none") {
  HeapSum sum, none, whole;
  CHECK(sum.bytes() == 0);
  sum.add(3);
  sum.add(4);
  CHECK(sum.bytes() == 7);
  none.add(UINT64_MAX);
  none.add(3);
  CHECK_FALSE(none.bytes().has_value());
  whole.add(sum);
  whole.add(sum);
  CHECK(whole.bytes() == 14);
  whole.add(none);
  CHECK_FALSE(whole.bytes().has_value());
}

}  // namespace tracetool
