#include "tests/support/examples.h"

#include <catch2/catch.hpp>

using namespace tracetool::test;

TEST_CASE("an example of a page is the whole output but for what it leaves out", "[docs]") {
  const TextLines output = {"title", "a 1", "b 2", "", "c 3", "note"};
  CHECK(first_wrong(output, output) == "");
  CHECK(first_wrong({"title", "…", "c 3", "note", ""}, output) == "");
  CHECK(first_wrong({"…", "b 2", "", "c 3", "…"}, output) == "");
  CHECK(first_wrong({"…", "note"}, output) == "");
  CHECK(first_wrong({"…"}, output) == "");
  // A line that is not there, one that is not told, one that changed, one out of order.
  CHECK(first_wrong({"title", "a 1", "b 2", "", "c 3", "d 4", "note"}, output) == "d 4");
  CHECK(first_wrong({"title", "b 2", "", "c 3", "note"}, output) == "b 2");
  CHECK(first_wrong({"title", "a 1", "b 9", "…"}, output) == "b 9");
  CHECK(first_wrong({"title", "…", "c 3", "b 2", "…"}, output) == "c 3");
  CHECK(first_wrong({"a 1", "…"}, output) == "a 1");
  CHECK(first_wrong({"title", "a 1"}, output) == "(the end)");
  CHECK(first_wrong({"…", "c 3"}, output) == "c 3");
  CHECK(first_wrong({}, output) == "(the end)");
}

TEST_CASE("an example that is updated leaves out what it left out before", "[docs]") {
  const TextLines output = {"title", "a 1", "b 2", "", "c 3", "note"};
  const auto now = [&](const TextLines& example) {
    const TextLines out = updated(example, output);
    CHECK(first_wrong(out, output) == "");
    return out;
  };
  CHECK(now({}) == output);
  CHECK(now({"title", "a 9", "b 9", "", "c 9", "note"}) == output);
  CHECK(now({"title", "…", "note"}) == TextLines{"title", "…", "note"});
  CHECK(now({"title", "a 9", "…", "note"}) == TextLines{"title", "a 1", "…", "note"});
  CHECK(now({"…", "c 3", "…"}) == TextLines{"…", "c 3", "…"});
  CHECK(now({"title", "a 1", "gone", "b 2", "…"}) == TextLines{"title", "a 1", "b 2", "…"});
}
