#include <catch2/catch.hpp>
#include <deque>

#include "reports/compare/diff_tables.h"
#include "reports/compare/ranking.h"

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
  Table t{.id = "wait", .title = "Waits"};
  t.columns = {column("stack", Role::kKey),
               column("total_ns", Role::kSum, Unit::kNanoseconds, Better::kLower, true),
               column("longest_ns", Role::kMax, Unit::kNanoseconds, Better::kLower),
               column("p50_ns", Role::kStat, Unit::kNanoseconds, Better::kLower),
               column("rate", Role::kStat, Unit::kPerSecond, Better::kHigher)};
  t.rows = std::move(rows);
  return {{t}};
}

Comparisons compared(const std::vector<Report>& before, const std::vector<Report>& after,
                     double old_length = 1, double new_length = 1) {
  Side a, b;
  for (const Report& r : before) a.samples.push_back({&r, old_length});
  for (const Report& r : after) b.samples.push_back({&r, new_length});
  return compare(a, b, {});
}

Comparison find(const Comparisons& all, const std::string& label, const std::string& figure) {
  for (const Comparison c : all) {
    if (c.series.label == label && c.series.column->id == figure) return c;
  }
  FAIL("no " << label << " " << figure);
  return {};
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
  for (const Comparison one : c) CHECK(one.change == Change::kSame);
  CHECK(c.size() == 4);
  CHECK(row_name("f 0x12ab g.go:3") == row_name("f 0x99 g.go:7"));
  CHECK(row_name("f") != row_name("g"));
}

TEST_CASE("two places with one name are matched in the order of their lines") {
  const auto c = compared(
      {waits({{stack("9"), 1'000'000, 1, 1, 1.0}, {stack("30"), 5'000'000, 1, 1, 1.0}})},
      {waits({{stack("130"), 5'000'000, 1, 1, 1.0}, {stack("100"), 1'000'000, 1, 1, 1.0}})});
  for (const Comparison one : c) CHECK(one.change == Change::kSame);
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
  CHECK(find(within, "a", "total_ns").before_reach == 60e6);
  CHECK(find(run(low, low, higher, far), "a", "total_ns").change == Change::kWorse);
}

