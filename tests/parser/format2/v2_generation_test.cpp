// From one generation to the next: what is carried over, what begins anew, and how they are told
// apart in the file.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

Lines lines_of(TraceBuilder& b) {
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  return got.lines;
}

}  // namespace

TEST_CASE("States, open ranges, regions and tasks outlive a generation; ids do not") {
  const int version = GENERATE(22, 23, 25, 26);
  CAPTURE(version);
  TraceBuilder b(version);
  auto& first = b.generation(1);
  on_cpu(first, 7, 0, 1)
      .event("GCBegin", {1, 0})
      .event("GCMarkAssistBegin", {0})
      .event("GCSweepBegin", {0})
      .event("UserTaskBegin", {5, 0, "task", 0})
      .event("UserRegionBegin", {5, "region", 0});
  auto& second = b.generation(2);
  second.string("other");  // moves the ids of all others
  second.thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GCSweepActive", {0})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("GCMarkAssistActive", {1})
      .event("GCActive", {2})
      .event("UserRegionEnd", {5, "region", 0})
      .event("UserTaskEnd", {5, 0})
      .event("GCSweepEnd", {1, 2})
      .event("GCMarkAssistEnd")
      .event("GCEnd", {3})
      .event("GoBlock", {"sync", 0});
  CHECK(lines_of(b) == Lines{
                           "0 sync 1 generation 1",
                           "1 m7 p- g- P0 Undetermined->Running",
                           "2 m7 p0 g- G1 Undetermined->Running",
                           "3 m7 p0 g1 RangeBegin \"GC concurrent mark phase\"",
                           "4 m7 p0 g1 RangeBegin \"GC mark assist\" G1",
                           "5 m7 p0 g1 RangeBegin \"GC incremental sweep\" P0",
                           "6 m7 p0 g1 TaskBegin 5 of - \"task\"",
                           "7 m7 p0 g1 RegionBegin 5 \"region\"",
                           "1000 sync 2 generation 2",
                           // Before its own statuses a thread's context is carried over.
                           "1001 m7 p0 g1 P0 Running->Running",
                           "1002 m7 p0 g1 RangeActive \"GC incremental sweep\" P0",
                           "1003 m7 p0 g1 G1 Running->Running",
                           "1004 m7 p0 g1 RangeActive \"GC mark assist\" G1",
                           "1005 m7 p0 g1 RangeActive \"GC concurrent mark phase\"",
                           "1006 m7 p0 g1 RegionEnd 5 \"region\"",
                           "1007 m7 p0 g1 TaskEnd 5 of - \"task\"",
                           "1008 m7 p0 g1 RangeEnd \"GC incremental sweep\" P0 1 2",
                           "1009 m7 p0 g1 RangeEnd \"GC mark assist\" G1",
                           "1010 m7 p0 g1 RangeEnd \"GC concurrent mark phase\"",
                           "1011 m7 p0 g1 G1 Running->Waiting \"sync\"",
                           "1012 end",
                       });
}

TEST_CASE("Since when an ended state lasted is known across generations") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1).event("UserRegionBegin", {0, "r", 0});
  b.generation(2)
      .thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("UserRegionEnd", {0, "r", 0})
      .event("GoDestroy");
  const Outcome got = read_trace(b.bytes(), {.since = true});
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() == 10);
  CHECK(got.lines[6] == "1002 m7 p0 g1 G1 Running->Running open_start since=2");
  CHECK(got.lines[7] == "1003 m7 p0 g1 RegionEnd 0 \"r\" since=3");
  CHECK(got.lines[8] == "1004 m7 p0 g1 G1 Running->NotExist open_start since=2");
}

TEST_CASE("Generations need not begin at 1, and need not have events") {
  const int version = GENERATE(22, 23, 25, 26);
  CAPTURE(version);
  TraceBuilder b(version);
  b.generation(41, 500);
  on_cpu(b.generation(42, 1000), 7, 0, 1);
  b.generation(43, 2000).string("nothing else");
  b.generation(44, 3000).thread(7).event("ProcStatus", {0, kProcRunning});
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  CHECK(got.lines == Lines{"0 sync 1 generation 41", "500 sync 2 generation 42",
                           "501 m7 p- g- P0 Undetermined->Running",
                           "502 m7 p0 g- G1 Undetermined->Running", "1500 sync 3 generation 43",
                           "2500 sync 4 generation 44", "2501 m7 p0 g1 P0 Running->Running",
                           "2502 end"});
  REQUIRE(got.facts.generations.size() == 4);
  CHECK(got.facts.generations[0].number == 41);
  CHECK(got.facts.generations[1].events == 3);
  CHECK(got.facts.generations[1].begin == 500);
  CHECK(got.facts.generations[1].end == 502);
  CHECK(got.facts.generations[2].strings == 1);
  CHECK(got.facts.generations[3].threads == 1);
}

