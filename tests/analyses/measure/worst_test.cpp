// The N longest of many.
#include "analyses/measure/worst.h"

#include <catch2/catch.hpp>
#include <string>

namespace tracetool {
namespace {

struct Item {
  int64_t duration;
  char tag;
};

/// Tags of the `n` longest, longest first. An item is called by its place: a, b, c, …
std::string longest(size_t n, const std::vector<int64_t>& durations) {
  Worst<Item> worst(n);
  char tag = 'a';
  for (const int64_t duration : durations) {
    if (duration > worst.threshold()) worst.add({duration, tag});
    ++tag;
  }
  std::string out;
  for (const Item& item : worst.sorted()) out += item.tag;
  return out;
}

}  // namespace

TEST_CASE("worst: the longest are kept, longest first") {
  CHECK(longest(2, {5, 7, 6, 9}) == "db");
  CHECK(longest(3, {5, 7, 6, 9}) == "dbc");
  CHECK(longest(9, {5, 7, 6, 9}) == "dbca");
  CHECK(longest(2, {}).empty());
}

TEST_CASE("worst: among equals the earlier ones are kept, and stand first") {
  CHECK(longest(3, {4, 4, 4, 4, 4}) == "abc");
  CHECK(longest(2, {5, 5, 7}) == "ca");
  CHECK(longest(3, {5, 5, 5, 7}) == "dab");
  CHECK(longest(4, {3, 5, 3, 5, 3, 9, 5}) == "fbdg");
  CHECK(longest(5, {3, 3, 3, 3, 3, 9, 9}) == "fgabc");
}

TEST_CASE(
    "worst: nothing enters that does not last longer than the shortest once there are enough") {
  Worst<Item> worst(2);
  CHECK(worst.threshold() == 0);
  worst.add({5, 'a'});
  CHECK(worst.threshold() == 0);
  worst.add({8, 'b'});
  CHECK(worst.threshold() == 5);
  worst.add({7, 'c'});
  CHECK(worst.threshold() == 7);
}

}  // namespace tracetool
