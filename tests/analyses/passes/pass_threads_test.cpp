// Threads over time: traces of both formats worked out on paper, and sums against other passes on
// every committed capture.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/cli_run.h"
#include "tests/support/pass_run.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo goroutines_pass;
extern const PassInfo gc_pass;
extern const PassInfo syscalls_pass;
extern const PassInfo threads_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using Rows = std::vector<std::string>;

namespace {

/// Thread 11 runs G1: a call from 100 to 200 that keeps its P, one from 300 to 800 that loses it at
/// 500 to thread 12, which has it to the end. At 801 thread 11 takes P1, and has no goroutine until
/// 850; from 900 on G1 is in a call, and keeps P1. Thread 13 is in a call without a P all the time.
Bytes calls() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 11, 0, 1)
      .at(1100)
      .event("GoSyscallBegin", {1, 0})
      .at(1200)
      .event("GoSyscallEnd")
      .at(1300)
      .event("GoSyscallBegin", {2, 0})
      .at(1800)
      .event("GoSyscallEndBlocked")
      .event("ProcStart", {1, 1})
      .at(1850)
      .event("GoStart", {1, 1})
      .at(1900)
      .event("GoSyscallBegin", {2, 0});
  g.thread(12)
      .at(1050)
      .event("ProcStatus", {1, kProcIdle})
      .at(1500)
      .event("ProcSteal", {0, 3, 11})
      .at(1600)
      .event("ProcStart", {0, 4})
      .at(2000)
      .event("HeapAlloc", {1});
  g.nobody().event("GoStatus", {3, 13, kGoSyscall}, 5);
  return b.bytes();
}

const Rows kTimes = {"thread", "with_p_ns", "syscall_ns", "blocked_ns", "idle_ns"};
const Rows kLevels = {"in_use_max", "with_p_max", "in_syscall_max", "blocked_max"};

bool has_note(const Table& t, const std::string& part) {
  return std::ranges::any_of(
      t.notes, [&](const std::string& n) { return n.find(part) != std::string::npos; });
}

/// Mean times length, summed up over the steps.
double area(const Table& curve, const std::string& column, int64_t end) {
  double sum = 0;
  for (size_t i = 0; i < curve.rows.size(); ++i) {
    const double from = std::stod(cell(curve, i, "time_ns"));
    const double to = i + 1 < curve.rows.size() ? std::stod(cell(curve, i + 1, "time_ns"))
                                                : static_cast<double>(end);
    sum += std::stod(cell(curve, i, column)) * (to - from);
  }
  return sum;
}

}  // namespace

TEST_CASE("threads: with a P, in calls, without a P, by hand", "[threads]") {
  const Report report = run_bytes(calls(), threads_pass, {});
  const Table& list = table(report, "thread_list");
  CHECK(rows(list, kTimes) == Rows{"11|299|401|300|1", "12|401|0|0|0", "13|0|0|1001|0"});
  CHECK(rows(list, {"first_ns", "last_ns", "syscalls", "lost_p", "runs", "longest_row",
                    "goroutine"}) == Rows{"0|900|3|1|2|2|1", "600|600|0|0|0|0|-", "0|5|1|0|0|0|-"});
  const Table& all = table(report, "threads");
  CHECK(rows(all, {"threads", "with_p_ns", "syscall_ns", "blocked_ns", "idle_ns", "syscalls",
                   "lost_p"}) == Rows{"3|700|401|1301|1|4|1"});
  CHECK(rows(all, kLevels) == Rows{"3|2|2|2"});
  CHECK(std::stod(cell(all, 0, "with_p")) == Approx(700.0 / 1001));
  CHECK(std::stod(cell(all, 0, "in_syscall")) == Approx(1702.0 / 1001));
  CHECK(std::stod(cell(all, 0, "blocked")) == Approx(1301.0 / 1001));
  CHECK(std::stod(cell(all, 0, "in_use")) == Approx(2402.0 / 1001));
  CHECK(all.notes.empty());
  CHECK(rows(table(report, "threads_over_time"), {"time_ns", "in_use_max", "seen"}) ==
        Rows{"0|3|3"});
}

