// What keeps the passes' work within bounds (docs/bounds.md) leaves their figures as they are, or
// says that it does not. How the work grows is tests/growth.
#include <catch2/catch.hpp>

#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo blocking_pass, critical_path_pass, goroutines_pass, mmu_pass,
    parallelism_pass, wakers_pass;
}

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// Goroutine 1 on M7 and P0, and 2 on M8 and P1: an event each 10 ns, a batch each 1,000 of them.
class Pair {
 public:
  Pair() {
    on_cpu(generation, 7, 0, 1);
    on_cpu(generation, 8, 1, 2);
  }
  void on(int m, const char* event, std::initializer_list<Arg> args = {}, uint64_t dt = 10) {
    now += dt;
    if (++events_ % 1000 == 0) {
      generation.batch(7, now);
      generation.batch(8, now);
    }
    generation.thread(m).at(now).event(event, args);
  }
  /// Goroutine 1 blocks for 10 ns, is runnable for as long, and runs again.
  void block(const std::string& reason, const char* waker) {
    on(7, "GoBlock", {reason.c_str(), frames({"main.wait"})});
    on(8, "GoUnblock", {1, ++seq_, frames({waker})});
    on(7, "GoStart", {1, ++seq_});
  }

  TraceBuilder trace{26};
  GenerationBuilder& generation = trace.generation(1);
  uint64_t now = 2000;

 private:
  int events_ = 0, seq_ = 0;
};

}  // namespace

TEST_CASE(
    "critical-path: of tasks that end one after the other the slowest are explained, whoever "
    "had to wait for its walk") {
  constexpr int kTasks = 1200;
  Pair t;
  for (int i = 1; i <= kTasks; ++i) t.on(7, "UserTaskBegin", {i, 0, "t", frames({"main.f"})}, 1);
  for (int i = 1; i <= kTasks; ++i) {
    t.block("sync", "main.wake");
    t.on(7, "UserTaskEnd", {i, frames({"main.f"})});
  }
  const Bytes bytes = t.trace.bytes();
  const std::vector<std::string> columns = {
      "id", "duration_ns", "execution_ns", "sched_wait_ns", "block_ns", "unknown_ns"};
  // Each is 39 ns longer than the one before: it begins 1 ns later and ends 40 ns later. Blocks are
  // what goroutine 2 did meanwhile: it ran.
  const std::vector<std::string> expected = {
      "1200|48000|36000|12000|0|0", "1199|47961|35971|11990|0|0", "1198|47922|35942|11980|0|0"};
  const Report slowest = run_bytes(bytes, critical_path_pass, {});
  CHECK(rows(table(slowest, "critical_paths"), columns) == std::vector{expected[0]});
  RunOptions together;
  together.together = true;
  const Report among_all = run_bytes(bytes, critical_path_pass, {}, together);
  CHECK(rows(table(among_all, "critical_paths"), columns) == std::vector{expected[0]});
  const Report three = run_bytes(bytes, critical_path_pass, {{"--slowest", "3"}});
  CHECK(rows(table(three, "critical_paths"), columns) == expected);
  CHECK(table(three, "critical_paths").notes ==
        std::vector<std::string>{"the 3 slowest of 1200; --slowest takes more"});

  // Asked for alone it has nobody to wait for.
  const Report alone = run_bytes(bytes, critical_path_pass, {{"--task", "1200"}});
  for (const char* id : {"critical_path_functions", "critical_path_reasons"}) {
    CHECK(rows(table(slowest, id), {"state", "count", "time_ns", "max_ns"}) ==
          rows(table(alone, id), {"state", "count", "time_ns", "max_ns"}));
  }
  const std::vector<std::string> steps = {"from_ns", "length_ns", "depth", "goroutine", "function"};
  CHECK(rows(table(slowest, "critical_path"), steps) == rows(table(alone, "critical_path"), steps));
}

TEST_CASE(
    "parallelism: Ps that sleep through changes of GOMAXPROCS are idle while they are there") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  auto& m7 = on_cpu(g, 7, 0, 1).event("ProcStatus", {3, kProcIdle});
  m7.at(2000).event("ProcsChange", {4, 0});
  m7.at(3000).event("ProcsChange", {2, 0});
  m7.at(4000).event("ProcsChange", {4, 0});
  m7.at(5000).event("ProcsChange", {1, 0});
  m7.at(6000).event("ProcsChange", {3, 0});
  m7.at(7000).event("ProcsChange", {3, 0});
  g.batch(8, 2500).event("ProcStart", {3, 1}, 0).at(4500).event("ProcStop");
  const Report report = run_bytes(b.bytes(), parallelism_pass, {});
  // Of the 6001 ns from 1000 on. P 3 looks for work from 2500 until it is gone at 3000, is there
  // again at 4000, and gone for good from 5000 on. P 2 is there but for 3000 to 4000 and 5000 to
  // 6000.
  CHECK(rows(table(report, "procs"),
             {"proc", "busy_ns", "scheduler_ns", "idle_ns", "stopped_ns", "absent_ns"}) ==
        std::vector<std::string>{"0|6001|0|0|0|0", "1|0|0|5001|0|1000", "2|0|0|4001|0|2000",
                                 "3|0|500|2500|0|3001"});
}

