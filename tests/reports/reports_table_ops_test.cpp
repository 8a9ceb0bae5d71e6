#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "reports/model/table_ops.h"
#include "reports/words/suggest.h"

using namespace tracetool;

namespace {

Table sample(int rows) {
  Table table;
  table.id = "goroutines";
  table.columns = {{"start", "Start", Unit::kNone, Role::kKey},
                   {"count", "Count", Unit::kCount, Role::kSum},
                   {"exec_ns", "Exec", Unit::kNanoseconds, Role::kSum},
                   {"longest_ns", "Longest", Unit::kNanoseconds, Role::kMax},
                   {"shortest_ns", "Shortest", Unit::kNanoseconds, Role::kMin},
                   {"mean_ns", "Mean", Unit::kNanoseconds, Role::kStat}};
  for (int64_t i = 0; i < rows; ++i) {
    table.rows.push_back({"main.f" + std::to_string(i), i + 1, i * 10, i * 3, i + 5, 1.5});
  }
  return table;
}

std::string key(const Table& table, size_t row) {
  return std::get<std::string>(table.rows[row][0]);
}

int64_t whole(const Cell& cell) { return std::get<int64_t>(cell); }

}  // namespace

TEST_CASE("sorting is stable, natural, and puts missing values last", "[reports]") {
  Table table;
  table.columns = {{"name", "Name"}, {"v", "V"}};
  table.rows = {{"f10", int64_t{1}},   {"f2", Cell()},     {"f1", 1.0},
                {"f02", std::nan("")}, {"g", int64_t{-7}}, {"f3", 1.5}};
  CHECK_FALSE(sort(table, "v"));
  const auto names = [&] {
    std::string out;
    for (size_t r = 0; r < table.rows.size(); ++r) out += key(table, r) + " ";
    return out;
  };
  CHECK(names() == "f3 f10 f1 g f2 f02 ");
  CHECK_FALSE(sort(table, "v", false));
  CHECK(names() == "g f10 f1 f3 f2 f02 ");
  CHECK_FALSE(sort(table, "name", false));
  CHECK(names() == "f1 f02 f2 f3 f10 g ");
  CHECK_FALSE(sort(table, "name"));
  CHECK(names() == "g f10 f3 f2 f02 f1 ");
}

TEST_CASE("large integers sort exactly", "[reports]") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Table table;
  table.columns = {{"name", "Name"}, {"v", "V"}};
  table.rows = {{"a", kMax - 1}, {"b", kMax}, {"c", kMax - 2}};
  CHECK_FALSE(sort(table, "v"));
  CHECK(key(table, 0) == "b");
  CHECK(key(table, 2) == "c");
}

TEST_CASE("the declared order holds until the user gives another", "[reports]") {
  Table table = sample(3);
  table.sort_by = "exec_ns";
  CHECK(row_order(table) == std::vector<size_t>{2, 1, 0});
  CHECK_FALSE(sort(table, "exec_ns", false));
  CHECK(row_order(table) == std::vector<size_t>{0, 1, 2});
}

TEST_CASE("sums close after top and total", "[reports]") {
  for (int rows = 0; rows < 12; ++rows) {
    for (size_t n = 0; n < 14; ++n) {
      Table table = sample(rows);
      table.sort_by = "exec_ns";
      top(table, n);
      const auto all = static_cast<size_t>(rows);
      REQUIRE(table.rows.size() == (all <= n ? all : n + 1));
      int64_t count = 0, exec = 0;
      for (const auto& row : table.rows) {
        count += whole(row[1]);
        exec += whole(row[2]);
      }
      CHECK(count == rows * (rows + 1) / 2);
      CHECK(exec == 10 * rows * (rows - 1) / 2);
      add_total(table);
      if (rows == 0) {
        CHECK(table.rows.empty());
        continue;
      }
      const auto& total = table.rows.back();
      CHECK(std::get<std::string>(total[0]) == "total");
      CHECK(whole(total[1]) == count);
      CHECK(whole(total[2]) == exec);
      CHECK(whole(total[3]) == (rows - 1) * 3);
      CHECK(whole(total[4]) == 5);
      CHECK(std::holds_alternative<std::monostate>(total[5]));
    }
  }
}

