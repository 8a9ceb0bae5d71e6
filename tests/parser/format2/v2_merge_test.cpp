// How the threads of a generation are merged: clocks are hints, the partial order decides.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

Lines events_of(TraceBuilder& b) {
  Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() >= 2);
  return {got.lines.begin() + 1, got.lines.end() - 1};
}

}  // namespace

TEST_CASE("A start waits for the wake on a thread whose clock is far ahead") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.nobody().event("GoStatus", {3, -1, kGoWaiting});
  g.thread(7).event("ProcStatus", {0, kProcRunning}).event("GoStart", {3, 2});
  g.thread(8).event("GoUnblock", {3, 1, 0}, 1'000'000);
  CHECK(events_of(b) == Lines{
                            "1 m- p- g- G3 Undetermined->Waiting",
                            "2 m7 p- g- P0 Undetermined->Running",
                            "1000000 m8 p- g- G3 Waiting->Runnable",
                            // Raw time 2, raised behind what it follows.
                            "1000001 m7 p0 g- G3 Runnable->Running",
                        });
}

TEST_CASE("A goroutine wanders between threads in the order of its numbers, whatever the clocks") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.batch(7, 5000)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("GoStop", {"preempted", 0})
      .event("GoStart", {1, 3});
  g.batch(8, 1000)
      .event("ProcStatus", {1, kProcRunning})
      .event("GoStart", {1, 1})
      .event("GoStop", {"preempted", 0});
  g.batch(9, 3000)
      .event("ProcStatus", {2, kProcRunning})
      .event("GoStart", {1, 2})
      .event("GoStop", {"preempted", 0});
  CHECK(without_times(events_of(b)) == Lines{
                                           "m8 p- g- P1 Undetermined->Running",
                                           "m9 p- g- P2 Undetermined->Running",
                                           "m7 p- g- P0 Undetermined->Running",
                                           "m7 p0 g- G1 Undetermined->Running",
                                           "m7 p0 g1 G1 Running->Runnable \"preempted\"",
                                           "m8 p1 g- G1 Runnable->Running",
                                           "m8 p1 g1 G1 Running->Runnable \"preempted\"",
                                           "m9 p2 g- G1 Runnable->Running",
                                           "m9 p2 g1 G1 Running->Runnable \"preempted\"",
                                           "m7 p0 g- G1 Runnable->Running",
                                       });
}

TEST_CASE("Equal times are raised by 1 ns each") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("HeapAlloc", {1}, 0)
      .event("HeapAlloc", {2}, 0)
      .event("HeapAlloc", {3}, 0)
      .event("HeapAlloc", {4}, 2);
  const Lines lines = events_of(b);
  REQUIRE(lines.size() == 6);
  const std::string name = " m7 p0 g1 /memory/classes/heap/objects:bytes ";
  CHECK(lines[2] == "3" + name + "1");
  CHECK(lines[3] == "4" + name + "2");
  CHECK(lines[4] == "5" + name + "3");
  CHECK(lines[5] == "6" + name + "4");  // raw 4, and the last one was raised to 5
}

TEST_CASE("With more than twelve threads of equal times every head is tried") {
  // All threads stand at the same time and only the last one's goroutine may start. With ties among
  // so many, an unstable sort may move an untried thread out of sight.
  for (int threads : {2, 12, 13, 14, 40, 200}) {
    CAPTURE(threads);
    TraceBuilder b(26);
    auto& g = b.generation(1);
    auto& nobody = g.nobody();
    nobody.event("GoStatus", {1, -1, kGoRunnable});
    // Thread n runs goroutine 1 for the n-th time from the end.
    for (int n = threads; n >= 1; --n) {
      g.batch(100 + n, 2000)
          .event("ProcStatus", {n - 1, kProcRunning}, 0)
          .event("GoStart", {1, n}, 0)
          .event("GoStop", {"preempted", 0}, 0);
    }
    const Lines lines = events_of(b);
    REQUIRE(lines.size() == 1 + 3 * static_cast<size_t>(threads));
    // Each start is followed by its stop, thread by thread upwards.
    int next = 1;
    for (const std::string& line : lines)
      if (line.ends_with("Runnable->Running"))
        CHECK(line.find(" m" + std::to_string(100 + next++) + " ") != std::string::npos);
    CHECK(next == threads + 1);
  }
}

