// What the events of format 1 become.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// The example of the format's description.
Bytes example() {
  return V1Builder(19)
      .batch(0, 1000)
      .event("GoCreate", {1, 1, 2})
      .event("GoCreate", {2, 3, 2})
      .event("GoWaiting", {2})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 2}, 2)
      .event("GoCreate", {3, 3, 2}, 3)
      .event("GoBlockRecv", {2}, 2)
      .event("GoStartLocal", {3})
      .event("GoUnblockLocal", {1, 4}, 4)
      .event("GoSysCall", {4})
      .event("GoEnd", {}, 5)
      .event("GoStartLocal", {1})
      .log(0, 5, 2, "hi")
      .frequency(10'000'000)
      .batch(0, 1100)
      .string(1, "main.main")
      .string(2, "m.go")
      .string(3, "main.w")
      .string(5, "key")
      .record(v1::kStack, {2, 1, 0x2042, 1, 2, 11}, true)
      .record(v1::kStack, {3, 1, 0x1001, 3, 2, 20}, true)
      .record(v1::kStack, {4, 1, 0x1010, 3, 2, 22}, true)
      .bytes();
}

/// A started trace: goroutine 1 runs on P 0 and thread 5, the clock ticks in ns from 1000 on.
V1Builder started(int version) {
  V1Builder b(version);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0}, 0)
      .event("ProcStart", {5}, 0)
      .event("GoStartLocal", {1}, 0)
      .event("Gomaxprocs", {4, 0}, 100);
  return b;
}

/// What comes behind the events of started(), without the closing sync.
Lines events_of(V1Builder& b) {
  Outcome got = read_trace(b.frequency(1'000'000'000).bytes());
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() >= 5);
  REQUIRE(got.lines[3] == "101 m5 p0 g1 /sched/gomaxprocs:threads 4");
  return {got.lines.begin() + 4, got.lines.end() - 1};
}

}  // namespace

TEST_CASE("The worked example of format 1") {
  const Bytes bytes = example();
  REQUIRE(bytes.size() == 148);
  for (size_t chunk : {size_t{1}, size_t{7}, size_t{1} << 20}) {
    const Outcome got = read_trace(bytes, {.chunk = chunk});
    CHECK(got.faults == Lines{});
    // Times count from the sync event, which is 1 ns before the first event.
    CHECK(got.lines == Lines{
                           "0 sync 1 generation 1",
                           "201 m- p0 g2 G2 Undetermined->Waiting",
                           "301 m5 p0 g- P0 Undetermined->Running",
                           "401 m5 p0 g1 G1 Undetermined->Running",
                           "601 m5 p0 g1 /sched/gomaxprocs:threads 4 stack=main.main",
                           "901 m5 p0 g1 G3 NotExist->Runnable stack=main.main start=main.w",
                           "1101 m5 p0 g1 G1 Running->Waiting \"chan receive\" stack=main.main",
                           "1201 m5 p0 g3 G3 Runnable->Running",
                           "1601 m5 p0 g3 G1 Waiting->Runnable stack=main.w",
                           "1701 m5 p0 g3 G3 Running->Syscall stack=main.w",
                           "1702 m5 p0 g3 G3 Syscall->Running",
                           "2201 m5 p0 g3 G3 Running->NotExist",
                           "2301 m5 p0 g1 G1 Runnable->Running",
                           "2401 m5 p0 g1 Log 0 \"key\" \"hi\" stack=main.main",
                           "2402 end",
                       });
    REQUIRE(got.facts.generations.size() == 1);
    CHECK(got.facts.generations[0].batches == 2);
    CHECK(got.facts.generations[0].strings == 4);
    CHECK(got.facts.generations[0].stacks == 3);
    CHECK(got.facts.generations[0].complete);
  }
}

TEST_CASE("Goroutines that neither wait nor run when the trace begins are runnable") {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {7, 0, 0}, 0)
      .event("GoCreate", {8, 0, 0}, 1)
      .event("GoInSyscall", {8}, 1)
      .event("ProcStart", {5}, 1)
      .event("Gomaxprocs", {4, 0}, 10)
      .frequency(1'000'000'000);
  CHECK(read_trace(b.bytes()).lines == Lines{
                                           "0 sync 1 generation 1",
                                           "3 m- p0 g8 G8 Undetermined->Syscall",
                                           "4 m5 p0 g- P0 Undetermined->Running",
                                           "14 m- p- g- G7 Undetermined->Runnable",
                                           "15 m5 p0 g- /sched/gomaxprocs:threads 4",
                                           "16 end",
                                       });
}