TEST_CASE("threads: a time window cuts what threads did", "[threads]") {
  RunOptions window;
  window.from = 400;
  window.to = 850;
  const Report report = run_bytes(calls(), threads_pass, {}, window);
  CHECK(rows(table(report, "thread_list"), kTimes) ==
        Rows{"11|49|100|300|1", "12|250|0|0|0", "13|0|0|450|0"});
  CHECK(rows(table(report, "threads"), kLevels) == Rows{"3|2|2|2"});
  window.to = 450;
  const Report early = run_bytes(calls(), threads_pass, {}, window);
  CHECK(rows(table(early, "threads"), kLevels) == Rows{"2|0|2|1"});
}

TEST_CASE("threads: several goroutines in turns break a row", "[threads]") {
  // G1, G1, G2 on thread 11; then G2 twice on thread 12.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 11, 0, 1)
      .event("GoCreate", {2, frames({"main.two"}), frames({"main.one"})})
      .event("GoStop", {"preempted", frames({"main.one"})})
      .event("GoStart", {1, 1})
      .event("GoStop", {"preempted", frames({"main.one"})})
      .event("GoStart", {2, 1})
      .event("GoStop", {"preempted", frames({"main.two"})});
  g.thread(12)
      .event("ProcStatus", {1, kProcRunning})
      .at(1100)
      .event("GoStart", {2, 2})
      .event("GoStop", {"preempted", frames({"main.two"})})
      .event("GoStart", {2, 3})
      .event("GoStop", {"preempted", frames({"main.two"})})
      .event("GoStart", {2, 4});
  const Report report = run_bytes(b.bytes(), threads_pass, {});
  CHECK(rows(table(report, "thread_list"),
             {"thread", "runs", "longest_row", "goroutine", "start_location"}) ==
        Rows{"11|3|2|1|main.one", "12|3|3|2|main.two"});
}

TEST_CASE("threads: format 1 names no thread at a call's end, nor before the trace", "[threads]") {
  // Thread 5 has P0 from 4 on; it is in a call from 103 on, without P from 204 on, to 421. Thread 6
  // has P1 from 403 on. G2 is in a call all the time.
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0}, 0)
      .event("GoCreate", {2, 0, 0})
      .event("GoInSyscall", {2})
      .event("ProcStart", {5})
      .event("GoStart", {1, 1})
      .event("Gomaxprocs", {2, 0})
      .event("GoSysCall", {0}, 97)
      .event("GoSysBlock", {}, 100)
      .event("ProcStop")
      .batch(1, 1400)
      .event("ProcStart", {6}, 2)
      .event("HeapAlloc", {77}, 50)
      .event("GoSysExit", {1, 2, 1420}, 100)
      .event("GoStartLocal", {1});
  b.frequency(1'000'000'000);
  const Report report = run_bytes(b.bytes(), threads_pass, {});
  const Table& all = table(report, "threads");
  CHECK(has_note(all, "1 system calls are on threads that the capture does not name"));
  CHECK(rows(all, {"threads", "in_use_max", "in_syscall_max", "blocked_max"}) == Rows{"2|3|2|2"});
  const Table& list = table(report, "thread_list");
  // Times are one more than ticks less 1000: the sync event is at 0.
  CHECK(rows(list, {"thread", "first_ns", "with_p_ns", "syscall_ns", "blocked_ns"}) ==
        Rows{"5|4|99|101|217", "6|403|152|0|0"});
}

TEST_CASE("threads: filters do not apply", "[threads]") {
  const std::string http = capture("go1.27", "http").string();
  const CliResult r = cli({"threads", http, "--function", "main"});
  CHECK(r.code == 0);
  CHECK(r.out.find("do not apply") != std::string::npos);
}

