#include <catch2/catch.hpp>

#include "reports/figures/figure.h"
#include "reports/model/quantity.h"

using namespace tracetool;
using Catch::Contains;

namespace {

Column column(const char* id, Role role, Unit unit = Unit::kNone, bool grows = false) {
  Column c;
  c.id = id;
  c.heading = id;
  c.role = role;
  c.unit = unit;
  c.grows = grows;
  return c;
}

/// Two rows of a list and a record that sums them up.
Report sample() {
  Table list{.id = "wait"};
  list.columns = {column("where", Role::kKey),
                  column("stack", Role::kKey),
                  column("count", Role::kSum, Unit::kCount, true),
                  column("total_ns", Role::kSum, Unit::kNanoseconds, true),
                  column("p99_ns", Role::kStat, Unit::kNanoseconds),
                  column("longest_ns", Role::kMax, Unit::kNanoseconds),
                  column("longest_at_ns", Role::kInfo, Unit::kTime),
                  column("note", Role::kInfo)};
  list.rows = {
      {"main.a", StackCell{"sync.Lock sync.go:7", "main.a a.go:1"}, 2, 600, 400, 500, 12000, "x"},
      {"main.b b.go:3", StackCell{"sync.Lock sync.go:7"}, 3, 300, 100, 200, 5000, "y"}};
  Table summary{.id = "wait_summary", .layout = Layout::kRecord};
  summary.columns = {column("p99_ns", Role::kStat, Unit::kNanoseconds),
                     column("share", Role::kStat, Unit::kRatio)};
  summary.rows = {{450, 0.25}};
  return {{list, summary}};
}

double only(const Report& report, const std::string& id, double seconds = 2) {
  const Figures f = find_figures(report, id, seconds);
  INFO(id << ": " << f.error);
  REQUIRE(f.error.empty());
  REQUIRE(f.found.size() == 1);
  return number_in(f.found[0].value).value();
}

std::string error(const std::string& id) { return find_figures(sample(), id, 1).error; }

}  // namespace