TEST_CASE("the row for the rest is named and combined by role", "[reports]") {
  Table table = sample(40);
  table.sort_by = "exec_ns";
  top(table, 3);
  CHECK(key(table, 0) == "main.f39");
  const auto& other = table.rows.back();
  CHECK(std::get<std::string>(other[0]) == "other (37)");
  CHECK(whole(other[3]) == 36 * 3);
  CHECK(whole(other[4]) == 5);
  CHECK(std::holds_alternative<std::monostate>(other[5]));
  CHECK(row_order(table).back() == 3);
}

TEST_CASE("sums skip missing values and survive overflow", "[reports]") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Table table;
  table.columns = {{"stack", "Stack", Unit::kNone, Role::kKey},
                   {"a", "A", Unit::kCount, Role::kSum},
                   {"b", "B", Unit::kCount, Role::kSum}};
  table.rows = {{StackCell{"f"}, kMax, Cell()}, {StackCell{"g"}, kMax, Cell()}};
  add_total(table);
  CHECK(std::get<StackCell>(table.rows[2][0]) == StackCell{"total"});
  CHECK(std::get<double>(table.rows[2][1]) == 2 * static_cast<double>(kMax));
  CHECK(std::holds_alternative<std::monostate>(table.rows[2][2]));
}

TEST_CASE("columns are found by id, heading or id without unit", "[reports]") {
  const Table table = sample(1);
  CHECK(find_column(table, "exec_ns") == 2);
  CHECK(find_column(table, "exec") == 2);
  CHECK(find_column(table, "LONGEST") == 3);
  CHECK_FALSE(find_column(table, "nothing"));
  CHECK_FALSE(find_column(table, ""));
  Table copy = table;
  CHECK(sort(copy, "exce_ns") ==
        "table goroutines has no column \"exce_ns\"; did you mean \"exec_ns\"? (columns: start, "
        "count, exec_ns, longest_ns, shortest_ns, mean_ns)");
  CHECK(copy.rows == table.rows);
}

TEST_CASE("columns can be chosen", "[reports]") {
  Table table = sample(2);
  table.sort_by = "exec_ns";
  CHECK_FALSE(select_columns(table, {"count", "start"}));
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[0].id == "count");
  CHECK(whole(table.rows[0][0]) == 2);
  CHECK(select_columns(table, {"start", "exec_ns"}));
}

TEST_CASE("tables are chosen by id", "[reports]") {
  Report report{{sample(1), sample(2)}};
  report.tables[1].id = "blocking";
  CHECK(choose_table(report, "blocking").table == &report.tables[1]);
  CHECK(choose_table(report, "").error ==
        "there are several tables, name one of: goroutines, blocking");
  CHECK(choose_table(report, "blockng").error ==
        "there is no table \"blockng\"; did you mean \"blocking\"? (tables: goroutines, blocking)");
  CHECK(choose_table({}, "x").table == nullptr);
  report.tables.pop_back();
  CHECK(choose_table(report, "").table == &report.tables[0]);
}

TEST_CASE("suggestions are near and few", "[reports]") {
  const std::vector<std::string> names = {"exec_ns", "sched_wait_ns", "block_ns", "count"};
  CHECK(closest("exce_ns", names) == std::vector<std::string>{"exec_ns"});
  CHECK(closest("Sched-Wait", names) == std::vector<std::string>{"sched_wait_ns"});
  CHECK(closest("conut", names) == std::vector<std::string>{"count"});
  CHECK(closest("zzzzzz", names).empty());
  CHECK(closest("", names).empty());
  CHECK(closest("wait", {"wait_a", "wait_b", "wait_c", "wait_d"}).size() == 3);
  CHECK(did_you_mean("wait", {"wait_a", "wait_b"}) == "; did you mean \"wait_a\" or \"wait_b\"?");
}
