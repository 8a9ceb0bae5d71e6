// The critical path, worked out on paper; and on all captures: the steps add up to the latency.
#include <catch2/catch.hpp>

#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo critical_path_pass;
}

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// G1 works in a task from 100 to 200. At 120 it waits for G2, which waits until 130 for G3, which
/// G1 had created at 110; G3 sleeps from 114 to 126. Two threads, two Ps.
///
///   G1  run 100-120  wait 120----------------------160 run? 165-200
///   G2  wait until 130, runnable 130-135, run 135-160 (wakes G1)
///   G3  created 110 by G1, runnable -112, run 112-114, sleep 114-126 (timer), runnable -128,
///       run 128-140 (wakes G2 at 130)
Bytes three_goroutines() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m7 = on_cpu(g, 7, 0, 1);
  auto& m8 = g.thread(8);
  m8.at(1010).event("ProcStatus", {1, kProcRunning});
  m8.at(1012).event("GoStatus", {2, 8, kGoRunning});
  m8.at(1020).event("GoBlock", {"chan receive", frames({"runtime.chanrecv1", "main.two"})});
  m7.at(1100).event("UserTaskBegin", {5, 0, "order", frames({"main.one"})});
  m7.at(1110).event("GoCreate", {3, frames({"main.three"}), frames({"main.spawn", "main.one"})});
  m8.at(1112).event("GoStart", {3, 1});
  m8.at(1114).event("GoBlock", {"sleep", frames({"time.Sleep", "main.three"})});
  m7.at(1120).event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.one"})});
  m8.at(1126).event("GoUnblock", {3, 2, frames({})});
  m8.at(1128).event("GoStart", {3, 3});
  m8.at(1130).event("GoUnblock", {2, 1, frames({"runtime.chansend1", "main.send", "main.three"})});
  m7.at(1135).event("GoStart", {2, 2});
  m8.at(1140).event("GoDestroy");
  m7.at(1160).event("GoUnblock", {1, 1, frames({"sync.(*Mutex).Unlock", "main.two"})});
  m7.at(1162).event("GoStop", {"preempted", frames({"main.two"})});
  m7.at(1165).event("GoStart", {1, 2});
  m7.at(1200).event("UserTaskEnd", {5, frames({"main.finish", "main.one"})});
  m7.at(1300).event("GoDestroy");
  return b.bytes();
}

using Lines = std::vector<std::string>;

Lines path_of(const Options& options) {
  const Report report = run_bytes(three_goroutines(), critical_path_pass, options);
  return rows(table(report, "critical_path"),
              {"length_ns", "depth", "goroutine", "state", "reason", "function"});
}

}  // namespace

TEST_CASE("critical-path: a task through two wakers, a timer and a creation", "[critical]") {
  const Lines expected = {
      "20|0|1|execution|sync|main.one",  // 100-120: its own
      "6|2|3|block|sleep|main.three",    // 120-126: G2 waited for G3, which slept
      "2|2|3|sched wait|-|main.three",   // 126-128
      "2|2|3|execution|-|main.send",     // 128-130: until it sent to G2
      "5|1|2|sched wait|-|main.two",     // 130-135
      "25|1|2|execution|-|main.two",     // 135-160: until it unlocked
      "5|0|1|sched wait|-|main.one",     // 160-165
      "35|0|1|execution|-|main.finish",  // 165-200
  };
  CHECK(path_of({{"--task", "5"}}) == expected);
  CHECK(path_of({}) == expected);  // the slowest task
  CHECK(path_of({{"--task-type", "^ord"}}) == expected);
  const Report report = run_bytes(three_goroutines(), critical_path_pass, {});
  CHECK(rows(table(report, "critical_paths"),
             {"kind", "name", "id", "goroutine", "duration_ns", "execution_ns", "sched_wait_ns",
              "block_ns", "syscall_ns", "unknown_ns"}) == Lines{"task|order|5|1|100|82|12|6|0|0"});
  CHECK(rows(table(report, "critical_path_reasons"), {"reason", "state", "count", "time_ns"}) ==
        Lines{"-|sched wait|3|12", "-|execution|4|82", "sleep|block|1|6"});
  CHECK(rows(table(report, "critical_path_functions"), {"function", "state", "time_ns"}) ==
        Lines{"main.finish|execution|35", "main.one|sched wait|5", "main.one|execution|20",
              "main.send|execution|2", "main.three|sched wait|2", "main.three|block|6",
              "main.two|sched wait|5", "main.two|execution|25"});
}