TEST_CASE("the verdict tells what got better, then what got worse") {
  const auto c =
      compared({waits({{"lock", 900'000'000, 1, 1, 1.0}, {"io", 10'000'000, 1, 1, 1.0}})},
               {waits({{"lock", 20'000'000, 1, 1, 1.0}, {"io", 80'000'000, 1, 1, 1.0}})});
  const auto tables = diff_tables(c, {"a", "b", {}, 1, 1, 4, 1, 1});
  const Table& verdict = tables[0];
  REQUIRE(verdict.rows.size() == 2);
  CHECK(std::get<std::string>(verdict.rows[0][1]) == "better: lock: total_ns");
  CHECK(std::get<std::string>(verdict.rows[0][2]) == "900ms/s -> 20.0ms/s, -97.8%: Waits");
  CHECK(std::get<std::string>(verdict.rows[1][1]) == "worse: io: total_ns");
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

namespace {

std::string headline(const Table& verdict, size_t row) {
  return std::get<std::string>(verdict.rows.at(row)[1]);
}

/// One row with a figure of a problem that has a name.
Report with_problem(double contention, int64_t waited) {
  Report r = waits({{"lock", waited, 1, 1, 1.0}});
  Table problems{.id = "problems", .layout = Layout::kRecord};
  problems.columns = {column("contention", Role::kStat, Unit::kRatio, Better::kLower)};
  problems.columns[0].help = "time waited per time run";
  problems.rows = {{contention}};
  r.tables.push_back(problems);
  return r;
}

}  // namespace

TEST_CASE("problems are told first, by their names, and also if they stayed") {
  const Headline h{.table = "problems",
                   .column = "contention",
                   .title = "Goroutines wait for locks",
                   .culprit = "Mutex in main.f",
                   .before = 80,
                   .after = 60,
                   .found = true,
                   .command = "tracetool blocking"};
  const auto told = [&](double before, double after) {
    const auto c = compared({with_problem(before, 900'000'000)}, {with_problem(after, 20'000'000)});
    return verdict_table(c, {.headlines = {h}});
  };
  const Table better = told(1.5, 0.5);
  CHECK(headline(better, 0) == "better: Goroutines wait for locks (Mutex in main.f)");
  CHECK(std::get<std::string>(better.rows[0][2]) ==
        "150.0% -> 50.0%, -66.7%: time waited per time run");
  CHECK(std::get<std::string>(better.rows[0][3]) == "tracetool blocking");
  CHECK(headline(better, 1) == "better: lock: total_ns");
  const Table same = told(1.5, 1.49);
  CHECK(headline(same, 0) == "better: lock: total_ns");
  CHECK(headline(same, 1) == "same: Goroutines wait for locks (Mutex in main.f)");
}

TEST_CASE("what moved to a row of another name has not changed") {
  const auto c =
      compared({waits({{"old", 900'000'000, 1, 1, 1.0}, {"gone", 300'000'000, 1, 1, 1.0}})},
               {waits({{"new", 950'000'000, 1, 1, 1.0}})});
  // 1.2 s/s are gone, 0.95 came: 0.25 are left of what is gone, of the smaller row.
  CHECK(find(c, "old", "total_ns").effect == 0);
  CHECK(find(c, "new", "total_ns").effect == 0);
  CHECK(find(c, "gone", "total_ns").effect == Approx(-0.25));
  CHECK(find(c, "old", "total_ns").change == Change::kGone);
  const Table verdict = verdict_table(c, {});
  REQUIRE(verdict.rows.size() == 1);
  CHECK(headline(verdict, 0) == "better: gone: total_ns");
}

TEST_CASE("time weighs what it takes of a second, rows of names before totals") {
  Report before = waits({{"a", 400'000'000, 1, 1, 1.0}, {"b", 100'000'000, 1, 100'000, 1.0}});
  Report after = waits({{"a", 100'000'000, 1, 1, 1.0}, {"b", 100'000'000, 1, 1'000, 1.0}});
  for (Report* r : {&before, &after}) {
    Table total = r->tables[0];
    total.id = "all";
    total.layout = Layout::kRecord;
    total.columns.erase(total.columns.begin());
    for (auto& row : total.rows) row.erase(row.begin());
    total.rows.resize(1);
    r->tables.push_back(total);
  }
  const auto c = compared({before}, {after});
  CHECK(c[0].series.label == "a");
  CHECK(c[0].effect == Approx(-0.3));
  CHECK(c[1].series.table->id == "all");
  CHECK(c[2].series.label == "b");  // a hundred times shorter, but what of?
}

TEST_CASE("one capture a side: large within the spread is told with a question mark") {
  const auto one = [](int64_t total) { return waits({{"a", total * 1'000'000, 1, 1, 1.0}}); };
  const Report before = one(400), after = one(200), low = one(10), high = one(150);
  const auto c = compare({{{&before, 1}}, {{&low, 0.25}, {&high, 0.25}}},
                         {{{&after, 1}}, {{&low, 0.25}, {&high, 0.25}}}, {});
  CHECK(find(c, "a", "total_ns").change == Change::kPerhapsBetter);
  const Table verdict = verdict_table(c, {});
  CHECK(headline(verdict, 0) == "better?: a: total_ns");
  CHECK(std::get<std::string>(verdict.rows[0][2]) ==
        "400ms/s -> 200ms/s, -50.0%, within the spread of time slices: Waits");
}

TEST_CASE("many figures at once: p is adjusted, and one order of the captures is one test") {
  // 20 rows that order eight captures in ways of their own, and one that is apart: alone it has
  // p = 2/70, among 21 it has to pay for the others.
  const auto side = [](bool after, bool noise) {
    std::vector<Report> out;
    for (int64_t i = 0; i < 4; ++i) {
      std::vector<std::vector<Cell>> rows = {
          {"apart", (after ? 80 : 40) * 1'000'000 + i, 1, 1, 1.0}};
      for (int64_t k = 0; noise && k < 20; ++k) {
        const int64_t value = (i * (k + 3) * 7 + (after ? k * 5 : k * k)) % 11;
        rows.push_back({"r" + std::to_string(k), value * 10'000'000, 1, 1, 1.0});
      }
      out.push_back(waits(rows));
    }
    return out;
  };
  const auto alone = compared(side(false, false), side(true, false));
  CHECK(*find(alone, "apart", "total_ns").q == Approx(2.0 / 70));
  CHECK(find(alone, "apart", "total_ns").change == Change::kWorse);
  const auto among = compared(side(false, true), side(true, true));
  const Comparison& apart = find(among, "apart", "total_ns");
  CHECK(*apart.p == Approx(2.0 / 70));
  CHECK(*apart.q > 0.05);
  CHECK(apart.change == Change::kSame);
  // The same order twice counts once.
  std::vector<Report> before = side(false, false), after = side(true, false);
  for (auto* reports : {&before, &after}) {
    for (Report& r : *reports) {
      r.tables.push_back(r.tables[0]);
      r.tables.back().id = "again";
    }
  }
  const auto twice = compared(before, after);
  CHECK(twice.tests() == 1);
  CHECK(*find(twice, "apart", "total_ns").q == Approx(2.0 / 70));
  // So does one and its reverse: what is done falls as time rises.
  const auto mirrored = [](bool new_side) {
    std::vector<Report> out;
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t time = (new_side ? 80 : 40) * 1'000'000 + i;
      out.push_back(waits({{"apart", time, 1, 1, 1e9 - static_cast<double>(time)}}));
    }
    return out;
  };
  const auto both = compared(mirrored(false), mirrored(true));
  CHECK(both.tests() == 1);
  CHECK(*find(both, "apart", "rate").q == Approx(2.0 / 70));
}

TEST_CASE("rows that only one side has are tested by how many captures have them") {
  const auto side = [](size_t with) {
    std::vector<Report> out;
    for (size_t i = 0; i < 4; ++i) {
      std::vector<std::vector<Cell>> rows = {{"a", 1'000'000, 1, 1, 1.0}};
      if (i < with) rows.push_back({"b", static_cast<int64_t>(50'000'000 + i), 1, 1, 1.0});
      out.push_back(waits(rows));
    }
    return out;
  };
  CHECK(find(compared(side(4), side(0)), "b", "total_ns").change == Change::kGone);
  CHECK(*find(compared(side(4), side(0)), "b", "total_ns").p == Approx(2.0 / 70));
  // Two of four: 2 * C(4,2) of the 2 * 28 ways to have two in eight are not on one side.
  CHECK(*find(compared(side(2), side(0)), "b", "total_ns").p == Approx(2 * 6.0 / 28));
  CHECK(find(compared(side(2), side(0)), "b", "total_ns").change == Change::kSame);
  // A sum without a row is 0: 0 0 50 50 before 50 50 50 50.
  const auto some = compared(side(2), side(4));
  CHECK(*find(some, "b", "total_ns").before == Approx(25'000'000));
  CHECK(find(some, "b", "total_ns").old_n == 2);
}

TEST_CASE("a figure that is absent where all is well counts as the best of its side") {
  // One row, without a key; p50_ns is absent where there is nothing to wait for.
  const auto side = [](const std::vector<Cell>& values) {
    std::vector<Report> out;
    for (const Cell& value : values) {
      Report r = waits({{"a", 1, 1, value, 1.0}});
      out.push_back(std::move(r));
    }
    return out;
  };
  const auto change = [&](const std::vector<Cell>& before, const std::vector<Cell>& after,
                          bool best) {
    static std::deque<std::vector<Report>> kept;
    Side a, b;
    for (const Report& r : kept.emplace_back(side(before))) a.samples.push_back({&r, 1});
    for (const Report& r : kept.emplace_back(side(after))) b.samples.push_back({&r, 1});
    CompareOptions options;
    if (best) options.absent_is_best = [](const Series& s) { return s.column->id == "p50_ns"; };
    return find(compare(a, b, options), "a", "p50_ns");
  };
  const Cell none;
  const std::vector<Cell> was = {int64_t{500}, int64_t{510}, int64_t{520}, int64_t{530}};
  // Left out, one that is worse stands for all four: 2 of 5 orders.
  const Comparison left_out = change(was, {int64_t{600}, none, none, none}, false);
  CHECK(*left_out.p == Approx(2.0 / 5));
  CHECK(*left_out.after == 600);
  // The three without share rank 2, so that the sum is 2 + 2 + 2 + 8. Of the 70 sets of four ranks
  // 11 have no more: the three and any other, or two of them (three ways) with 4 and 5 or 4 and 6.
  const Comparison counted = change(was, {int64_t{600}, none, none, none}, true);
  CHECK(*counted.p == Approx(2 * 11.0 / 70));
  CHECK_FALSE(counted.after);
  CHECK(counted.new_n == 1);
  // Half of them: still a median below all of the other side, but none that has a number.
  const Comparison all_better = change(was, {int64_t{100}, int64_t{110}, none, none}, true);
  CHECK(*all_better.p == Approx(2.0 / 70));
  CHECK(all_better.change == Change::kBetter);
}

TEST_CASE("only times of what grows, and of known work, have an effect") {
  Comparison c;
  c.series.measure.unit = Unit::kNanoseconds;
  c.series.measure.per = "second";
  c.before = 100;
  c.after = 350;
  CHECK(effect_of(c, {.work_ns = 1000}) == 0.25);
  CHECK(effect_of(c, {.work_ns = 0}) == 0);
  c.series.measure.per = "";
  CHECK(effect_of(c, {.work_ns = 1000}) == 0);
  c.series.measure.per = "second";
  c.series.measure.unit = Unit::kBytes;
  CHECK(effect_of(c, {.work_ns = 1000}) == 0);
}

TEST_CASE("percent of nothing is no number") {
  const auto c = compared({waits({{"a", 0, 0, 1, 1.0}})}, {waits({{"a", 90'000'000, 0, 1, 1.0}})});
  CHECK_FALSE(find(c, "a", "total_ns").ratio());  // 0 -> 90ms
  CHECK(*find(c, "a", "total_ns").delta() == 90e6);
  CHECK(*find(c, "a", "longest_ns").ratio() == 0);  // 0 -> 0
  CHECK(*find(c, "a", "p50_ns").ratio() == 0);
  const auto back =
      compared({waits({{"a", 90'000'000, 0, 1, 1.0}})}, {waits({{"a", 0, 0, 1, 1.0}})});
  CHECK(*find(back, "a", "total_ns").ratio() == -1);  // 90ms -> 0
}
