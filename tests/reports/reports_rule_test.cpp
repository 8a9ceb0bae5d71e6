#include <catch2/catch.hpp>

#include "reports/checks/rule.h"

using namespace tracetool;

TEST_CASE("an operator stands outside of keys and quotes", "[reports]") {
  const auto parts = [](std::string_view text) {
    Rule rule;
    const std::string error = parse_rule(text, rule);
    return error.empty()
               ? (rule.optional ? "? " : "") + rule.figure + " | " + rule.op + " | " + rule.limit
               : error;
  };
  CHECK(parts("sched.p99<1ms") == "sched.p99 | < | 1ms");
  CHECK(parts(" optional sched.p99  >= 1ms ") == "? sched.p99 | >= | 1ms");
  CHECK(parts("tasks[type=load].count == 5") == "tasks[type=load].count | == | 5");
  CHECK(parts("tasks[type=\"a<b\"].count != 5") == "tasks[type=\"a<b\"].count | != | 5");
  CHECK(parts("tasks['it\"s > it'].count > 5") == "tasks['it\"s > it'].count | > | 5");
  const std::string form = "; write FIGURE < VALUE, with <, <=, >, >=, == or !=";
  CHECK(parts("sched.p99 = 1ms") == "\"sched.p99 = 1ms\" has no comparison" + form);
  CHECK(parts("sched.p99 ! 1ms") == "\"sched.p99 ! 1ms\" has no comparison" + form);
  CHECK(parts("sched.p99 =") == "\"sched.p99 =\" has no comparison" + form);
  CHECK(parts("< 1ms") == "\"< 1ms\" names no figure" + form);
  CHECK(parts("sched.p99 <=") == "\"sched.p99 <=\" has no value" + form);
}
