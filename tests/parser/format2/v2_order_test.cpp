// What each wire event of format 2 becomes: one short trace a rule, its events as lines.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// The lines of a trace of one generation without its first (sync) and last (end).
Lines events_of(TraceBuilder& b) {
  Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() >= 2);
  CHECK(got.lines.front() == "0 sync 1 generation 1");
  CHECK(got.lines.back().ends_with(" end"));
  return {got.lines.begin() + 1, got.lines.end() - 1};
}

const Lines kOnCpu = {"1 m7 p- g- P0 Undetermined->Running", "2 m7 p0 g- G1 Undetermined->Running"};

/// What follows thread 7 having taken P 0 and goroutine 1.
Lines after_start(TraceBuilder& b) {
  Lines lines = events_of(b);
  REQUIRE(lines.size() >= 2);
  CHECK(Lines(lines.begin(), lines.begin() + 2) == kOnCpu);
  return {lines.begin() + 2, lines.end()};
}

}  // namespace

TEST_CASE("Goroutines are created, stop, block, wake and end") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoCreate", {2, frames({"main.f"}), frames({"main.main"})})
      .event("GoStop", {"runtime.Gosched", frames({"runtime.Gosched", "main.main"})})
      .event("GoStart", {2, 1})
      .event("GoBlock", {"chan receive", frames({"main.f"})})
      .event("GoStart", {1, 1})
      .event("GoUnblock", {2, 2, frames({"main.main"})})
      .event("GoDestroy")
      .event("GoStart", {2, 3});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G2 NotExist->Runnable stack=main.main start=main.f",
                              "4 m7 p0 g1 G1 Running->Runnable \"runtime.Gosched\" "
                              "stack=runtime.Gosched<main.main",
                              "5 m7 p0 g- G2 Runnable->Running",
                              "6 m7 p0 g2 G2 Running->Waiting \"chan receive\" stack=main.f",
                              "7 m7 p0 g- G1 Runnable->Running",
                              "8 m7 p0 g1 G2 Waiting->Runnable stack=main.main",
                              "9 m7 p0 g1 G1 Running->NotExist",
                              "10 m7 p0 g- G2 Runnable->Running",
                          });
}

TEST_CASE("A goroutine may be created blocked, and on a bare P") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoCreate", {2, frames({"main.f"}), 0})
      .event("GoCreateBlocked", {3, frames({"main.g"}), 0})
      .event("GoUnblock", {3, 1, 0});
  CHECK(events_of(b) == Lines{
                            "1 m7 p- g- P0 Undetermined->Running",
                            "2 m7 p0 g- G2 NotExist->Runnable start=main.f",
                            "3 m7 p0 g- G3 NotExist->Waiting start=main.g",
                            "4 m7 p0 g- G3 Waiting->Runnable",
                        });
}

TEST_CASE("A goroutine's id may come back after its death") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoCreate", {2, frames({"main.f"}), 0})
      .event("GoDestroy")
      .event("GoCreate", {1, frames({"main.g"}), 0})
      .event("GoStart", {1, 1});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G2 NotExist->Runnable start=main.f",
                              "4 m7 p0 g1 G1 Running->NotExist",
                              "5 m7 p0 g- G1 NotExist->Runnable start=main.g",
                              "6 m7 p0 g- G1 Runnable->Running",
                          });
}

TEST_CASE("Each status of a goroutine and a P is shown when it is first heard of") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.thread(7)
      .event("ProcStatus", {0, kProcIdle})
      .event("ProcStatus", {1, kProcSyscall})
      .event("ProcStatus", {2, kProcAbandoned})
      .event("ProcStatus", {3, kProcRunning})
      .event("GoStatus", {1, -1, kGoRunnable})
      .event("GoStatus", {2, -1, kGoWaiting})
      .event("GoStatus", {3, 7, kGoSyscall})
      .event("GoStatus", {4, 9, kGoSyscall})
      .event("GoStatusStack", {5, -1, kGoWaiting, frames({"runtime.gopark", "main.f"})})
      .event("GoStatus", {2, -1, kGoWaiting});
  CHECK(events_of(b) == Lines{
                            "1 m7 p- g- P0 Undetermined->Idle",
                            "2 m7 p- g- P1 Undetermined->Running",
                            "3 m7 p1 g- P2 Undetermined->Idle",
                            "4 m7 p1 g- P3 Undetermined->Running",
                            "5 m7 p3 g- G1 Undetermined->Runnable",
                            "6 m7 p3 g- G2 Undetermined->Waiting",
                            "7 m7 p3 g- G3 Undetermined->Syscall",
                            "8 m9 p3 g3 G4 Undetermined->Syscall",
                            "9 m7 p3 g3 G5 Undetermined->Waiting stack=runtime.gopark<main.f",
                            "10 m7 p3 g3 G2 Waiting->Waiting",
                        });
}