TEST_CASE("critical-path: a goroutine's life begins with its creator", "[critical]") {
  // G3 lives from its creation at 110 on; nothing before it is explained.
  CHECK(path_of({{"--goroutine", "3"}}) ==
        Lines{"2|0|3|sched wait|-|main.three", "2|0|3|execution|sleep|main.three",
              "12|0|3|block|sleep|main.three", "2|0|3|sched wait|-|main.three",
              "12|0|3|execution|-|main.three"});
  CHECK(path_of({{"--goroutine", "77"}}).empty());
  const auto notes = [](const char* id) {
    return table(run_bytes(three_goroutines(), critical_path_pass, {{"--goroutine", id}}),
                 "critical_paths")
        .notes;
  };
  CHECK(notes("77") == Lines{"there is no goroutine 77"});
  CHECK(notes("3").empty());
}

TEST_CASE("critical-path: the longest steps stay, in order of time", "[critical]") {
  const Report report = run_bytes(three_goroutines(), critical_path_pass, {{"--limit", "3"}});
  const Table& steps = table(report, "critical_path");
  CHECK(rows(steps, {"length_ns"}) == Lines{"20", "25", "35"});
  REQUIRE(steps.notes.size() == 1);
  CHECK(steps.notes[0] == "5 shorter steps, 20ns in all, are left out (--limit shows more)");
}

TEST_CASE("critical-path: what it refuses, what it does not find", "[critical]") {
  CHECK(refusal(critical_path_pass, {{"--task", "x"}}).find("--task") == 0);
  CHECK(refusal(critical_path_pass, {{"--task", "1"}, {"--region", "x"}}) != "");
  const Report report = run_bytes(three_goroutines(), critical_path_pass, {{"--task", "6"}});
  CHECK(table(report, "critical_paths").rows.empty());
  CHECK(table(report, "critical_paths").notes.size() == 1);
}

TEST_CASE("critical-path: a task that does not end is explained as long as its goroutine is known",
          "[critical]") {
  const auto open_task = [](bool known) {
    TraceBuilder b(26);
    auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
    m.at(1100).event("UserTaskBegin", {5, 0, "order", frames({"main.one"})});
    m.at(1200).event("GoCreate", {3, frames({"main.f"}), frames({"main.one"})});
    // When it is gone for some time, another one gets its place.
    if (!known) m.event("GoDestroy");
    for (int i = 0; i < 3000; ++i) m.event("HeapAlloc", {1});
    if (!known) m.event("GoStart", {3, 1});
    m.at(5200).event("GoCreate", {4, frames({"main.f"}), frames({"main.f"})});
    const Report report = run_bytes(b.bytes(), critical_path_pass, {{"--task", "5"}});
    const Table& paths = table(report, "critical_paths");
    Lines out = rows(paths, {"kind", "id", "duration_ns"});
    out.insert(out.end(), paths.notes.begin(), paths.notes.end());
    return out;
  };
  CHECK(open_task(true) ==
        Lines{"task|5|4101",
              "the task did not end: its time is explained up to the end of the capture"});
  CHECK(open_task(false) ==
        Lines{"task 5 has no begin in the capture whose goroutine could be followed"});
}

