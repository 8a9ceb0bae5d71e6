// Growth in the number of goroutines: by hand, and balances that hold on every committed capture.
#include <catch2/catch.hpp>

#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo leaks_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// G1 runs and G9 waits from the beginning. G1 creates G2, G3, G5 in one place, of which G2 blocks
/// in its first run, G3 in its second, and G5 never runs, and G4, which ends, in another.
Bytes some_stay() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("GoStatus", {9, -1, kGoWaiting})
      .at(1100)
      .event("GoCreate", {2, frames({"main.stay"}), frames({"main.spawn", "main.main"})})
      .at(1150)
      .event("GoCreate", {3, frames({"main.stay"}), frames({"main.spawn", "main.main"})})
      .at(1200)
      .event("GoCreate", {4, frames({"main.short"}), frames({"main.main"})})
      .at(1250)
      .event("GoCreate", {5, frames({"main.stay"}), frames({"main.spawn", "main.main"})})
      .at(1300)
      .event("GoBlock", {"sync", frames({"sync.(*WaitGroup).Wait", "main.main"})})
      .at(1310)
      .event("GoStart", {4, 1})
      .at(1400)
      .event("GoDestroy")
      .at(1410)
      .event("GoStart", {2, 1})
      .at(1500)
      .event("GoBlock", {"chan receive", frames({"main.stay"})})
      .at(1510)
      .event("GoStart", {3, 1})
      .at(1600)
      .event("GoBlock", {"chan receive", frames({"main.stay"})})
      .at(1650)
      .event("GoUnblock", {3, 2, 0})
      .at(1660)
      .event("GoStart", {3, 3})
      .at(1700)
      .event("GoBlock", {"chan receive", frames({"main.stay"})});
  return b.bytes();
}

/// Goroutines that the capture knew, less those whose end it saw, are those that are there.
void check_balance(const Table& t) {
  for (size_t i = 0; i < t.rows.size(); ++i) {
    const auto of = [&](const char* column) { return std::stoll(cell(t, i, column)); };
    CHECK(of("existed") + of("created") == of("ended") + of("still_there") + of("lost"));
    CHECK(of("net") == of("created") - of("ended"));
    // One that never ran may yet be blocked: a coroutine is created so.
    CHECK(std::max(of("never_ran"), of("blocked_since_start")) <= of("still_there"));
  }
}

}  // namespace

TEST_CASE("leaks: who stays, by hand") {
  const Report report = run_bytes(some_stay(), leaks_pass, {});
  const Table& leaks = table(report, "leaks");
  check_balance(leaks);
  CHECK(
      rows(leaks, {"start_location", "created_in", "existed", "created", "ended", "still_there",
                   "net", "never_ran", "blocked_since_start", "waits_for", "blocked_in",
                   "blocked_alike", "oldest_ns", "stack"}) ==
      std::vector<std::string>{"main.stay|main.spawn|0|3|0|3|3|1|1|channel receive|main.stay|2|601|"
                               "main.spawn<main.main",
                               "(unknown)|-|1|0|0|1|0|0|1|(unknown)|-|1|701|-",
                               "main.main|-|1|0|0|1|0|0|0|WaitGroup|main.main|1|701|-",
                               "main.short|main.main|0|1|1|0|0|0|0|-|-|0|-|main.main"});
  const Table& growth = table(report, "goroutine_growth");
  check_balance(growth);
  CHECK(rows(growth, {"at_begin", "at_end", "peak", "created", "ended", "net", "verdict"}) ==
        std::vector<std::string>{"2|5|6|4|1|3|unclear"});
  // 2 all the time, then each from its creation on.
  CHECK(std::stod(cell(growth, 0, "mean")) == Approx(3205.0 / 701));
  CHECK(std::stod(cell(growth, 0, "net_per_second")) == Approx(3e9 / 701));
}

TEST_CASE("leaks: windows and filters") {
  RunOptions window;
  window.from = 120;
  window.to = 450;
  const Report report = run_bytes(some_stay(), leaks_pass, {}, window);
  check_balance(table(report, "leaks"));
  CHECK(rows(table(report, "goroutine_growth"),
             {"at_begin", "at_end", "peak", "created", "ended", "never_ran", "existed"}) ==
        std::vector<std::string>{"3|5|6|3|1|2|3"});
  CHECK(std::stod(cell(table(report, "goroutine_growth"), 0, "mean")) == Approx(1690.0 / 330));
  RunOptions stay;
  stay.goroutines.function = std::regex("main.stay");
  const Report of_stay = run_bytes(some_stay(), leaks_pass, {}, stay);
  CHECK(rows(table(of_stay, "leaks"), {"start_location", "created"}) ==
        std::vector<std::string>{"main.stay|3"});
  CHECK(rows(table(of_stay, "goroutine_growth"), {"at_begin", "at_end", "peak"}) ==
        std::vector<std::string>{"0|3|3"});
}

TEST_CASE("leaks: growth and its absence are told apart") {
  const auto verdict = [](const std::string& name) {
    const Report report = run_file(capture("go1.27", name), leaks_pass, {});
    return cell(table(report, "goroutine_growth"), 0, "verdict");
  };
  CHECK(verdict("leak") == "growing");
  CHECK(verdict("idle") != "growing");
}

TEST_CASE("leaks: balances hold on every capture") {
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, leaks_pass, {});
    const Table& leaks = table(report, "leaks");
    const Table& growth = table(report, "goroutine_growth");
    check_balance(leaks);
    check_balance(growth);
    const Report all = run_file(path, goroutines_pass, {});
    CHECK(sum(growth, "existed") + sum(growth, "created") ==
          sum(table(all, "goroutines"), "count"));
    for (const char* column : {"existed", "created", "ended", "still_there", "lost"})
      CHECK(sum(leaks, column) == sum(growth, column));
    const int64_t begin = sum(growth, "at_begin"), end = sum(growth, "at_end");
    if (sum(growth, "lost") == 0)
      CHECK(begin + sum(growth, "created") - sum(growth, "ended") == end);
    const Table& curve = table(report, "goroutine_growth_curve");
    REQUIRE(curve.rows.size() > 0);
    CHECK(std::stoll(cell(growth, 0, "peak")) >= std::max(begin, end) - 1);
  }
}