TEST_CASE("Ps start and stop") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.thread(7)
      .event("ProcStatus", {4, kProcIdle})
      .event("ProcStart", {4, 1})
      .event("ProcStop")
      .event("ProcStart", {4, 2})
      .event("ProcStatus", {4, kProcRunning});
  CHECK(events_of(b) == Lines{
                            "1 m7 p- g- P4 Undetermined->Idle",
                            "2 m7 p- g- P4 Idle->Running",
                            "3 m7 p4 g- P4 Running->Idle",
                            "4 m7 p- g- P4 Idle->Running",
                            "5 m7 p4 g- P4 Running->Running",
                        });
}

TEST_CASE("A coroutine switch is three events of one time") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoCreateBlocked", {2, frames({"main.co"}), 0})
      .event("GoSwitch", {2, 1})
      .event("GoSwitchDestroy", {1, 1}, 10)
      .event("HeapAlloc", {1});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G2 NotExist->Waiting start=main.co",
                              "4 m7 p0 g1 G2 Waiting->Runnable",
                              "5 m7 p0 g1 G1 Running->Waiting",
                              "6 m7 p0 g- G2 Runnable->Running",
                              "14 m7 p0 g2 G1 Waiting->Runnable",
                              "15 m7 p0 g2 G2 Running->NotExist",
                              "16 m7 p0 g- G1 Runnable->Running",
                              // Raw time 15: raised past the three.
                              "17 m7 p0 g1 /memory/classes/heap/objects:bytes 1",
                          });
}

TEST_CASE("Metrics and labels") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("ProcsChange", {8, frames({"runtime.StartTrace"})})
      .event("HeapAlloc", {uint64_t{1} << 63})
      .event("HeapGoal", {0})
      .event("GoLabel", {"GC (dedicated)"})
      .event("GoLabel", {0});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 /sched/gomaxprocs:threads 8 stack=runtime.StartTrace",
                              "4 m7 p0 g1 /memory/classes/heap/objects:bytes 9223372036854775808",
                              "5 m7 p0 g1 /gc/heap/goal:bytes 0",
                              "6 m7 p0 g1 Label \"GC (dedicated)\"",
                              "7 m7 p0 g1 Label \"\"",
                          });
}

TEST_CASE("Ranges: stop-the-world, GC, sweep and assist") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("STWBegin", {"GC sweep termination", frames({"runtime.gcStart"})})
      .event("GCBegin", {41, frames({"runtime.gcStart"})})
      .event("STWEnd")
      .event("GCMarkAssistBegin", {frames({"main.f"})})
      .event("GCMarkAssistEnd")
      .event("GCEnd", {42})
      .event("GCSweepBegin", {frames({"runtime.sweep"})})
      .event("GCSweepEnd", {8192, 4096})
      .event("GCBegin", {43, 0})
      .event("GCEnd", {44});
  CHECK(after_start(b) ==
        Lines{
            "3 m7 p0 g1 RangeBegin \"stop-the-world (GC sweep termination)\" G1 "
            "stack=runtime.gcStart",
            "4 m7 p0 g1 RangeBegin \"GC concurrent mark phase\" stack=runtime.gcStart",
            "5 m7 p0 g1 RangeEnd \"stop-the-world (GC sweep termination)\" G1",
            "6 m7 p0 g1 RangeBegin \"GC mark assist\" G1 stack=main.f",
            "7 m7 p0 g1 RangeEnd \"GC mark assist\" G1",
            "8 m7 p0 g1 RangeEnd \"GC concurrent mark phase\"",
            "9 m7 p0 g1 RangeBegin \"GC incremental sweep\" P0 stack=runtime.sweep",
            "10 m7 p0 g1 RangeEnd \"GC incremental sweep\" P0 8192 4096",
            "11 m7 p0 g1 RangeBegin \"GC concurrent mark phase\"",
            "12 m7 p0 g1 RangeEnd \"GC concurrent mark phase\"",
        });
}

TEST_CASE("Two stop-the-worlds of different kinds may be open; the older one ends first") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("STWBegin", {"GOMAXPROCS", 0})
      .event("STWBegin", {"start trace", 0})
      .event("STWEnd")
      .event("STWEnd");
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 RangeBegin \"stop-the-world (GOMAXPROCS)\" G1",
                              "4 m7 p0 g1 RangeBegin \"stop-the-world (start trace)\" G1",
                              "5 m7 p0 g1 RangeEnd \"stop-the-world (GOMAXPROCS)\" G1",
                              "6 m7 p0 g1 RangeEnd \"stop-the-world (start trace)\" G1",
                          });
}