TEST_CASE("names of rows with quotes in them") {
  Report r = sample();
  r.tables[0].rows[0][0] = std::string(R"(don't say "a")");
  for (const char* id :
       {R"(wait["don't say ""a"""].count)", R"(wait[where='don''t say "a"'].count)"})
    CHECK(only(r, id) == 2);
  const Figures all = find_figures(r, "wait[*,\"*\"].count", 1);
  REQUIRE_FALSE(all.found.empty());
  CHECK(all.found[0].id == R"(wait["don't say ""a""","sync.Lock"].count)");
  // An id that was told can be asked for.
  CHECK(only(r, all.found[0].id) == 2);
}

TEST_CASE("figures are found by ids, long and short") {
  const Report r = sample();
  CHECK(only(r, "wait_summary.p99_ns") == 450);
  CHECK(only(r, "wait.summary.p99") == 450);
  CHECK(only(r, "wait.p99") == 450);  // a list has no p99 of all its rows
  CHECK(only(r, "wait.share") == 0.25);
  CHECK(only(r, "wait.count") == 5);
  CHECK(only(r, "wait.total") == 900);
  CHECK(only(r, "wait.max") == 500);
  CHECK(only(r, "wait.total.mean") == 180);        // 900 / 5
  CHECK(only(r, "wait.total.per_second") == 450);  // 900 / 2 s
}

TEST_CASE("rows are chosen by any key, by a named one, and by patterns") {
  const Report r = sample();
  CHECK(only(r, "wait[\"main.a\"].total") == 600);
  CHECK(only(r, "wait[where='main.b'].p99") == 100);  // the place behind it does not matter
  CHECK(only(r, "wait[\"main.b b.go:3\"].p99") == 100);
  CHECK(only(r, "wait[note=\"y\"].count") == 3);
  CHECK(only(r, "wait[\"sync.Lock\"].total") == 900);  // on both stacks
  CHECK(only(r, "wait[\"sync.Lock\",\"main.b\"].total") == 300);
  CHECK(only(r, "wait[\"main.*\"].longest") == 500);
  CHECK(only(r, "wait[\"main.a\"].total.mean") == 300);
  const Figures each = find_figures(r, "wait[where=*].total", 1);
  REQUIRE(each.found.size() == 2);
  CHECK(each.found[0].id == "wait[\"main.a\",\"sync.Lock\"].total_ns");
  // Statistics do not combine, so each row stands for itself.
  CHECK(find_figures(r, "wait[\"sync.Lock\"].p99", 1).found.size() == 2);
  const Figures none = find_figures(r, "wait[\"main.c\"].p99", 1);
  CHECK(none.error.empty());
  CHECK(none.found.empty());
}

TEST_CASE("an id that means nothing is an error with suggestions") {
  CHECK_THAT(error("wait.p98"),
             Contains("there is no figure \"wait.p98\"; did you mean") && Contains("\"wait.p99\""));
  CHECK_THAT(error("wiat.p99"), Contains("\"wait.p99\""));
  CHECK_THAT(error("quite.other"), Contains("tracetool metrics lists them"));
  CHECK_THAT(error("wait[\"main.a\"].totle"), Contains("did you mean \"wait.total\""));
  CHECK_THAT(
      error("wait[whre=\"x\"].total"),
      Contains("no key \"whre\"; did you mean \"where\"?") && Contains("keys: where, stack"));
  CHECK_THAT(error("wait_summary[\"x\"].p99"), Contains("no key to choose them by"));
  CHECK_THAT(error("wait.longest.per_second"), Contains("does not grow"));
  CHECK_THAT(error("wait.note"), Contains("no figure"));
  CHECK_THAT(error("wait"), Contains("TABLE.COLUMN"));
  CHECK_THAT(error("wait[main].total"), Contains("stand in quotes"));
  CHECK_THAT(error("wait[\"main].total"), Contains("the quote does not end"));
  CHECK_THAT(error("wait[\"main\".total"), Contains("\"]\" is missing"));
  CHECK_THAT(error("wait[\"main\"]"), Contains("a column is missing"));
  Report list_only = sample();
  list_only.tables.pop_back();
  CHECK_THAT(find_figures(list_only, "wait.p99", 1).error,
             Contains("name a row, as in wait[\"...\"].p99_ns"));
}

TEST_CASE("a maximum tells where it was") {
  const Report r = sample();
  const auto where = [&](const std::string& id) {
    return whereabouts(find_figures(r, id, 1).found.at(0));
  };
  CHECK(where("wait[\"main.a\"].longest") == "longest_at_ns 0.000012s");
  CHECK(where("wait[\"main.a\"].total").empty());
  CHECK(where("wait.longest").empty());  // of which row it is, the total does not tell
}

TEST_CASE("quantities have the unit of their figure") {
  const auto value = [](const char* text, Measure measure) {
    const Quantity q = parse_quantity(text, measure);
    INFO(text << ": " << q.error);
    REQUIRE(q.error.empty());
    return q.value;
  };
  const auto refused = [](const char* text, Measure measure) {
    return parse_quantity(text, measure).error;
  };
  const Measure ns{Unit::kNanoseconds, {}}, bytes{Unit::kBytes, {}}, ratio{Unit::kRatio, {}};
  CHECK(value("1.5ms", ns) == 1.5e6);
  CHECK(value("250us", ns) == 250e3);
  CHECK(value("2 min", ns) == 120e9);
  CHECK(value("0", ns) == 0);
  CHECK(value("64KiB", bytes) == 65536);
  CHECK(value("1MB", bytes) == 1e6);
  CHECK(value("12%", ratio) == Approx(0.12));
  CHECK(value("0.12", ratio) == 0.12);
  CHECK(value("1.5k", {Unit::kCount, {}}) == 1500);
  CHECK(value("300/s", {Unit::kPerSecond, {}}) == 300);
  CHECK(value("300", {Unit::kPerSecond, {}}) == 300);
  CHECK(value("10ms/s", {Unit::kNanoseconds, "s"}) == 10e6);
  CHECK(value("1MiB/s", {Unit::kBytesPerSecond, {}}) == 1048576);
  CHECK_THAT(refused("5", ns), Contains("has no unit; write 1.5s, 10ms or 250us"));
  CHECK_THAT(refused("5MiB", ns), Contains("\"MiB\" is no unit of a duration"));
  CHECK_THAT(refused("5ms", {Unit::kCount, {}}), Contains("\"ms\" is no unit"));
  CHECK_THAT(refused("fast", ns), Contains("is no duration"));
  CHECK_THAT(refused("10ms/s", ns), Contains("is no unit"));
  CHECK(parse_percent("+10%") == Approx(0.1));
  CHECK(parse_percent("-5.5 %") == Approx(-0.055));
  CHECK_FALSE(parse_percent("10"));
  CHECK_FALSE(parse_percent("+-1%"));
}
