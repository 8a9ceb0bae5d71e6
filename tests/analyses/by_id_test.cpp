// What is kept by ids: items that grow with them, groups of rows, pools of what comes and goes.
#include "analyses/engine/by_id.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tracetool;

TEST_CASE("by_id grows to the id that is asked for, and keeps what there is", "[by_id]") {
  std::vector<int> items;
  by_id(items, 3) = 7;
  CHECK(items == std::vector<int>{0, 0, 0, 7});
  by_id(items, 1) += 2;
  CHECK(items == std::vector<int>{0, 2, 0, 7});
  CHECK(by_id(items, 5, -1) == -1);
  CHECK(items == std::vector<int>{0, 2, 0, 7, -1, -1});
  by_id(items, 5, -1) = 4;
  CHECK(by_id(items, 5, -1) == 4);
}

TEST_CASE("Groups stand in the order in which their ids turned up, each made once", "[by_id]") {
  Groups<std::string> groups;
  int made = 0;
  const auto row = [&](const char* text) {
    return [&made, text] {
      ++made;
      return std::string(text);
    };
  };
  groups.of(9, row("nine")) += "!";
  CHECK(groups.index(0, row("none")) == 2);
  CHECK(groups.of(9, row("other")) == "nine!");
  CHECK(groups.index(9, row("other")) == 1);
  CHECK(groups[2] == "none");
  CHECK(groups.rows() == std::vector<std::string>{"nine!", "none"});
  CHECK(made == 2);
}

TEST_CASE("A pool gives numbers again, and what they stand for is as new", "[by_id]") {
  Pool<std::string> pool;
  const uint32_t first = pool.take(), second = pool.take();
  CHECK(first == 1);
  CHECK(second == 2);
  pool[first] = "a";
  pool[second] = "b";
  pool.give(first);
  CHECK(pool[second] == "b");
  CHECK(pool.take() == first);
  CHECK(pool[first].empty());
  CHECK(pool.take() == 3);
}
