#include <catch2/catch.hpp>
#include <deque>

#include "reports/diff_tables.h"

using namespace tracetool;

namespace {

Column column(const char* id, Role role, Unit unit = Unit::kNone, Better better = Better::kNeither,
              bool grows = false) {
  Column c;
  c.id = id;
  c.heading = id;
  c.role = role;
  c.unit = unit;
  c.better = better;
  c.grows = grows;
  return c;
}

Report waits(std::vector<std::vector<Cell>> rows) {
  Table t{.id = "wait"};
  t.columns = {column("stack", Role::kKey),
               column("total_ns", Role::kSum, Unit::kNanoseconds, Better::kLower, true),
               column("longest_ns", Role::kMax, Unit::kNanoseconds, Better::kLower),
               column("p50_ns", Role::kStat, Unit::kNanoseconds, Better::kLower),
               column("rate", Role::kStat, Unit::kPerSecond, Better::kHigher)};
  t.rows = std::move(rows);
  return {{t}};
}

std::vector<Comparison> compared(std::vector<Report> before, std::vector<Report> after,
                                 double old_length = 1, double new_length = 1) {
  // Comparisons refer to the columns of the reports.
  static std::deque<std::vector<Report>> kept;
  Side a, b;
  for (const Report& r : kept.emplace_back(std::move(before)))
    a.samples.push_back({&r, old_length});
  for (const Report& r : kept.emplace_back(std::move(after))) b.samples.push_back({&r, new_length});
  return compare(a, b, {});
}

const Comparison& find(const std::vector<Comparison>& all, const std::string& label,
                       const std::string& figure) {
  for (const Comparison& c : all) {
    if (c.series.label == label && c.series.column->id == figure) return c;
  }
  FAIL("no " << label << " " << figure);
  return all.front();
}

StackCell stack(const std::string& line) { return {"main.f a.go:" + line, "main.g b.go:7"}; }

}  // namespace

TEST_CASE("growing figures are compared per second, others as they are") {
  const auto c = compared({waits({{"a", 8'000'000, 5'000'000, 100, 50.0}})},
                          {waits({{"a", 8'000'000, 5'000'000, 100, 50.0}})}, 1, 2);
  const Comparison& total = find(c, "a", "total_ns");
  CHECK(*total.before == 8'000'000);
  CHECK(*total.after == 4'000'000);
  CHECK(*total.ratio() == -0.5);
  CHECK(*total.delta() == -4'000'000);
  CHECK(total.change == Change::kBetter);
  CHECK(name_of(total.series.measure) == "ns/s");
  CHECK(find(c, "a", "longest_ns").change == Change::kSame);
}

