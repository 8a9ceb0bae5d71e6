// How the streams of format 1's Ps become one.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// Goroutines 1 (running on P 0), 2 and 3 (waiting); the clock ticks in ns from 1000 on.
V1Builder started() {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0}, 0)
      .event("GoCreate", {2, 0, 0}, 0)
      .event("GoWaiting", {2}, 0)
      .event("GoCreate", {3, 0, 0}, 0)
      .event("GoWaiting", {3}, 0)
      .event("ProcStart", {5}, 0)
      .event("GoStartLocal", {1}, 0)
      .event("Gomaxprocs", {4, 0}, 100);
  return b;
}

Outcome read(V1Builder& b) { return read_trace(b.frequency(1'000'000'000).bytes()); }

Lines events_of(V1Builder& b) {
  Outcome got = read(b);
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() >= 7);
  return {got.lines.begin() + 6, got.lines.end() - 1};
}

}  // namespace

TEST_CASE("Streams are merged by time, batches of a P in the order of the file") {
  V1Builder b = started();
  b.batch(1, 1300)
      .event("HeapAlloc", {3}, 0)
      .batch(0, 1200)
      .event("HeapAlloc", {2}, 0)
      .event("HeapAlloc", {4}, 200)
      .batch(1, 1500)
      .event("HeapAlloc", {5}, 0);
  CHECK(events_of(b) == Lines{
                            "201 m5 p0 g1 /memory/classes/heap/objects:bytes 2",
                            "301 m- p1 g- /memory/classes/heap/objects:bytes 3",
                            "401 m5 p0 g1 /memory/classes/heap/objects:bytes 4",
                            "501 m- p1 g- /memory/classes/heap/objects:bytes 5",
                        });
}

TEST_CASE("Equal times: a start waits for the wake-up on another P") {
  V1Builder b = started();
  // P 1 is first in the file and not later, but its record needs that of P 2, and that one P 0's.
  b.batch(1, 1300)
      .event("GoStart", {2, 3}, 0)
      .batch(2, 1300)
      .event("GoUnblock", {2, 2, 0}, 0)
      .batch(0, 1250)
      .event("HeapAlloc", {1}, 0);
  CHECK(without_times(events_of(b)) == Lines{
                                           "m5 p0 g1 /memory/classes/heap/objects:bytes 1",
                                           "m- p2 g- G2 Waiting->Runnable",
                                           "m- p1 g2 G2 Runnable->Running",
                                       });
}

TEST_CASE("Sequence numbers tell which of two wake-ups is first") {
  V1Builder b = started();
  b.batch(1, 1300)
      .event("GoUnblock", {2, 4, 0}, 0)
      .batch(2, 1300)
      .event("GoUnblock", {2, 2, 0}, 0)
      .event("GoStartLocal", {2}, 0)
      .event("GoBlockSend", {0}, 0);
  CHECK(without_times(events_of(b)) == Lines{
                                           "m- p2 g- G2 Waiting->Runnable",
                                           "m- p2 g2 G2 Runnable->Running",
                                           "m- p2 g2 G2 Running->Waiting \"chan send\"",
                                           "m- p1 g- G2 Waiting->Runnable",
                                       });
}

TEST_CASE("A goroutine is known only after its creation on another P") {
  V1Builder b = started();
  b.batch(1, 1300)
      .event("GoStart", {40, 1}, 0)
      .event("GoEnd", {}, 0)
      .batch(2, 1300)
      .event("GoCreate", {40, 0, 0}, 0);
  CHECK(without_times(events_of(b)) == Lines{
                                           "m- p2 g- G40 NotExist->Runnable",
                                           "m- p1 g40 G40 Runnable->Running",
                                           "m- p1 g40 G40 Running->NotExist",
                                       });
}

TEST_CASE("Equal times: the merge heap of Go's reader decides") {
  V1Builder b = started();
  b.event("HeapAlloc", {1}, 100)
      .event("HeapAlloc", {2}, 100)
      .batch(1, 1300)
      .event("HeapAlloc", {3}, 0)
      .batch(2, 1300)
      .event("HeapAlloc", {4}, 0);
  // The heap is P0, P2, P1. Taking P0's first record puts P1 at the root, and P0's next one behind
  // P2; taking P1's puts P0 there.
  CHECK(without_times(events_of(b)) == Lines{
                                           "m5 p0 g1 /memory/classes/heap/objects:bytes 1",
                                           "m- p1 g- /memory/classes/heap/objects:bytes 3",
                                           "m5 p0 g1 /memory/classes/heap/objects:bytes 2",
                                           "m- p2 g- /memory/classes/heap/objects:bytes 4",
                                       });
}

TEST_CASE("Equal times: a record that had to wait gets in before that of the P it waited for") {
  V1Builder b = started();
  b.batch(1, 1300)
      .event("GoStart", {2, 3}, 0)
      .batch(2, 1300)
      .event("GoUnblock", {2, 2, 0}, 0)
      .event("HeapAlloc", {1}, 0);
  CHECK(without_times(events_of(b)) == Lines{
                                           "m- p2 g- G2 Waiting->Runnable",
                                           "m- p1 g2 G2 Runnable->Running",
                                           "m- p2 g- /memory/classes/heap/objects:bytes 1",
                                       });
}

TEST_CASE("Equal times: CPU samples are one more stream of the merge heap") {
  V1Builder b = started();
  b.event("HeapAlloc", {1}, 100)
      .event("HeapAlloc", {2}, 100)
      .batch(7, 5)
      .event("CPUSample", {1300, 0, 1, 0});
  CHECK(events_of(b) == Lines{
                            "201 m5 p0 g1 /memory/classes/heap/objects:bytes 1",
                            "301 m- p0 g1 StackSample of 1",
                            "302 m5 p0 g1 /memory/classes/heap/objects:bytes 2",
                        });
}

TEST_CASE("GC cycles are ordered by their own numbers") {
  V1Builder b = started();
  b.batch(1, 1302)
      .event("GCStart", {1, 0}, 0)
      .batch(2, 1300)
      .event("GCStart", {0, 0}, 0)
      .event("GCDone", {}, 1);
  const Lines got = events_of(b);
  REQUIRE(got.size() == 3);
  CHECK(got[0] == "301 m- p1000004 g- RangeBegin \"GC concurrent mark phase\"");
  CHECK(got[1] == "302 m- p2 g- RangeEnd \"GC concurrent mark phase\"");
  CHECK(got[2] == "303 m- p1000004 g- RangeBegin \"GC concurrent mark phase\"");

  V1Builder without = started();
  without.batch(1, 1302).event("GCStart", {1, 0}, 0);
  const Outcome stuck = read(without);
  REQUIRE(stuck.facts.faults.size() == 1);
  CHECK(stuck.facts.faults[0].message.ends_with("GC 0 never begins"));
}

TEST_CASE("CPU samples are sorted in by their own times") {
  V1Builder b = started();
  b.event("HeapAlloc", {1}, 100)
      .batch(7, 5)
      .event("CPUSample", {1300, 0, 1, 0})
      .event("CPUSample", {1150, static_cast<uint64_t>(-1), 0, 0})
      .event("CPUSample", {1160, 1, 99, 0});
  CHECK(events_of(b) == Lines{
                            "151 m- p- g- StackSample of 0",
                            "161 m- p1 g- StackSample of 99",
                            "201 m5 p0 g1 /memory/classes/heap/objects:bytes 1",
                            "301 m- p0 g1 StackSample of 1",
                        });
}

TEST_CASE("Many Ps that wait for one goroutine are refused instead of being tried for ever") {
  V1Builder b = started();
  constexpr uint64_t kProcs = 2000;
  for (uint64_t p = 1; p <= kProcs; ++p)
    b.batch(static_cast<int64_t>(p), 1300).event("GoStart", {2, 1'000'000 + p}, 0);
  b.batch(kProcs + 1, 1250);
  for (uint64_t i = 0; i < 2000; ++i)
    b.event("GoUnblock", {2, 2 + 2 * i, 0}).event("GoStart", {2, 3 + 2 * i}).event("GoBlock", {0});
  const Outcome got = read(b);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "more Ps wait for others than in any real trace");
  CHECK(got.facts.faults[0].lost.events > kProcs);
}