TEST_CASE("A syscall that loses its P ends when it really did") {
  V1Builder b = started(19);
  b.event("GoSysCall", {0}, 100)  // 1200
      .event("GoSysBlock", {}, 100)
      .event("ProcStop")
      .batch(1, 1500)
      .event("ProcStart", {6}, 0)
      .event("HeapAlloc", {77}, 50)
      .event("GoSysExit", {1, 2, 1520}, 100)
      .event("GoStartLocal", {1});
  CHECK(events_of(b) == Lines{
                            "201 m5 p0 g1 G1 Running->Syscall",
                            "302 m5 p0 g- P0 Running->Idle",
                            "501 m6 p1 g- P1 Undetermined->Running",
                            "521 m- p1000003 g1 G1 Syscall->Runnable",
                            "551 m6 p1 g- /memory/classes/heap/objects:bytes 77",
                            "652 m6 p1 g1 G1 Runnable->Running",
                        });
}

TEST_CASE("A syscall's end without a time of its own takes that of its record") {
  for (uint64_t ts : {0, 1500}) {
    V1Builder b = started(19);
    b.event("GoSysCall", {0}, 100)
        .event("GoSysBlock", {}, 100)
        .event("GoSysExit", {1, 2, ts}, 200)
        .event("GoStartLocal", {1}, 0);
    CHECK(events_of(b) == Lines{
                              "201 m5 p0 g1 G1 Running->Syscall",
                              "501 m- p1000003 g1 G1 Syscall->Runnable",
                              "502 m5 p0 g1 G1 Runnable->Running",
                          });
  }
}

TEST_CASE("A CPU sample or a batch border does not hide that a syscall blocks") {
  V1Builder b = started(19);
  b.event("GoSysCall", {0}, 100)
      .batch(3, 0)
      .event("CPUSample", {1250, 2, 1, 0})
      .batch(0, 1300)
      .event("GoSysBlock");
  CHECK(events_of(b) == Lines{
                            "201 m5 p0 g1 G1 Running->Syscall",
                            "251 m- p2 g1 StackSample of 1",
                        });
}