TEST_CASE("Each delta is cut to whole ns by itself") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  g.frequency(1'000'000'000 / 3);  // 3.000000003 ns a unit
  on_cpu(g, 7, 0, 1);              // 3 ns each
  for (int i = 0; i < 3; ++i) g.thread(7).event("HeapAlloc", {i}, 400'000'000);
  // A later batch starts anew from its own base.
  g.batch(7, 1'200'001'002).event("HeapAlloc", {9});
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  const std::string name = " m7 p0 g1 /memory/classes/heap/objects:bytes ";
  CHECK(got.lines == Lines{"0 sync 1 generation 1", "3 m7 p- g- P0 Undetermined->Running",
                           "6 m7 p0 g- G1 Undetermined->Running", "1200000007" + name + "0",
                           "2400000008" + name + "1", "3600000009" + name + "2",
                           "3600000012" + name + "9", "3600000013 end"});
}

TEST_CASE("A clock faster than 1 GHz: many units are one ns") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 30'000);
  g.frequency(3'000'000'000);
  g.thread(7)
      .event("ProcStatus", {0, kProcRunning}, 2)  // 0.67 ns
      .event("HeapAlloc", {1}, 2)                 // again cut to 0
      .event("HeapAlloc", {2}, 30);
  CHECK(events_of(b) == Lines{"1 m7 p- g- P0 Undetermined->Running",
                              "2 m7 p0 g- /memory/classes/heap/objects:bytes 1",
                              "10 m7 p0 g- /memory/classes/heap/objects:bytes 2"});
}

TEST_CASE("A thread's batches follow each other as they stand in the file, whatever their times") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1);
  g.batch(7, 9000).event("HeapAlloc", {1});
  g.batch(8, 2000).event("ProcStatus", {1, kProcIdle});
  g.batch(7, 3000).event("HeapAlloc", {2});
  g.batch(7, 3000);  // an empty batch is no event
  g.batch(7, 4000).event("HeapAlloc", {3});
  CHECK(without_times(events_of(b)) ==
        Lines{"m7 p- g- P0 Undetermined->Running", "m7 p0 g- G1 Undetermined->Running",
              "m8 p- g- P1 Undetermined->Idle", "m7 p0 g1 /memory/classes/heap/objects:bytes 1",
              "m7 p0 g1 /memory/classes/heap/objects:bytes 2",
              "m7 p0 g1 /memory/classes/heap/objects:bytes 3"});
}

TEST_CASE("The GC's numbers order its phases between threads") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("GCBegin", {5, 0}).event("GCEnd", {8}, 1000);
  on_cpu(g, 8, 1, 2).event("GCEnd", {6}).event("GCBegin", {7, 0}, 2000);
  const Lines lines = without_times(events_of(b));
  REQUIRE(lines.size() == 8);
  CHECK(Lines(lines.begin() + 4, lines.end()) ==
        Lines{"m7 p0 g1 RangeBegin \"GC concurrent mark phase\"",
              "m8 p1 g2 RangeEnd \"GC concurrent mark phase\"",
              "m8 p1 g2 RangeBegin \"GC concurrent mark phase\"",
              "m7 p0 g1 RangeEnd \"GC concurrent mark phase\""});
}

TEST_CASE("Numbers padded to ten bytes, in batches small enough for the checked decoder and not") {
  for (int extra : {0, 1, 50}) {
    TraceBuilder plain(26), padded(26);
    for (TraceBuilder* b : {&plain, &padded}) {
      auto& g = b->generation(1);
      auto& t = on_cpu(g, 7, 0, 1);
      if (b == &padded) t.padded();
      t.event("UserTaskBegin", {1, 0, "task", frames({"main.f"})});
      for (int i = 0; i < extra; ++i) t.event("UserLog", {1, "k", "v", frames({"main.f"})});
      t.event("GoDestroy").event("ProcStop");
    }
    CHECK(padded.bytes().size() >= plain.bytes().size() + 9 * 7);
    CHECK(events_of(padded) == events_of(plain));
  }
}
