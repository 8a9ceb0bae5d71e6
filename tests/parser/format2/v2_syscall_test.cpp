// Syscalls, stolen Ps and other situations that look odd but are what the runtime writes.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// The lines of a faultless trace without its first (sync) and last (end).
Lines events_of(TraceBuilder& b) {
  Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  REQUIRE(got.lines.size() >= 2);
  return {got.lines.begin() + 1, got.lines.end() - 1};
}

/// The same without P 0 and goroutine 1 coming up on thread 7.
Lines after_start(TraceBuilder& b) {
  Lines lines = events_of(b);
  REQUIRE(lines.size() >= 2);
  CHECK(lines[0] == "1 m7 p- g- P0 Undetermined->Running");
  CHECK(lines[1] == "2 m7 p0 g- G1 Undetermined->Running");
  return {lines.begin() + 2, lines.end()};
}

}  // namespace

TEST_CASE("A syscall that keeps its P, and one that loses it") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoSyscallBegin", {1, frames({"syscall.read"})})
      .event("GoSyscallEnd")
      .event("GoSyscallBegin", {2, frames({"syscall.write"})})
      .event("GoSyscallEndBlocked", {}, 5)
      .event("ProcStart", {0, 4})
      .event("GoStart", {1, 1});
  // The thief has neither P nor goroutine, as sysmon; its clock runs behind.
  g.thread(9).event("ProcSteal", {0, 3, 7}, 20);
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Syscall stack=syscall.read",
                              "4 m7 p0 g1 G1 Syscall->Running",
                              "5 m7 p0 g1 G1 Running->Syscall stack=syscall.write",
                              "20 m9 p- g- P0 Running->Idle",
                              "21 m7 p- g1 G1 Syscall->Runnable",
                              "22 m7 p- g- P0 Idle->Running",
                              "23 m7 p0 g- G1 Runnable->Running",
                          });
}

TEST_CASE("The steal's number ties it to one of several syscalls") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoSyscallBegin", {1, 0})
      .event("GoSyscallEnd")
      .event("GoSyscallBegin", {2, 0})
      .event("GoSyscallEnd")
      .event("GoSyscallBegin", {3, 0})
      .event("GoSyscallEndBlocked");
  // By its time it would fit the first one.
  g.thread(9).at(1003).event("ProcSteal", {0, 4, 7});
  CHECK(without_times(after_start(b)) == Lines{
                                             "m7 p0 g1 G1 Running->Syscall",
                                             "m7 p0 g1 G1 Syscall->Running",
                                             "m7 p0 g1 G1 Running->Syscall",
                                             "m7 p0 g1 G1 Syscall->Running",
                                             "m7 p0 g1 G1 Running->Syscall",
                                             "m9 p- g- P0 Running->Idle",
                                             "m7 p- g1 G1 Syscall->Runnable",
                                         });
}

TEST_CASE("A thread that gets a new P before the old one was seen stolen waits for it") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoSyscallBegin", {1, 0})
      .event("ProcStart", {1, 1})
      .event("GoSyscallEndBlocked");
  g.thread(9).event("ProcStatus", {1, kProcIdle}, 1).event("ProcSteal", {0, 2, 7}, 30);
  CHECK(without_times(events_of(b)) == Lines{
                                           "m7 p- g- P0 Undetermined->Running",
                                           "m9 p- g- P1 Undetermined->Idle",
                                           "m7 p0 g- G1 Undetermined->Running",
                                           "m7 p0 g1 G1 Running->Syscall",
                                           "m9 p- g- P0 Running->Idle",
                                           "m7 p- g1 P1 Idle->Running",
                                           "m7 p1 g1 G1 Syscall->Runnable",
                                       });
}

TEST_CASE("A thread steals its own P, and takes it again") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoSyscallBegin", {1, 0})
      .event("ProcSteal", {0, 2, 7})
      .event("ProcStart", {0, 3})
      .event("GoSyscallEndBlocked")
      .event("GoStart", {1, 1});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Syscall",
                              "4 m7 p0 g1 P0 Running->Idle",
                              "5 m7 p- g1 P0 Idle->Running",
                              "6 m7 p0 g1 G1 Syscall->Runnable",
                              "7 m7 p0 g- G1 Runnable->Running",
                          });
}