TEST_CASE("A header alone is an empty trace since 1.26") {
  const Outcome got = read_trace(header(26));
  CHECK(got.faults == Lines{});
  CHECK(got.facts.generations.empty());
  for (int version : {22, 23, 25}) {
    const Outcome old = read_trace(header(version));
    CAPTURE(version);
    REQUIRE(old.facts.faults.size() == 1);
    CHECK(old.facts.faults[0].kind == FaultKind::kTruncated);
  }
}

TEST_CASE("Sequence numbers begin anew with each generation") {
  // Goroutine 3 is woken as its number 1 in both generations. The start of generation 2 has a time
  // at which the number would fit generation 1.
  TraceBuilder b(26);
  auto& first = b.generation(1);
  on_cpu(first, 7, 0, 1).event("GoStatus", {3, -1, kGoWaiting}).event("GoUnblock", {3, 1, 0});
  auto& second = b.generation(2, 1000);
  second.thread(8).event("ProcStatus", {1, kProcRunning}).event("GoStart", {3, 1});
  second.batch(7, 1100)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("GoStatus", {3, -1, kGoRunnable});
  CHECK(lines_of(b) == Lines{
                           "0 sync 1 generation 1",
                           "1 m7 p- g- P0 Undetermined->Running",
                           "2 m7 p0 g- G1 Undetermined->Running",
                           "3 m7 p0 g1 G3 Undetermined->Waiting",
                           "4 m7 p0 g1 G3 Waiting->Runnable",
                           "5 sync 2 generation 2",
                           "6 m8 p- g- P1 NotExist->Running",
                           "101 m7 p0 g1 P0 Running->Running",
                           "102 m7 p0 g1 G1 Running->Running",
                           "103 m7 p0 g1 G3 Runnable->Runnable",
                           "104 m8 p1 g- G3 Runnable->Running",
                           "105 end",
                       });
}

TEST_CASE("A late status pushes the next generation's first events behind it") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  // Written last, with a time after generation 2's beginning.
  b.generation(2, 1100);
  TraceBuilder c(26);
  auto& first = c.generation(1);
  on_cpu(first, 7, 0, 1);
  first.batch(-1, 1200).event("GoStatus", {5, -1, kGoWaiting});
  c.generation(2, 1100).thread(7).event("ProcStatus", {0, kProcRunning}).event("HeapAlloc", {1});
  CHECK(lines_of(c) == Lines{
                           "0 sync 1 generation 1",
                           "1 m7 p- g- P0 Undetermined->Running",
                           "2 m7 p0 g- G1 Undetermined->Running",
                           "201 m- p- g- G5 Undetermined->Waiting",
                           "202 sync 2 generation 2",
                           "203 m7 p0 g1 P0 Running->Running",
                           "204 m7 p0 g1 /memory/classes/heap/objects:bytes 1",
                           "205 end",
                       });
}

TEST_CASE("GOMAXPROCS grows: a P that is new in a later generation did not exist") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  b.generation(2).thread(7).event("ProcStatus", {1, kProcIdle});
  const Lines lines = lines_of(b);
  REQUIRE(lines.size() == 6);
  CHECK(lines[4] == "1001 m7 p0 g1 P1 NotExist->Idle");
}

TEST_CASE("The initial generation is the first one with an event") {
  // Goroutines and Ps may turn up out of nowhere in generation 2, as 1 has none.
  TraceBuilder b(26);
  b.generation(1).string("x");
  on_cpu(b.generation(2), 7, 0, 1);
  CHECK(lines_of(b)[3] == "1002 m7 p0 g- G1 Undetermined->Running");
}

TEST_CASE("Sparse, high and reserved ids of strings and stacks") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  const uint64_t high = ~uint64_t{0};
  g.string_record(high, "main.high").string_record(1 << 20, "m.go").string_record(70'000, "why");
  g.string_record(5, "");
  g.stack_record(high, 0x10, high, 1 << 20, 3);
  g.stack_record(9, 0, 0, 0, 0);  // one empty frame: no stack
  on_cpu(g, 7, 0, 1)
      .event("GoStop", {70'000, high})
      .event("GoStart", {1, 1})
      .event("GoStop", {5, 0})
      .event("GoStart", {1, 2});
  CHECK(lines_of(b)[3] == "3 m7 p0 g1 G1 Running->Runnable \"why\" stack=main.high");
  CHECK(lines_of(b)[5] == "5 m7 p0 g1 G1 Running->Runnable");
}

TEST_CASE("Times of a clock that has run for years are exact") {
  TraceBuilder b(26);
  const uint64_t start = 15'625'000ull * 86'400 * 365 * 20;  // 20 years at 64 ns
  auto& g = b.generation(1, start);
  g.frequency(15'625'000);
  on_cpu(g, 7, 0, 1).event("HeapAlloc", {1}, 15'625'000ull * 86'400);
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  CHECK(got.lines[1] == "64 m7 p- g- P0 Undetermined->Running");
  CHECK(got.lines[3].starts_with("86400000000128 "));
}