TEST_CASE("What another goroutine does on the P meanwhile does not hide it either") {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0}, 0)
      .event("GoCreate", {2, 0, 0}, 0)
      .event("GoInSyscall", {2}, 0)
      .event("ProcStart", {5}, 0)
      .event("GoStartLocal", {1}, 0)
      .event("Gomaxprocs", {4, 0}, 100)
      .event("GoSysCall", {0}, 100)
      .event("GoSysExit", {2, 2, 0})
      .event("GoSysBlock");
  const Outcome got = read_trace(b.frequency(1'000'000'000).bytes());
  CHECK(got.faults == Lines{});
  CHECK(got.lines[5] == "201 m5 p0 g1 G1 Running->Syscall");
  CHECK(got.lines[6] == "202 m- p1000003 g2 G2 Syscall->Runnable");
  CHECK(got.lines.size() == 8);
}

TEST_CASE("Wake-ups by the network poller and by timers get their own procs") {
  V1Builder b = started(11);
  b.record(v1::kTimerGoroutine, {9})
      .event("GoCreate", {9, 0, 0}, 100)
      .event("GoBlockNet", {0})
      .event("GoStartLocal", {9})
      .event("GoUnblockLocal", {1, 0})
      .event("GoSleep", {0})
      .event("GoStartLocal", {1})
      .event("GoSleep", {0})
      .event("GoStart", {9, 3})
      .batch(-1, 1207)
      .event("GoUnblock", {9, 2, 0}, 0);
  // The last wake-up is the last record of the file, and no earlier than the start by its clock.
  const Lines got = events_of(b);
  REQUIRE(got.size() == 9);
  CHECK(got[3] == "204 m- p1000002 g9 G1 Waiting->Runnable");
  CHECK(got[7] == "208 m- p- g- G9 Waiting->Runnable");
  CHECK(got[8] == "209 m5 p0 g9 G9 Runnable->Running");

  V1Builder timers = started(11);
  timers.record(v1::kTimerGoroutine, {9})
      .event("GoCreate", {9, 0, 0})
      .event("GoSleep", {0})
      .event("GoStartLocal", {9})
      .event("GoUnblockLocal", {1, 0});
  CHECK(events_of(timers).back() == "105 m- p1000001 g9 G1 Waiting->Runnable");
}

TEST_CASE("Garbage collection, regions and tasks of format 1") {
  V1Builder b = started(19);
  b.string(1, "work")
      .string(2, "GC (idle)")
      .event("GCStart", {0, 0}, 100)
      .event("STWStart", {1})
      .event("STWDone")
      .event("GCSweepStart", {0})
      .event("GCSweepDone", {8192, 4096})
      .event("GCMarkAssistStart", {0})
      .event("GCMarkAssistDone")
      .event("GCDone")
      .event("UserTaskCreate", {3, 0, 1, 0})
      .event("UserRegion", {3, 0, 1, 0})
      .event("UserRegion", {3, 1, 1, 0})
      .event("UserTaskEnd", {3, 0})
      .event("GoSched", {0})
      .event("GoStartLabel", {1, 2, 2})
      .event("HeapGoal", {5})
      .event("GoStop", {0});
  CHECK(without_times(events_of(b)) ==
        Lines{
            "m- p1000004 g1 RangeBegin \"GC concurrent mark phase\"",
            "m5 p0 g1 RangeBegin \"stop-the-world (GC sweep termination)\" G1",
            "m5 p0 g1 RangeEnd \"stop-the-world (GC sweep termination)\" G1",
            "m5 p0 g1 RangeBegin \"GC incremental sweep\" P0",
            "m5 p0 g1 RangeEnd \"GC incremental sweep\" P0 8192 4096",
            "m5 p0 g1 RangeBegin \"GC mark assist\" G1",
            "m5 p0 g1 RangeEnd \"GC mark assist\" G1",
            "m5 p0 g1 RangeEnd \"GC concurrent mark phase\"",
            "m5 p0 g1 TaskBegin 3 of - \"work\"",
            "m5 p0 g1 RegionBegin 3 \"work\"",
            "m5 p0 g1 RegionEnd 3 \"work\"",
            "m5 p0 g1 TaskEnd 3 of - \"work\"",
            "m5 p0 g1 G1 Running->Runnable \"runtime.Gosched\"",
            "m5 p0 g1 G1 Runnable->Running",
            "m5 p0 g1 Label \"GC (idle)\"",
            "m5 p0 g1 /gc/heap/goal:bytes 5",
            "m5 p0 g1 G1 Running->Waiting \"forever\"",
        });
}

TEST_CASE("The older versions have fewer arguments") {
  V1Builder seven = started(7);
  seven.event("STWStart").event("STWDone").event("GCSweepStart", {0}).event("GCSweepDone");
  CHECK(without_times(events_of(seven)) ==
        Lines{
            "m5 p0 g1 RangeBegin \"stop-the-world (GC mark termination)\" G1",
            "m5 p0 g1 RangeEnd \"stop-the-world (GC mark termination)\" G1",
            "m5 p0 g1 RangeBegin \"GC incremental sweep\" P0",
            "m5 p0 g1 RangeEnd \"GC incremental sweep\" P0",
        });
  V1Builder texts = started(7);
  texts.string(5, "main.f").event("GoSched", {0});
  CHECK(without_times(events_of(texts)).size() == 1);
  V1Builder newest = started(21);
  newest.event("STWStart", {7}).event("STWDone").event("STWStart", {99}).event("STWDone");
  const Lines got = events_of(newest);
  CHECK(got[0] == "102 m5 p0 g1 RangeBegin \"stop-the-world (read mem stats)\" G1");
  CHECK(got[2] == "104 m5 p0 g1 RangeBegin \"stop-the-world ()\" G1");
}

TEST_CASE("A thread of C that appears in a syscall after the start (1.21)") {
  V1Builder b = started(21);
  b.event("GoCreate", {9, 0, 0}).event("GoInSyscall", {9});
  CHECK(events_of(b) == Lines{
                            "102 m5 p0 g1 G9 NotExist->Runnable",
                            "103 m5 p0 g9 G9 Runnable->Syscall",
                        });
}