TEST_CASE("threads: sums close, and calls are those of the syscalls pass", "[threads]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, threads_pass, {});
    const Table &all = table(report, "threads"), &list = table(report, "thread_list");
    if (all.rows.empty() || has_note(all, "missing")) continue;
    const int64_t end = std::stoll(cell(
        table(run_file(path,
                       **std::ranges::find(all_passes(), std::string("capture"), &PassInfo::name),
                       {}),
              "capture"),
        0, "duration_ns"));
    for (size_t i = 0; i < list.rows.size(); ++i) {
      const auto at = [&](const char* c) { return std::stoll(cell(list, i, c)); };
      CHECK(at("with_p_ns") + at("syscall_ns") + at("blocked_ns") + at("idle_ns") ==
            end - at("first_ns"));
      CHECK(at("first_ns") <= at("last_ns"));
      CHECK(at("longest_row") <= at("runs"));
    }
    for (const char* c : {"with_p_ns", "syscall_ns", "blocked_ns", "idle_ns", "syscalls", "lost_p"})
      CHECK(sum(list, c) == sum(all, c));
    const Table& curve = table(report, "threads_over_time");
    if (has_note(all, "does not name")) continue;
    CHECK(area(curve, "with_p", end) == Approx(sum(all, "with_p_ns")));
    CHECK(area(curve, "blocked", end) == Approx(sum(all, "blocked_ns")));
    CHECK(area(curve, "in_syscall", end) ==
          Approx(sum(all, "syscall_ns") + sum(all, "blocked_ns")));
    CHECK(area(curve, "in_use", end) == Approx(static_cast<double>(end) * list.rows.size() -
                                               sum(all, "idle_ns") - sum(list, "first_ns")));
    const Report calls = run_file(path, syscalls_pass, {});
    CHECK(sum(all, "syscall_ns") + sum(all, "blocked_ns") ==
          sum(table(calls, "syscalls"), "total_ns") + sum(table(calls, "syscalls"), "open_ns"));
    ++compared;
  }
  CHECK(compared > 150);
}

TEST_CASE("threads: goroutines that are locked run in one row", "[threads]") {
  for (const char* release :
       {"go1.19", "go1.22", "go1.23", "go1.24", "go1.25", "go1.26", "go1.27"}) {
    INFO(release);
    const Report report = run_file(capture(release, "lockedthreads"), threads_pass, {});
    const Rows list = rows(table(report, "thread_list"), {"start_location", "longest_row"});
    CHECK(std::ranges::count(list, "main.answerLocked|21") >= 1);
  }
}

TEST_CASE("goroutines: labels by hand", "[threads]") {
  // G1 has a label in its first run, which is seen from 2 to 101, none in the
  // second one, and another from 301 to 351. G2 has the first one from 401 to 406, the end.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 7, 0, 1)
      .event("GoLabel", {"GC (idle)"})
      .event("GoCreate", {2, frames({"main.two"}), frames({"main.one"})})
      .at(1101)
      .event("GoStop", {"preempted", 0})
      .event("GoStart", {1, 1})
      .event("GoStop", {"preempted", 0}, 50)
      .at(1301)
      .event("GoStart", {1, 2})
      .event("GoLabel", {"GC (dedicated)"})
      .at(1351)
      .event("GoBlock", {"sync", 0})
      .at(1401)
      .event("GoStart", {2, 1})
      .event("GoLabel", {"GC (idle)"})
      .event("HeapAlloc", {1}, 3);
  const Report report = run_bytes(b.bytes(), goroutines_pass, {});
  CHECK(rows(table(report, "goroutine_labels"), {"label", "goroutines", "runs", "labelled_ns"}) ==
        Rows{"GC (idle)|2|2|104", "GC (dedicated)|1|1|50"});
  RunOptions run;
  run.goroutines.ids = {2};
  CHECK(rows(table(run_bytes(b.bytes(), goroutines_pass, {}, run), "goroutine_labels"),
             {"label", "labelled_ns"}) == Rows{"GC (idle)|5"});
}

TEST_CASE("goroutines: labels of mark workers are the gc pass's work", "[threads]") {
  int64_t labelled = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Table labels = table(run_file(path, goroutines_pass, {}), "goroutine_labels");
    const Table gc = table(run_file(path, gc_pass, {}), "gc_totals");
    for (const auto& [label, column] : {std::pair("GC (dedicated)", "mark_dedicated_ns"),
                                        std::pair("GC (fractional)", "mark_fractional_ns"),
                                        std::pair("GC (idle)", "mark_idle_ns")}) {
      int64_t time = 0;
      for (size_t i = 0; i < labels.rows.size(); ++i)
        if (cell(labels, i, "label") == label) time = std::stoll(cell(labels, i, "labelled_ns"));
      CHECK(time == sum(gc, column));
      labelled += time;
    }
  }
  CHECK(labelled > 1'000'000);
}
