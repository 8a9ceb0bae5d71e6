// Parallelism: figures by hand, and sums that close on every committed capture.
#include <catch2/catch.hpp>

#include "analyses/measure/load_curve.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo parallelism_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// Two Ps. G1 runs on P0, P1 runs G2; a mark worker and a system call on P1 in between.
///
///   P0: G1 runs 0-900
///   P1: idle 0-100, G2 runs 110-300, G3 (mark worker) 310-500, G2 500-600, its syscall 600-700,
///       G2 700-720, idle from 730
Bytes two_procs() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1050)
      .event("GoCreate", {3, frames({"runtime.gcBgMarkWorker"}), frames({"main.main"})})
      .at(1060)
      .event("GoCreate", {2, frames({"main.work"}), frames({"main.main"})})
      .at(1800)
      .event("GoUnblock", {2, 4, frames({"main.wake", "main.main"})})
      .at(1900)
      .event("GoBlock", {"sync", frames({"sync.(*WaitGroup).Wait", "main.main"})});
  g.thread(2)
      .at(1010)
      .event("ProcStatus", {1, kProcIdle})
      .at(1100)
      .event("ProcStart", {1, 1})
      .at(1110)
      .event("GoStart", {2, 1})
      .at(1300)
      .event("GoBlock", {"chan receive", frames({"main.work"})})
      .at(1310)
      .event("GoStart", {3, 1})
      .at(1400)
      .event("GoUnblock", {2, 2, 0})
      .at(1490)
      .event("GoBlock", {"GC worker (idle)", frames({"runtime.gcBgMarkWorker"})})
      .at(1500)
      .event("GoStart", {2, 3})
      .at(1600)
      .event("GoSyscallBegin", {2, frames({"syscall.Read", "main.work"})})
      .at(1700)
      .event("GoSyscallEnd")
      .at(1720)
      .event("GoBlock", {"chan receive", frames({"runtime.chanrecv1", "main.work"})})
      .at(1730)
      .event("ProcStop");
  return b.bytes();
}

}  // namespace

TEST_CASE("parallelism: levels, Ps and serial time by hand") {
  const Report report = run_bytes(two_procs(), parallelism_pass, {{"--shortest", "150ns"}});
  CHECK(rows(table(report, "parallelism_levels"), {"busy_procs", "time_ns"}) ==
        std::vector<std::string>{"0|1", "1|590", "2|310"});
  CHECK(rows(table(report, "procs"), {"proc", "busy_ns", "other_ns", "gc_ns", "syscall_ns",
                                      "scheduler_ns", "idle_ns", "stopped_ns", "absent_ns"}) ==
        std::vector<std::string>{"0|900|0|0|0|1|0|0|0", "1|310|0|180|100|40|271|0|0"});
  CHECK(rows(table(report, "serial_culprits"),
             {"start_location", "where", "serial_ns", "count", "longest_ns", "stack"}) ==
        std::vector<std::string>{"main.main|main.main|60|2|50|main.main",
                                 "main.main|main.wake|80|1|80|main.wake<main.main",
                                 "main.main|main.main|450|2|350|sync.(*WaitGroup).Wait<main.main"});
  CHECK(
      rows(table(report, "serial_phases"),
           {"time_ns", "length_ns", "serial_ns", "start_location", "goroutine", "stack", "waiting",
            "waited_for", "wait_stack", "runnable"}) ==
      std::vector<std::string>{
          "300|200|200|main.main|1|sync.(*WaitGroup).Wait<main.main|1|channel receive|main.work|0",
          "720|180|180|main.main|1|sync.(*WaitGroup).Wait<main.main|0|-|-|1"});
  // With two Ps one that is runnable would use the other.
  CHECK(rows(table(report, "serial_causes"), {"cause", "serial_ns"}) ==
        std::vector<std::string>{"P|270", "other goroutines|170", "nothing|150"});
  const Table& summary = table(report, "parallelism");
  CHECK(rows(summary, {"parallelism_max", "gomaxprocs_mean", "serial_ns", "serial_phases",
                       "serial_phases_ns", "longest_serial_ns", "idle_while_runnable_ns",
                       "runnable_max", "unknown_ns"}) ==
        std::vector<std::string>{"2|2.0|590|2|380|200|151|2|0"});
  CHECK(std::stod(cell(summary, 0, "parallelism_mean")) == Approx(1210.0 / 901));
  CHECK(std::stod(cell(summary, 0, "used_share")) == Approx(1210.0 / 1802));
  CHECK(std::stod(cell(summary, 0, "serial_share")) == Approx(590.0 / 901));
  CHECK(std::stod(cell(summary, 0, "runnable_mean")) == Approx(511.0 / 901));
}