TEST_CASE("Ranges that were active before the trace") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GCSweepActive", {0})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("GCMarkAssistActive", {1})
      .event("GCActive", {17})
      .event("GCMarkAssistEnd")
      .event("GCSweepEnd", {1, 0})
      .event("GCEnd", {18});
  CHECK(events_of(b) == Lines{
                            "1 m7 p- g- P0 Undetermined->Running",
                            "2 m7 p0 g- RangeActive \"GC incremental sweep\" P0",
                            "3 m7 p0 g- G1 Undetermined->Running",
                            "4 m7 p0 g1 RangeActive \"GC mark assist\" G1",
                            "5 m7 p0 g1 RangeActive \"GC concurrent mark phase\"",
                            "6 m7 p0 g1 RangeEnd \"GC mark assist\" G1",
                            "7 m7 p0 g1 RangeEnd \"GC incremental sweep\" P0 1 0",
                            "8 m7 p0 g1 RangeEnd \"GC concurrent mark phase\"",
                        });
}

TEST_CASE("User tasks, regions and logs") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("UserTaskBegin", {5, 0, "order", frames({"main.f"})})
      .event("UserTaskBegin", {6, 5, "pay", 0})
      .event("UserRegionBegin", {6, "outer", 0})
      .event("UserRegionBegin", {0, "inner", 0})
      .event("UserLog", {6, "key", "value \xff", frames({"main.f"})})
      .event("UserLog", {0, 0, 0, 0})
      .event("UserRegionEnd", {0, "inner", 0})
      .event("UserRegionEnd", {6, "outer", 0})
      .event("UserRegionEnd", {6, "begun before the trace", 0})
      .event("UserTaskEnd", {6, 0})
      .event("UserTaskEnd", {6, 0})
      .event("UserTaskEnd", {99, 0});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 TaskBegin 5 of - \"order\" stack=main.f",
                              "4 m7 p0 g1 TaskBegin 6 of 5 \"pay\"",
                              "5 m7 p0 g1 RegionBegin 6 \"outer\"",
                              "6 m7 p0 g1 RegionBegin 0 \"inner\"",
                              "7 m7 p0 g1 Log 6 \"key\" \"value \xff\" stack=main.f",
                              "8 m7 p0 g1 Log 0 \"\" \"\"",
                              "9 m7 p0 g1 RegionEnd 0 \"inner\"",
                              "10 m7 p0 g1 RegionEnd 6 \"outer\"",
                              "11 m7 p0 g1 RegionEnd 6 \"begun before the trace\"",
                              "12 m7 p0 g1 TaskEnd 6 of 5 \"pay\"",
                              "13 m7 p0 g1 TaskEnd 6 of - \"\"",
                              "14 m7 p0 g1 TaskEnd 99 of - \"\"",
                          });
}

TEST_CASE("Allocation events of the experiment and its batches") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.batch(8, 1000).experiment(2).raw({1, 2, 3});
  g.thread(9).event("HeapObjectFree", {18}, 20);  // needs no P
  on_cpu(g, 7, 0, 1);
  g.batch(7, 1002)
      .event("Span", {1, 2, 3})
      .event("SpanAlloc", {4, 5, 6})
      .event("SpanFree", {7})
      .event("HeapObject", {8, 9})
      .event("HeapObjectAlloc", {10, 11})
      .event("HeapObjectFree", {12})
      .event("GoroutineStack", {13, 14})
      .event("GoroutineStackAlloc", {15, 16})
      .event("GoroutineStackFree", {17});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 Experimental Span 1 2",
                              "4 m7 p0 g1 Experimental SpanAlloc 4 5",
                              "5 m7 p0 g1 Experimental SpanFree 7 0",
                              "6 m7 p0 g1 Experimental HeapObject 8 9",
                              "7 m7 p0 g1 Experimental HeapObjectAlloc 10 11",
                              "8 m7 p0 g1 Experimental HeapObjectFree 12 0",
                              "9 m7 p0 g1 Experimental GoroutineStack 13 14",
                              "10 m7 p0 g1 Experimental GoroutineStackAlloc 15 16",
                              "11 m7 p0 g1 Experimental GoroutineStackFree 17 0",
                              "20 m9 p- g- Experimental HeapObjectFree 18 0",
                          });
  CHECK(read_trace(b.bytes()).facts.generations[0].experimental_bytes == 3);
}

TEST_CASE("CPU samples come before what is later, in the context that they name") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("HeapAlloc", {1}, 8).event("HeapAlloc", {2});
  g.sample(1010, 7, 0, 1, frames({"main.hot"}))
      .sample(1005, 8, -1, 0, 0)
      .sample(1020, 7, 0, 77, 0)
      .sample(1021, 7, 0, 1, 4711);  // a stack that does not exist means none
  CHECK(after_start(b) == Lines{
                              "5 m8 p- g- StackSample of 0",
                              "10 m7 p0 g1 /memory/classes/heap/objects:bytes 1",
                              "11 m7 p0 g1 StackSample of 1 stack=main.hot",
                              "12 m7 p0 g1 /memory/classes/heap/objects:bytes 2",
                              "20 m7 p0 g- StackSample of 77",
                              "21 m7 p0 g1 StackSample of 1",
                          });
}
