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
/// in its first run, G3 in its second, and G5 never runs, and G4, which ends, in another. Then
/// perhaps an event that cannot be.
Bytes some_stay(int version = 26, bool contradiction = false) {
  TraceBuilder b(version);
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
  if (contradiction) g.thread(1).event("GoSyscallEnd").event("HeapAlloc", {1});
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

TEST_CASE("leaks: a contradiction at the end of the capture does not lose who is there") {
  for (int version : {22, 23, 25, 26}) {
    CAPTURE(version);
    const Report report = run_bytes(some_stay(version, true), leaks_pass, {});
    CHECK(rows(table(report, "leaks"), {"start_location", "still_there", "lost", "oldest_ns"}) ==
          std::vector<std::string>{"main.stay|3|0|601", "(unknown)|1|0|701", "main.main|1|0|701",
                                   "main.short|0|0|-"});
    CHECK(rows(table(report, "goroutine_growth"), {"at_end", "created", "ended", "net", "lost"}) ==
          std::vector<std::string>{"5|4|1|3|0"});
  }
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
  stay.goroutines.function = regex("main.stay");
  const Report of_stay = run_bytes(some_stay(), leaks_pass, {}, stay);
  CHECK(rows(table(of_stay, "leaks"), {"start_location", "created"}) ==
        std::vector<std::string>{"main.stay|3"});
  CHECK(rows(table(of_stay, "goroutine_growth"), {"at_begin", "at_end", "peak"}) ==
        std::vector<std::string>{"0|3|3"});
}

TEST_CASE("leaks: blocked from the start is who was never woken") {
  // G2 is preempted, then blocks for good. G3 blocks, is woken and blocks again. G4 makes a system
  // call before it blocks; G5 stays in its first one, G6 in its second.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 1, 0, 1);
  uint64_t time = 1100;
  for (int id = 2; id <= 6; ++id)
    m.at(time += 10).event("GoCreate", {id, frames({"main.f"}), frames({"main.main"})});
  const auto block = [&](const char* reason) {
    m.at(time += 10).event("GoBlock", {reason, frames({"main.f"})});
  };
  const auto start = [&](int id, int seq) { m.at(time += 10).event("GoStart", {id, seq}); };
  block("sync");
  start(2, 1);
  m.at(time += 10).event("GoStop", {"preempted", frames({"main.f"})});
  start(2, 2);
  block("chan receive");
  start(3, 1);
  block("chan send");
  start(4, 1);
  m.at(time += 10).event("GoSyscallBegin", {1, frames({"syscall.write"})});
  m.at(time += 10).event("GoSyscallEnd");
  m.at(time += 10).event("GoUnblock", {3, 2, frames({"main.f"})});
  block("select");
  start(3, 3);
  block("chan send");
  const Report report = run_bytes(b.bytes(), leaks_pass, {});
  const Table& leaks = table(report, "leaks");
  check_balance(leaks);
  // G2 and G4; G5 and G6 never ran here.
  CHECK(rows(leaks, {"start_location", "still_there", "never_ran", "blocked_since_start"}) ==
        std::vector<std::string>{"main.f|5|2|2", "main.f|1|0|0"});
}

TEST_CASE("leaks: who is older than any that ended") {
  // Created at 100, 200, 300, 400 in one place; the first two end after 150 and 60 ns. The trace
  // ends at 601: the others are 301 and 201 old.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 1, 0, 1);
  const auto create = [&](int id, uint64_t time) {
    m.at(time).event("GoCreate", {id, frames({"main.f"}), frames({"main.main"})});
  };
  create(2, 1100);
  create(3, 1200);
  m.at(1210).event("GoBlock", {"sync", frames({"main.main"})});
  m.at(1220).event("GoStart", {2, 1});
  m.at(1250).event("GoDestroy");
  m.at(1255).event("GoStart", {3, 1});
  m.at(1260).event("GoUnblock", {1, 1, frames({"main.f"})});
  m.at(1260).event("GoDestroy");
  m.at(1270).event("GoStart", {1, 2});
  create(4, 1300);
  create(5, 1400);
  m.at(1600).event("GoBlock", {"forever", frames({"main.main"})});
  const Report report = run_bytes(b.bytes(), leaks_pass, {});
  const Table& leaks = table(report, "leaks");
  CHECK(rows(leaks, {"start_location", "ended", "still_there", "outlived", "longest_life_ns",
                     "oldest_ns"}) ==
        std::vector<std::string>{"main.f|2|2|2|150|301", "main.main|0|1|-|-|601"});
  CHECK(table(report, "goroutine_growth").notes.at(1) ==
        "of 2 that are there, others created in the same place ended; 2 are older than any of "
        "those");
  // With a window up to 1450 one is 150 old, no more than the one that ended, and one 50.
  RunOptions window;
  window.to = 450;
  const Report cut = run_bytes(b.bytes(), leaks_pass, {}, window);
  CHECK(rows(table(cut, "leaks"), {"start_location", "outlived", "oldest_ns"}) ==
        std::vector<std::string>{"main.f|0|150", "main.main|-|450"});
}

TEST_CASE("leaks: the slope is that of the straight line") {
  // A goroutine more every 1,024 ns, the width of the curve's steps, and none ends: means of 1.5,
  // 2.5, 3.5, … as the first is created in the middle of a step.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 1, 0, 1);
  constexpr uint64_t kStep = 1024;
  for (uint64_t i = 0; i < 16; ++i) {
    m.at(1000 + kStep * i + kStep / 2)
        .event("GoCreate", {2 + i, frames({"main.f"}), frames({"main.main"})});
  }
  m.at(1000 + kStep * 16).event("GoBlock", {"forever", frames({"main.main"})});
  const Report report = run_bytes(b.bytes(), leaks_pass, {});
  const Table& growth = table(report, "goroutine_growth");
  CHECK(cell(growth, 0, "verdict") == "growing");
  CHECK(std::stod(cell(growth, 0, "slope_per_second")) == Approx(1e9 / kStep));
  CHECK(std::stod(cell(growth, 0, "mean")) == Approx(9).epsilon(1e-3));
  CHECK(rows(growth, {"at_begin", "at_end", "net", "never_ran"}) ==
        std::vector<std::string>{"1|17|16|16"});
}

TEST_CASE("leaks: up and down again, and up once, is no growth") {
  const auto verdict = [](const std::vector<int>& steps) {
    TraceBuilder b(26);
    auto& g = b.generation(1, 1000);
    auto& m = on_cpu(g, 1, 0, 1);
    uint64_t time = 1000;
    int next = 2, oldest = 2, seq = 1;
    for (const int change : steps) {
      m.at(time += 2000);
      for (int i = 0; i < change; ++i)
        m.event("GoCreate", {next++, frames({"main.f"}), frames({"main.main"})});
      for (int i = 0; i > change; --i) {
        m.event("GoStop", {"preempted", frames({"main.main"})});
        m.event("GoStart", {oldest++, 1});
        m.event("GoDestroy");
        m.event("GoStart", {1, seq++});
      }
    }
    m.at(time += 2000).event("GoBlock", {"forever", frames({"main.main"})});
    const Report report = run_bytes(b.bytes(), leaks_pass, {});
    return cell(table(report, "goroutine_growth"), 0, "verdict");
  };
  CHECK(verdict({3, 3, 3, 3, 3, 3, 3, 3}) == "growing");
  CHECK(verdict({12, 0, 0, 0, 0, 0, 0, 0}) == "unclear");         // a pool
  CHECK(verdict({3, 3, 3, 3, -3, -3, -3, -3}) == "not growing");  // a wave
  CHECK(verdict({3, -2, 3, -2, 3, -2, 3, -2}) == "growing");      // some of each do not end
  CHECK(verdict({0, 0, 0, 0, 0, 0, 0, 0}) == "not growing");
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