TEST_CASE("parallelism: what the others wait for while one P is busy") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames alloc = frames({"runtime.gcAssistAlloc", "main.main"});
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {4, 0})
      .at(1050)
      .event("GoCreate", {2, frames({"main.work"}), frames({"main.main"})})
      .at(1060)
      .event("GoCreate", {3, frames({"main.work"}), frames({"main.main"})})
      .at(1400)
      .event("GoUnblock", {2, 2, frames({"sync.(*Mutex).Unlock", "main.main"})})
      .at(1500)
      .event("GoUnblock", {3, 2, 0})
      .at(1600)
      .event("GCMarkAssistBegin", {alloc})
      .at(1700)
      .event("GCMarkAssistEnd", {})
      .at(1900)
      .event("GoBlock", {"sync", frames({"sync.(*WaitGroup).Wait", "main.main"})});
  g.thread(2)
      .at(1010)
      .event("ProcStatus", {1, kProcIdle})
      .at(1100)
      .event("ProcStart", {1, 1})
      .at(1110)
      .event("GoStart", {2, 1})
      .at(1200)
      .event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.work"})})
      .at(1210)
      .event("GoStart", {3, 1})
      .at(1300)
      .event("GoBlock", {"GC mark assist wait for work", frames({"runtime.gcParkAssist"})})
      .at(1310)
      .event("ProcStop");
  const Report report = run_bytes(b.bytes(), parallelism_pass, {});
  // lock 200-210, 300-400; collector 400-500, assist 600-700; two runnable 60-110, 500-600,
  // 700-900; one runnable 50-60.
  CHECK(rows(table(report, "serial_causes"), {"cause", "serial_ns"}) ==
        std::vector<std::string>{"lock|110", "collector|200", "P|350", "other goroutines|10",
                                 "nothing|50"});
}

TEST_CASE("parallelism: what looked for a goroutine on a P that is gone looks no more") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1150)
      .event("ProcsChange", {3, 0})
      .at(1200)
      .event("ProcsChange", {1, 0})
      .at(1500)
      .event("GoStop", {"preempted", frames({"main.main"})});
  g.thread(2).at(1010).event("ProcStatus", {1, kProcIdle}).at(1100).event("ProcStart", {1, 1});
  const Report report = run_bytes(b.bytes(), parallelism_pass, {});
  CHECK(rows(table(report, "procs"), {"proc", "scheduler_ns", "idle_ns", "absent_ns"}) ==
        std::vector<std::string>{"0|1|0|0", "1|100|100|301", "2|0|50|451"});
}

TEST_CASE("parallelism: windows and filters") {
  RunOptions window;
  window.from = 200;
  window.to = 550;
  const Report report = run_bytes(two_procs(), parallelism_pass, {{"--shortest", "0"}}, window);
  CHECK(rows(table(report, "parallelism_levels"), {"busy_procs", "time_ns", "share"}) ==
        std::vector<std::string>{"1|200|0.5714285714285714", "2|150|0.42857142857142855"});
  CHECK(rows(table(report, "procs"), {"proc", "busy_ns", "gc_ns", "scheduler_ns", "idle_ns"}) ==
        std::vector<std::string>{"0|350|0|0|0", "1|150|180|20|0"});
  CHECK(rows(table(report, "serial_phases"), {"time_ns", "length_ns"}) ==
        std::vector<std::string>{"300|200"});
  RunOptions work;
  work.goroutines.function = regex("main.work");
  const Report of_work = run_bytes(two_procs(), parallelism_pass, {}, work);
  CHECK(rows(table(of_work, "parallelism_levels"), {"busy_procs", "time_ns"}) ==
        std::vector<std::string>{"0|591", "1|310"});
  CHECK(rows(table(of_work, "procs"), {"busy_ns", "other_ns", "gc_ns"}) ==
        std::vector<std::string>{"0|900|0", "310|0|180"});
}

TEST_CASE("parallelism: runnable goroutines over time") {
  const Report report = run_bytes(two_procs(), parallelism_pass, {});
  const Table& runnable = table(report, "parallelism_runnable");
  CHECK(rows(runnable, {"time_ns", "runnable_max"}) == std::vector<std::string>{"0|2"});
  CHECK(std::stod(cell(runnable, 0, "runnable_mean")) == Approx(511.0 / 901));
}