TEST_CASE("A thread with a P and a goroutine of its own steals too") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("GoSyscallBegin", {1, 0}).event("GoSyscallEndBlocked", {}, 20);
  g.batch(8, 1010)
      .event("ProcStatus", {1, kProcRunning})
      .event("GoStatus", {2, 8, kGoRunning})
      .event("ProcSteal", {0, 2, 7});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Syscall",
                              "11 m8 p- g- P1 Undetermined->Running",
                              "12 m8 p1 g- G2 Undetermined->Running",
                              "13 m8 p1 g2 P0 Running->Idle",
                              "23 m7 p- g1 G1 Syscall->Runnable",
                          });
}

TEST_CASE("A P is given up within a syscall when the world stops") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("GoSyscallBegin", {1, 0}).event("ProcStop").event("GoSyscallEndBlocked");
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Syscall",
                              "4 m7 p0 g1 P0 Running->Idle",
                              "5 m7 p- g1 G1 Syscall->Runnable",
                          });
}

TEST_CASE("An abandoned P is stolen from a thread that may be elsewhere by now") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  // Thread 8 owns another P already; the steal does not touch it.
  on_cpu(g, 8, 1, 2);
  g.batch(9, 1010).event("ProcStatus", {0, kProcAbandoned}).event("ProcSteal", {0, 1, 8});
  g.batch(8, 1020).event("HeapAlloc", {1});
  CHECK(events_of(b) == Lines{
                            "1 m8 p- g- P1 Undetermined->Running",
                            "2 m8 p1 g- G2 Undetermined->Running",
                            "11 m9 p- g- P0 Undetermined->Idle",
                            "12 m9 p- g- P0 Idle->Idle",
                            "21 m8 p1 g2 /memory/classes/heap/objects:bytes 1",
                        });
}

TEST_CASE("A P known to be in a syscall is announced as abandoned: its holder is shown") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1).event("GoSyscallBegin", {1, 0});
  auto& g = b.generation(2);
  g.thread(9).event("ProcStatus", {0, kProcAbandoned}).event("ProcSteal", {0, 1, 7});
  g.thread(7).event("GoStatus", {1, 7, kGoSyscall}, 10).event("GoSyscallEndBlocked");
  CHECK(without_times(events_of(b)) == Lines{
                                           "m7 p- g- P0 Undetermined->Running",
                                           "m7 p0 g- G1 Undetermined->Running",
                                           "m7 p0 g1 G1 Running->Syscall",
                                           "sync 2 generation 2",
                                           "m7 p0 g1 P0 Running->Running",
                                           "m9 p- g- P0 Running->Idle",
                                           "m7 p- g1 G1 Syscall->Syscall",
                                           "m7 p- g1 G1 Syscall->Runnable",
                                       });
}

TEST_CASE("A goroutine stays in its syscall through whole generations") {
  TraceBuilder b(26);
  auto& first = b.generation(1);
  first.nobody().event("GoStatusStack", {3, 9, kGoSyscall, frames({"syscall.read"})});
  auto& second = b.generation(2);
  second.nobody().event("GoStatusStack", {3, 9, kGoSyscall, frames({"syscall.read"})});
  auto& third = b.generation(3);
  third.thread(9)
      .event("GoStatus", {3, 9, kGoSyscall})
      .event("ProcStatus", {0, kProcIdle})
      .event("ProcStart", {0, 1})
      .event("GoSyscallEndBlocked");
  CHECK(events_of(b) == Lines{
                            "1 m9 p- g- G3 Undetermined->Syscall stack=syscall.read",
                            "1000 sync 2 generation 2",
                            "1001 m9 p- g3 G3 Syscall->Syscall stack=syscall.read",
                            "2000 sync 3 generation 3",
                            "2001 m9 p- g3 G3 Syscall->Syscall",
                            "2002 m9 p- g3 P0 NotExist->Idle",
                            "2003 m9 p- g3 P0 Idle->Running",
                            "2004 m9 p0 g3 G3 Syscall->Runnable",
                        });
}

