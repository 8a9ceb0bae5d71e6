// Cells: stacks that share their frames.
#include <catch2/catch.hpp>

#include "reports/formats/read_json.h"
#include "reports/model/cell.h"

using namespace tracetool;

TEST_CASE("A frame is a function and a place, and the same text again") {
  struct Case {
    const char* text;
    const char* function;
    const char* file;  // null for none
    uint64_t line;
  };
  const Case cases[] = {
      {"main.f /a b/c.go:12", "main.f /a", "b/c.go", 12},
      {"main.f :0", "main.f", "", 0},
      {" x:1", "", "x", 1},
      {"main.f a.go:18446744073709551615", "main.f", "a.go", UINT64_MAX},
      {"main.f a.go:18446744073709551616", "main.f a.go:18446744073709551616", nullptr, 0},
      {"main.f a.go:01", "main.f a.go:01", nullptr, 0},
      {"main.f a.go:-1", "main.f a.go:-1", nullptr, 0},
      {"main.f a.go:", "main.f a.go:", nullptr, 0},
      {"main.f a:1 b", "main.f a:1 b", nullptr, 0},
      {"main.f", "main.f", nullptr, 0},
      {"", "", nullptr, 0},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const FrameCell frame{std::string_view(c.text)};
    CHECK(*frame.function == c.function);
    CHECK((frame.file != nullptr) == (c.file != nullptr));
    if (frame.file != nullptr && c.file != nullptr) CHECK(*frame.file == c.file);
    CHECK(frame.line == c.line);
    CHECK(frame.text() == c.text);
  }
}

TEST_CASE("Stacks are compared by what they say, shared or not") {
  const StackCell stacks[] = {{},           {"a"},        {"a", "b"}, {"a x.go:1"},
                              {"a x.go:2"}, {"a y.go:1"}, {"b"}};
  for (const StackCell& a : stacks) {
    for (const StackCell& b : stacks) {
      INFO((a.empty() ? "" : a.front().text()) << " and " << (b.empty() ? "" : b.front().text()));
      CHECK((a == b) == (&a == &b));
      CHECK((a < b) == (&a < &b));
    }
  }
  CHECK(StackCell{"a x.go:1", "b"} == StackCell{"a x.go:1", "b"});
  CHECK_FALSE(StackCell{"a x.go:1", "b"} < StackCell{"a x.go:1", "b"});
  CHECK(StackCell{"a", "b"}.size() == 2);
  CHECK(StackCell{}.size() == 0);
  CHECK(StackCell(StackCell::Frames{}).empty());
}

TEST_CASE("Saved results share the frames that rows have in common") {
  const std::string row = R"({"stack":["main.f a.go:1","main.g a.go:1"]})";
  const SavedReport saved =
      read_saved(R"({"schema":"tracetool-report","schema_version":1,"tables":{"t":{"columns":)"
                 R"([{"id":"stack"}],"rows":[)" +
                 row + "," + row + "]}}}");
  REQUIRE(saved.error.empty());
  const auto& rows = saved.report.tables.at(0).rows;
  const auto& first = std::get<StackCell>(rows.at(0).at(0)).list();
  const auto& second = std::get<StackCell>(rows.at(1).at(0)).list();
  CHECK(first.at(0) == second.at(0));
  CHECK(first.at(1) == second.at(1));
  CHECK(first.at(0)->file == first.at(1)->file);
  CHECK(first.at(0)->text() == "main.f a.go:1");
}

TEST_CASE("Saved results that are none say what is wrong where") {
  const auto error = [](const std::string& tables) {
    return read_saved(R"({"schema":"tracetool-report","schema_version":1,)" + tables + "}").error;
  };
  CHECK(error(R"("tables":{})").empty());
  CHECK(error(R"("other":1)") == "damaged JSON: no tables");
  CHECK(error(R"("tables":1)") == "damaged JSON: \"tables\" of another kind");
  CHECK(error(R"("tables":[])") == "damaged JSON: \"tables\" of another kind");
  CHECK(error(R"("tables":{"t":1})") == "damaged JSON: a table that is no object");
  CHECK(error(R"("tables":{"t":{}})") == "damaged JSON: table t without columns");
  CHECK(error(R"("tables":{"t":{"columns":[]}})") == "damaged JSON: table t without rows");
  CHECK(error(R"("tables":{"t":{"rows":[],"columns":[]}})") ==
        "damaged JSON: rows before their columns");
  CHECK(error(R"("tables":{"t":{"columns":[1],"rows":[]}})") ==
        "damaged JSON: a column that is no object");
  CHECK(error(R"("tables":{"t":{"columns":[{"unit":"ns"}],"rows":[]}})") ==
        "damaged JSON: a column without an id");
  CHECK(error(R"("tables":{"t":{"columns":[],"rows":[[]]}})") ==
        "damaged JSON: a list where an object belongs");
  CHECK(error(R"("tables":{"t":{"columns":[{"id":"a"}],"rows":[{"a":{}}]}})") ==
        "damaged JSON: a cell that is an object");
  CHECK(error(R"("tables":{"t":{"columns":[{"id":"a"}],"rows":[{"a":[1]}]}})") ==
        "damaged JSON: a frame that is no text");
  CHECK(error(R"("selection":[1],"tables":{})") == "damaged JSON: \"selection\" is no text");
  CHECK(error(R"("faults":[{"a":[1]}],"tables":{})").empty());
  CHECK(read_saved("[]").error == "damaged JSON: a list");
  CHECK(read_saved("1").error == "damaged JSON: no object");
  CHECK(read_saved(R"({"schema":"x"})").error ==
        "JSON, but not written by tracetool analyze --format json");
  CHECK(read_saved(R"({"schema":"tracetool-report","schema_version":2,"tables":{}})").error ==
        "saved results of schema version 2; this program reads 1");
}

TEST_CASE("Cells of saved rows are found by name, whatever their order") {
  const SavedReport saved =
      read_saved(R"({"schema":"tracetool-report","schema_version":1,"tables":{"t":{"columns":)"
                 R"([{"id":"a"},{"id":"b"},{"id":"c"}],"rows":[{"c":3,"x":9,"a":1.5,"b":"two"},)"
                 R"({"b":true},{"a":null,"c":18446744073709551615}]}}})");
  REQUIRE(saved.error.empty());
  const auto& rows = saved.report.tables.at(0).rows;
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == std::vector<Cell>{1.5, "two", int64_t{3}});
  CHECK(rows[1] == std::vector<Cell>{Cell(), int64_t{1}, Cell()});
  CHECK(rows[2] == std::vector<Cell>{Cell(), Cell(), 18446744073709551615.0});
}