namespace {

/// G1 on P0 is in region "step" 100-300, G2 on P1 runs 110-500 and is in it 200-400.
Bytes two_regions() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames f = frames({"main.f"});
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1050)
      .event("GoCreate", {2, frames({"main.work"}), frames({"main.main"})})
      .at(1100)
      .event("UserRegionBegin", {0, "step", f})
      .at(1300)
      .event("UserRegionEnd", {0, "step", f})
      .at(1350)
      .event("UserRegionBegin", {0, "else", f})
      .at(1370)
      .event("UserRegionEnd", {0, "else", f})
      .at(1900)
      .event("GoBlock", {"sync", f});
  g.thread(2)
      .at(1010)
      .event("ProcStatus", {1, kProcIdle})
      .at(1100)
      .event("ProcStart", {1, 1})
      .at(1110)
      .event("GoStart", {2, 1})
      .at(1150)
      .event("UserRegionBegin", {0, "around", f})
      .at(1200)
      .event("UserRegionBegin", {0, "step", f})
      .at(1250)
      .event("UserRegionBegin", {0, "inner", f})
      .at(1260)
      .event("UserRegionEnd", {0, "inner", f})
      .at(1400)
      .event("UserRegionEnd", {0, "step", f})
      .at(1450)
      .event("UserRegionEnd", {0, "around", f})
      .at(1500)
      .event("GoBlock", {"chan receive", f})
      .at(1510)
      .event("ProcStop");
  return b.bytes();
}

}  // namespace

TEST_CASE("parallelism: inside some regions") {
  RunOptions step;
  step.scope.region = regex("step");
  const Report report = run_bytes(two_regions(), parallelism_pass, {}, step);
  CHECK(rows(table(report, "parallelism_levels"), {"busy_procs", "time_ns"}) ==
        std::vector<std::string>{"0|601", "1|200", "2|100"});
  CHECK(rows(table(report, "procs"), {"busy_ns", "other_ns"}) ==
        std::vector<std::string>{"200|700", "200|190"});
  step.from = 150;
  step.to = 220;
  const Report window = run_bytes(two_regions(), parallelism_pass, {}, step);
  CHECK(rows(table(window, "parallelism_levels"), {"busy_procs", "time_ns"}) ==
        std::vector<std::string>{"1|50", "2|20"});
  // What regions and tasks select is the time that the goroutines pass accounts, too.
  int64_t inside = 0;
  for (const auto& path : captures()) {
    if (path.string().find("nestedtasks") == std::string::npos) continue;
    INFO(path.string());
    for (const bool by_task : {false, true}) {
      RunOptions some;
      by_task ? void(some.scope.tasks = {2, 3}) : void(some.scope.region = regex("stock|pack"));
      const int64_t busy =
          sum(table(run_file(path, parallelism_pass, {}, some), "procs"), "busy_ns");
      CHECK(busy ==
            sum(table(run_file(path, goroutines_pass, {}, some), "goroutines"), "execution_ns"));
      inside += busy;
    }
  }
  CHECK(inside > 1'000'000);
}

TEST_CASE("parallelism: sums close on every capture") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, parallelism_pass, {});
    const Report all = run_file(path, goroutines_pass, {});
    const Table& summary = table(report, "parallelism");
    const Table& procs = table(report, "procs");
    const Table& levels = table(report, "parallelism_levels");
    int64_t busy = 0;
    for (size_t i = 0; i < levels.rows.size(); ++i)
      busy += std::stoll(cell(levels, i, "busy_procs")) * std::stoll(cell(levels, i, "time_ns"));
    CHECK(busy == sum(procs, "busy_ns"));
    CHECK(sum(procs, "busy_ns") + sum(procs, "gc_ns") + sum(procs, "other_ns") ==
          sum(table(all, "goroutines"), "execution_ns"));
    // Threads of C that call into Go are in a system call without ever having had a P.
    CHECK(sum(procs, "syscall_ns") <= sum(table(all, "goroutines"), "syscall_ns"));
    if (path.string().find("cgo") == std::string::npos &&
        path.string().find("go1.1") == std::string::npos)
      CHECK(sum(procs, "syscall_ns") == sum(table(all, "goroutines"), "syscall_ns"));
    CHECK(sum(table(report, "serial_culprits"), "serial_ns") == sum(summary, "serial_ns"));
    CHECK(sum(table(report, "serial_causes"), "serial_ns") == sum(summary, "serial_ns"));
    const int64_t length = sum(levels, "time_ns") + sum(summary, "unknown_ns");
    for (size_t i = 0; i < procs.rows.size(); ++i) {
      int64_t row = 0;
      for (const char* use : {"busy_ns", "other_ns", "gc_ns", "syscall_ns", "scheduler_ns",
                              "idle_ns", "stopped_ns", "absent_ns"})
        row += std::stoll(cell(procs, i, use));
      CHECK(row == length);
    }
    ++compared;
  }
  CHECK(compared > 200);
}