TEST_CASE("critical-path: among all passes tasks only", "[critical]") {
  RunOptions run;
  run.together = true;
  const Report tasks = run_bytes(three_goroutines(), critical_path_pass, {}, run);
  CHECK(table(tasks, "critical_path").rows.size() == 8);
  const Report report = run_file(capture("go1.27", "locks"), critical_path_pass, {}, run);
  CHECK(report.tables.size() == 4);
  for (const Table& t : report.tables) CHECK(t.rows.empty());
  CHECK(table(report, "critical_paths").notes.size() == 1);
}

TEST_CASE("critical-path: without tasks and regions the main goroutine", "[critical]") {
  const Report report = run_file(capture("go1.27", "locks"), critical_path_pass, {});
  CHECK(rows(table(report, "critical_paths"), {"kind", "id"}) == Lines{"goroutine|1"});
}

TEST_CASE("critical-path: memory is bounded and said so", "[critical]") {
  // 80,000 intervals: more than the two chunks of the smallest log hold.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto* m = &on_cpu(g, 7, 0, 1);
  m->event("GoCreate", {2, frames({"main.two"}), frames({"main.one"})});
  m->at(1100).event("UserRegionBegin", {0, "long", frames({"main.one"})});
  for (int i = 1; i <= 20000; ++i) {
    if (i % 1000 == 1) m = &g.batch(7, static_cast<uint64_t>(1100 + 4 * (i - 1)));
    m->event("GoStop", {"preempted", frames({"main.one"})});
    m->event("GoStart", {2, i});
    m->event("GoStop", {"preempted", frames({"main.two"})});
    m->event("GoStart", {1, i});
  }
  m->event("UserRegionEnd", {0, "long", frames({"main.one"})});
  const Bytes bytes = b.bytes();
  for (const char* memory : {"1MiB", "64MiB"}) {
    const Report report = run_bytes(bytes, critical_path_pass, {{"--max-memory", memory}});
    const Table& paths = table(report, "critical_paths");
    REQUIRE(paths.rows.size() == 1);
    CHECK(cell(paths, 0, "duration_ns") == "80001");
    const bool enough = std::string(memory) == "64MiB";
    CHECK((cell(paths, 0, "unknown_ns") == "0") == enough);
    CHECK(paths.notes.size() == (enough ? 0 : 1));
  }
}

TEST_CASE("critical-path: steps add up on all captures", "[critical]") {
  size_t explained = 0, handed_over = 0;
  for (const auto& path : captures()) {
    INFO(path);
    for (const Options& options :
         {Options{{"--slowest", "5"}}, Options{{"--region", ""}, {"--slowest", "3"}},
          Options{{"--goroutine", "1"}}}) {
      Options all = options;
      all["--limit"] = "1000000";
      const Report report = run_file(path, critical_path_pass, all);
      const Table& paths = table(report, "critical_paths");
      const Table& steps = table(report, "critical_path");
      CHECK(sum(paths, "duration_ns") == sum(paths, "execution_ns") + sum(paths, "sched_wait_ns") +
                                             sum(paths, "block_ns") + sum(paths, "syscall_ns") +
                                             sum(paths, "unknown_ns"));
      CHECK(sum(paths, "duration_ns") == sum(table(report, "critical_path_functions"), "time_ns"));
      CHECK(sum(paths, "duration_ns") == sum(table(report, "critical_path_reasons"), "time_ns"));
      CHECK(sum(paths, "unknown_ns") == 0);
      if (paths.rows.empty()) continue;
      ++explained;
      CHECK(std::to_string(sum(steps, "length_ns")) == cell(paths, 0, "duration_ns"));
      int64_t at = std::stoll(cell(paths, 0, "begin_ns"));
      for (size_t i = 0; i < steps.rows.size(); ++i) {
        REQUIRE(cell(steps, i, "from_ns") == std::to_string(at));
        at += std::stoll(cell(steps, i, "length_ns"));
        handed_over += cell(steps, i, "depth") != "0";
      }
    }
  }
  CHECK(explained > 250);
  CHECK(handed_over > 1000);
}