TEST_CASE("Many Ps that wait for another goroutine than the one that changes are looked at too") {
  constexpr uint64_t kProcs = 3000;
  V1Builder b = started();
  for (uint64_t p = 3; p <= kProcs; ++p)
    b.batch(static_cast<int64_t>(p), 1300).event("GoStart", {3, 1'000'000 + p}, 0);
  // Goroutine 2 goes back and forth between two Ps, each of which waits for the other.
  const auto turns = [&b](uint64_t first) {
    b.batch(1 + static_cast<int64_t>(first), 1300);
    for (uint64_t i = first; i < 1000; i += 2)
      b.event("GoUnblock", {2, 2 + 2 * i, 0}, 0)
          .event("GoStart", {2, 3 + 2 * i}, 0)
          .event("GoBlock", {0}, 0);
  };
  turns(0);
  turns(1);
  // Some 1,000 looks a record are granted, and each of these takes 3,000.
  const Outcome got = read(b);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "more Ps wait for others than in any real trace");
  CHECK(got.facts.faults[0].lost.events > kProcs);
}

TEST_CASE("Times at the end of what a number holds") {
  V1Builder b = started();
  b.batch(1, INT64_MAX).event("HeapAlloc", {1}, 0).batch(2, 1300).event("GoStart", {2, 77}, 0);
  const Outcome got = read(b);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "time is out of range");
  CHECK(got.facts.faults[0].event == "HeapAlloc");
}

TEST_CASE("What cannot be ordered ends the trace, and what came before it stays") {
  V1Builder b = started();
  b.event("HeapAlloc", {1}).batch(1, 1300).event("GoStart", {2, 77}, 0);
  const uint64_t at = b.last_offset();
  b.event("HeapAlloc", {2});
  const Outcome got = read(b);
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kInvalid);
  CHECK(fault.offset == at);
  CHECK(fault.event == "GoStart");
  CHECK(fault.lost.events == 2);
  CHECK(got.lines.size() == 8);
  CHECK_FALSE(got.facts.generations[0].complete);
}

TEST_CASE("Clocks that disagree are told about") {
  V1Builder b = started();
  b.batch(1, 1300).event("GoUnblock", {2, 2, 0}, 0).batch(2, 1200).event("GoStart", {2, 3}, 0);
  const uint64_t at = b.last_offset();
  const Outcome got = read(b);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].offset == at);
  CHECK(got.facts.faults[0].message.find("backwards") != std::string::npos);
  CHECK(got.lines.back() != got.lines[6]);
  CHECK(got.lines[6] == "301 m- p1 g- G2 Waiting->Runnable");
}