TEST_CASE("the column says what is worse") {
  const auto c = compared({waits({{"a", 10'000'000, 5'000'000, 100'000, 50.0}})},
                          {waits({{"a", 30'000'000, 2'000'000, 100'000, 70.0}})});
  CHECK(find(c, "a", "total_ns").change == Change::kWorse);
  CHECK(find(c, "a", "longest_ns").change == Change::kBetter);
  CHECK(find(c, "a", "p50_ns").change == Change::kSame);
  CHECK(find(c, "a", "rate").change == Change::kBetter);
}

TEST_CASE("rows are joined by functions, not by lines") {
  const auto c = compared({waits({{stack("10"), 1'000'000, 1, 1, 1.0}})},
                          {waits({{stack("99"), 1'000'000, 1, 1, 1.0}})});
  for (const Comparison& one : c) CHECK(one.change == Change::kSame);
  CHECK(c.size() == 4);
  CHECK(key_of(Cell("f 0x12ab g.go:3")) == key_of(Cell("f 0x99 g.go:7")));
  CHECK(key_of(Cell("f")) != key_of(Cell("g")));
}

TEST_CASE("two places with one name are matched in the order of their lines") {
  const auto c = compared(
      {waits({{stack("9"), 1'000'000, 1, 1, 1.0}, {stack("30"), 5'000'000, 1, 1, 1.0}})},
      {waits({{stack("130"), 5'000'000, 1, 1, 1.0}, {stack("100"), 1'000'000, 1, 1, 1.0}})});
  for (const Comparison& one : c) CHECK(one.change == Change::kSame);
  CHECK(*find(c, "main.f #1", "total_ns").before == 1'000'000);
}

TEST_CASE("if their numbers differ they are added up, and statistics are left out") {
  const auto c =
      compared({waits({{stack("9"), 1'000'000, 40, 1, 1.0}, {stack("30"), 5'000'000, 70, 1, 1.0}})},
               {waits({{stack("9"), 6'000'000, 70, 1, 1.0}})});
  CHECK(*find(c, "main.f", "total_ns").before == 6'000'000);
  CHECK(find(c, "main.f", "total_ns").change == Change::kSame);
  CHECK(*find(c, "main.f", "longest_ns").before == 70);
  CHECK_FALSE(find(c, "main.f", "p50_ns").before);
}

TEST_CASE("new and gone rows") {
  const auto c =
      compared({waits({{"a", 1'000'000, 1, 1, 1.0}})}, {waits({{"b", 1'000'000, 1, 1, 1.0}})});
  CHECK(find(c, "a", "total_ns").change == Change::kGone);
  CHECK(find(c, "b", "total_ns").change == Change::kNew);
  CHECK_FALSE(find(c, "b", "total_ns").ratio());
}

TEST_CASE("several captures a side are held against chance") {
  const auto side = [](std::vector<int64_t> totals) {
    std::vector<Report> out;
    for (const int64_t t : totals) out.push_back(waits({{"a", t * 1'000'000, 1, 1, 1.0}}));
    return out;
  };
  const auto apart = compared(side({10, 11, 12, 13}), side({20, 21, 22, 23}));
  const Comparison& c = find(apart, "a", "total_ns");
  CHECK(*c.p == Approx(2.0 / 70));
  CHECK(*c.before == 11.5e6);
  CHECK(*c.after == 21.5e6);
  CHECK(c.change == Change::kWorse);
  CHECK(c.old_n == 4);
  const auto mixed = compared(side({10, 20, 12, 22}), side({11, 21, 13, 23}));
  CHECK(find(mixed, "a", "total_ns").change == Change::kSame);
  // Three a side cannot be significant at 0.05.
  CHECK(find(compared(side({1, 2, 3}), side({7, 8, 9})), "a", "total_ns").change == Change::kSame);
}

TEST_CASE("one capture a side is held against its slices") {
  const auto one = [](int64_t total) { return waits({{"a", total * 1'000'000, 1, 1, 1.0}}); };
  const Report before = one(100), after = one(120);
  const Report low = one(15), high = one(40), higher = one(45), far = one(60);
  const auto run = [&](const Report& a, const Report& b, const Report& c, const Report& d) {
    return compare({{{&before, 1}}, {{&a, 0.25}, {&b, 0.25}}},
                   {{{&after, 1}}, {{&c, 0.25}, {&d, 0.25}}}, {});
  };
  const auto within = run(low, high, low, higher);
  CHECK(find(within, "a", "total_ns").change == Change::kSame);
  CHECK(find(within, "a", "total_ns").before_range->high == 160e6);
  CHECK(find(run(low, low, higher, far), "a", "total_ns").change == Change::kWorse);
}

TEST_CASE("the verdict tells what got better, then what got worse") {
  const auto c =
      compared({waits({{"lock", 900'000'000, 1, 1, 1.0}, {"io", 10'000'000, 1, 1, 1.0}})},
               {waits({{"lock", 20'000'000, 1, 1, 1.0}, {"io", 80'000'000, 1, 1, 1.0}})});
  const auto tables = diff_tables(c, {"a", "b", {}, 1, 1, 4, 1, 1});
  const Table& verdict = tables[0];
  REQUIRE(verdict.rows.size() == 2);
  CHECK(std::get<std::string>(verdict.rows[0][0]) == "better");
  CHECK(std::get<std::string>(verdict.rows[0][1]) == "lock: total_ns (wait)");
  CHECK(std::get<std::string>(verdict.rows[1][0]) == "worse");
  CHECK(verdict.notes.at(0) ==
        "8 figures compared: 1 better, 1 worse, 0 changed without a better side, 0 new, 0 gone, 6 "
        "unchanged");
  // Geometric mean of 20/900 and 80/10 is 0.4216.
  bool seen = false;
  for (const auto& row : tables[2].rows) {
    if (std::get<std::string>(row[1]) != "total_ns") continue;
    seen = true;
    CHECK(std::get<double>(row[3]) == Approx(-0.5784).epsilon(0.001));
  }
  CHECK(seen);
}