TEST_CASE("A C thread calls into Go again and again, each time under the same goroutine id") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  auto& t = g.thread(7).event("ProcStatus", {0, kProcIdle});
  uint64_t seq = 1;
  for (int call = 0; call < 2; ++call) {
    t.event("GoCreateSyscall", {17})
        .event("ProcStart", {0, seq})
        .event("GoSyscallEndBlocked")
        .event("GoStart", {17, 1})
        .event("GoSyscallBegin", {seq + 1, 0})
        .event("GoDestroySyscall")
        .event("ProcSteal", {0, seq + 2, 7});
    seq += 3;
  }
  const Lines call = {"m7 p- g- G17 NotExist->Syscall",  "m7 p- g17 P0 Idle->Running",
                      "m7 p0 g17 G17 Syscall->Runnable", "m7 p0 g- G17 Runnable->Running",
                      "m7 p0 g17 G17 Running->Syscall",  "m7 p0 g17 P0 Running->Idle",
                      "m7 p0 g17 G17 Syscall->NotExist", "m7 p- g- P0 Idle->Idle"};
  Lines expected = {"m7 p- g- P0 Undetermined->Idle"};
  expected.insert(expected.end(), call.begin(), call.end());
  expected.insert(expected.end(), call.begin(), call.end());
  CHECK(without_times(events_of(b)) == expected);
}

TEST_CASE("A goroutine ends in a syscall after its P was stolen") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoSyscallBegin", {1, 0})
      .event("ProcSteal", {0, 2, 7})
      .event("GoDestroySyscall");
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Syscall",
                              "4 m7 p0 g1 P0 Running->Idle",
                              "5 m7 p- g1 G1 Syscall->NotExist",
                          });
}

TEST_CASE("A goroutine is woken by a thread without P and goroutine, and by nobody") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.thread(9)
      .event("GoStatus", {2, -1, kGoWaiting})
      .event("GoUnblock", {2, 1, frames({"runtime.netpoll"})});
  g.nobody().event("GoStatus", {3, -1, kGoWaiting}, 10).event("GoUnblock", {3, 1, 0});
  CHECK(events_of(b) == Lines{
                            "1 m9 p- g- G2 Undetermined->Waiting",
                            "2 m9 p- g- G2 Waiting->Runnable stack=runtime.netpoll",
                            "10 m- p- g- G3 Undetermined->Waiting",
                            "11 m- p- g- G3 Waiting->Runnable",
                        });
}

TEST_CASE("GOMAXPROCS shrinks under the running goroutine") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("ProcStatus", {1, kProcIdle}).raw({});
  g.batch(7, 1003)
      .event("GoStop", {"runtime.Gosched", 0})
      .event("ProcStop")
      .event("ProcStart", {1, 1})
      .event("GoStart", {1, 1});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 P1 Undetermined->Idle",
                              "4 m7 p0 g1 G1 Running->Runnable \"runtime.Gosched\"",
                              "5 m7 p0 g- P0 Running->Idle",
                              "6 m7 p- g- P1 Idle->Running",
                              "7 m7 p1 g- G1 Runnable->Running",
                          });
}

TEST_CASE("A park that is cancelled: block, wake and start on one thread") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1)
      .event("GoBlock", {"select", 0})
      .event("GoUnblock", {1, 1, 0})
      .event("GoStart", {1, 2});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->Waiting \"select\"",
                              "4 m7 p0 g- G1 Waiting->Runnable",
                              "5 m7 p0 g- G1 Runnable->Running",
                          });
}

TEST_CASE("A thread's id is used again by the operating system") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("GoDestroy").event("ProcStop");
  g.batch(7, 1100).event("ProcStart", {0, 1}).event("GoCreate", {2, 0, 0}).event("GoStart", {2, 1});
  CHECK(after_start(b) == Lines{
                              "3 m7 p0 g1 G1 Running->NotExist",
                              "4 m7 p0 g- P0 Running->Idle",
                              "101 m7 p- g- P0 Idle->Running",
                              "102 m7 p0 g- G2 NotExist->Runnable",
                              "103 m7 p0 g- G2 Runnable->Running",
                          });
}

TEST_CASE("When a P is lost within a syscall is kept with the event that ends it") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("GoSyscallBegin", {1, frames({"syscall.read"})}, 8);
  g.thread(9).event("ProcSteal", {0, 2, 7}, 50);
  g.batch(7, 1090).event("GoSyscallEndBlocked", {}, 10);
  const Outcome got = read_trace(b.bytes(), {.since = true});
  CHECK(got.faults == Lines{});
  CHECK(got.lines[4] == "50 m9 p- g- P0 Running->Idle since=1");
  CHECK(got.lines[5] ==
        "100 m7 p- g1 G1 Syscall->Runnable since=10 p_lost=50 since_stack=syscall.read");
}