TEST_CASE("More reasons and wakers at one place than are looked through keep their own sums") {
  constexpr int kReasons = 30;
  Pair t;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kReasons; ++i)
      t.block("reason " + std::to_string(i), i % 2 == 0 ? "main.even" : "main.odd");
  }
  const Bytes bytes = t.trace.bytes();
  std::vector<std::string> sums, classes, wakers;
  for (int i = 0; i < kReasons; ++i) {
    const std::string reason = "reason " + std::to_string(i);
    sums.push_back(reason + "|3|30");
    wakers.push_back("main.wait|" + std::string(i % 2 == 0 ? "main.even|" : "main.odd|") + reason +
                     "|3|30");
  }
  std::ranges::sort(sums);
  std::ranges::sort(wakers);
  const auto sorted = [](std::vector<std::string> rows) {
    std::erase_if(rows, [](const std::string& row) { return row.find("reason ") == row.npos; });
    std::ranges::sort(rows);
    return rows;
  };
  CHECK(sorted(rows(table(run_bytes(bytes, blocking_pass, {}), "blocking"),
                    {"what", "count", "total_ns"})) == sums);
  CHECK(sorted(rows(table(run_bytes(bytes, goroutines_pass, {}), "block_reasons"),
                    {"reason", "count", "time_ns"})) == sums);
  CHECK(sorted(rows(table(run_bytes(bytes, wakers_pass, {}), "wakers"),
                    {"waiting_stack", "waker_stack", "reason", "count", "wait_ns"})) == wakers);
}

TEST_CASE(
    "parallelism: where too many phases are the longest so far, it says that it did not look") {
  constexpr int kMany = 1100;
  Pair t;
  for (int i = 0; i < kMany; ++i) {
    t.on(7, "GoCreate", {10 + i, frames({"main.f"}), frames({"main.g"})});
    t.on(8, "GoBlock", {"sleep", frames({"main.h"})});
    t.on(8, "GoStart", {10 + i, 1});
    t.on(8, "GoBlock", {"chan receive", frames({"main.f"})});
    t.on(7, "GoUnblock", {2, 2 * i + 1, frames({"main.g"})});
    t.on(8, "GoStart", {2, 2 * i + 2});
  }
  const auto phase = [&](int i) {
    const int seq = 2 * (kMany + i);
    t.on(8, "GoBlock", {"sleep", frames({"main.h"})});
    t.on(7, "GoUnblock", {2, seq + 1, frames({"main.g"})}, 200'000 + static_cast<uint64_t>(i));
    t.on(8, "GoStart", {2, seq + 2});
  };
  for (int i = 0; i < kMany; ++i) phase(i);
  const Report report = run_bytes(t.trace.bytes(), parallelism_pass, {});
  const Table& phases = table(report, "serial_phases");
  // What an event pays for is not enough for 1,102 goroutines a phase: none of the last was looked
  // at.
  CHECK(rows(phases, {"length_ns", "waiting", "waiting_alike"}).front() == "201109|-|-");
  CHECK(phases.notes ==
        std::vector<std::string>{"the longest 20 of 1100",
                                 "who waited in 20 of them is not known: too many phases were the "
                                 "longest so far"});
}

TEST_CASE(
    "mmu --per-proc: too many stops of too many Ps are judged up to where they were followed") {
  TraceBuilder b(26);
  auto& m7 = on_cpu(b.generation(1), 7, 0, 1).event("ProcsChange", {3000, 0});
  for (int i = 0; i < 20; ++i) {
    m7.event("STWBegin", {"GC mark termination", 0}, 1000);
    m7.event("STWEnd", {}, 1000);
  }
  const Bytes bytes = b.bytes();
  const Report all = run_bytes(bytes, mmu_pass, {});
  CHECK(table(all, "mmu_summary").notes.empty());
  CHECK(cell(table(all, "mmu_summary"), 0, "lost_ns") == "20000.0");
  // 3,000 points for the Ps that come, for GOMAXPROCS, and for each stop and its end: 20 of these.
  const Report each = run_bytes(bytes, mmu_pass, {{"--per-proc", "1"}});
  CHECK(
      table(each, "mmu_summary").notes ==
      std::vector<std::string>{
          "too many stops of too many Ps to keep apart: only the time up to 0.000021s is judged"});
}
