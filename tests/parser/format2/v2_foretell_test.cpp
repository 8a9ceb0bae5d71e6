// What was so when a part of the trace began is told before anything that happens in it.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// What is foretold, and what closes at the end.
Lines added(const Bytes& bytes) {
  Lines out;
  for (const std::string& line :
       read_trace(bytes, {.closings = true, .foretold = true, .since = true}).lines)
    if (line.find("foretells") != std::string::npos || line.find("late") != std::string::npos ||
        line.find("open_end") != std::string::npos)
      out.push_back(line);
  return out;
}

Lines foretold(const Bytes& bytes) {
  Lines out;
  for (std::string& line : added(bytes))
    if (line.find(" foretells") != std::string::npos)
      out.push_back(line.substr(0, line.find(" foretells")));
  return out;
}

}  // namespace

TEST_CASE("What statuses tell is foretold, ranges last and GOMAXPROCS first", "[foretell]") {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  t.event("GCActive", {1})
      .event("GCSweepActive", {0})
      .event("ProcsChange", {2, 0})
      .at(1500)
      .event("GoStatusStack", {2, -1, kGoWaiting, frames({"main.wait", "main.main"})})
      .event("GoStatus", {3, -1, kGoRunnable})
      .event("GCMarkAssistActive", {3})
      .event("GoStatus", {4, 9, kGoSyscall})
      .event("ProcStatus", {1, kProcIdle})
      .event("ProcsChange", {3, 0})
      .event("GoStatus", {3, -1, kGoRunnable});
  CHECK(foretold(b.bytes()) == Lines{
                                   "0 /sched/gomaxprocs:threads 2",
                                   "0 P0 Undetermined->Running",
                                   "0 G1 Undetermined->Running",
                                   "0 G2 Undetermined->Waiting stack=main.wait<main.main",
                                   "0 G3 Undetermined->Runnable",
                                   "0 G4 Undetermined->Syscall",
                                   "0 P1 Undetermined->Idle",
                                   "0 RangeActive \"GC concurrent mark phase\"",
                                   "0 RangeActive \"GC incremental sweep\" P0",
                                   "0 RangeActive \"GC mark assist\" G3",
                               });
}

TEST_CASE("Only what a part of the trace begins with is foretold, also behind a gap",
          "[foretell]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1).event("GoCreate", {2, 0, 0}).event("GoSyscallEnd");
  on_cpu(b.generation(2), 7, 0, 1).event("GoCreate", {3, 0, 0});
  on_cpu(b.generation(3), 7, 0, 1).event("GoStatus", {3, -1, kGoRunnable});
  CHECK(foretold(b.bytes()) == Lines{"0 P0 Undetermined->Running", "0 G1 Undetermined->Running",
                                     "1000 P0 Undetermined->Running",
                                     "1000 G1 Undetermined->Running"});
}

TEST_CASE("What is told twice and not alike is not foretold", "[foretell]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1)
      .event("GoStatus", {2, -1, kGoWaiting})
      .event("GoStatus", {2, -1, kGoRunnable})
      .event("ProcStatus", {0, kProcIdle});
  CHECK(foretold(b.bytes()) == Lines{"0 G1 Undetermined->Running"});
}

TEST_CASE("Of too many statuses nothing is foretold, and all are told", "[foretell]") {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  for (int id = 2; id < 7; ++id) t.event("GoStatus", {id, -1, kGoWaiting});
  for (const uint64_t most : {6, 7}) {
    const Outcome got =
        read_trace(b.bytes(), {.closings = true, .foretold = true, .limits = {.tellings = most}});
    CHECK(got.faults == Lines{});
    size_t foretells = 0;
    for (const std::string& line : got.lines) foretells += line.ends_with(" foretells");
    CHECK(foretells == (most == 7 ? 7 : 0));
    CHECK(got.lines.size() == 1 + 7 + 1 + 7 + foretells);
  }
}

TEST_CASE("A goroutine that is created before the trace tells of it was not there", "[foretell]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1)
      .event("GoCreate", {2, 0, 0})
      .event("GoStatus", {2, -1, kGoRunnable});
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  CHECK(without_times(got.lines) ==
        Lines{"sync 1 generation 1", "m7 p- g- P0 Undetermined->Running",
              "m7 p0 g- G1 Undetermined->Running", "m7 p0 g1 G2 NotExist->Runnable",
              "m7 p0 g1 G2 Runnable->Runnable", "end"});
}

TEST_CASE("What a damaged trace does not come to is told at its end", "[foretell]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1)
      .at(1040)
      .event("GoSyscallEnd")
      .event("GoStatus", {2, -1, kGoWaiting});
  const Lines lines = added(b.bytes());
  CHECK(lines == Lines{
                     "0 P0 Undetermined->Running foretells since=0",
                     "0 G1 Undetermined->Running foretells since=0",
                     "0 G2 Undetermined->Waiting foretells since=0",
                     "3 P0 Running->Running open_end since=1",
                     "3 G1 Running->Running open_end open_start since=2",
                     "3 G2 Undetermined->Waiting told late open_start since=0",
                     "3 G2 Waiting->Waiting open_end open_start since=3",
                 });
}

TEST_CASE("Format 1 announces all goroutines first, which is foretold", "[foretell]") {
  V1Builder b(19);
  b.batch(1, 900)
      .event("ProcStart", {6}, 200)
      .batch(0, 1000)
      .event("GoCreate", {1, 0, 0}, 0)
      .event("GoCreate", {2, 0, 0})
      .event("GoInSyscall", {2})
      .event("GoCreate", {3, 0, 0})
      .event("GoWaiting", {3})
      .event("GoCreate", {4, 0, 0})
      .event("ProcStart", {5})
      .event("GoStart", {1, 1})
      .event("HeapAlloc", {77})
      .event("Gomaxprocs", {2, 0})
      .event("GoCreate", {5, 0, 0});
  b.frequency(1'000'000'000);
  CHECK(foretold(b.bytes()) == Lines{"0 /sched/gomaxprocs:threads 2", "0 G1 Undetermined->Running",
                                     "0 G2 Undetermined->Syscall", "0 G3 Undetermined->Waiting",
                                     "0 G4 Undetermined->Runnable"});
}

TEST_CASE("Goroutines of format 1 that are announced in two ways are not foretold", "[foretell]") {
  for (const char* what : {"GoCreate", "GoWaiting", "GoStop"}) {
    CAPTURE(what);
    V1Builder b(19);
    auto& batch = b.batch(0, 1000).event("GoCreate", {1, 0, 0}, 0).event("GoCreate", {2, 0, 0});
    batch.event("GoWaiting", {2});
    if (what == std::string("GoCreate")) batch.event(what, {2, 0, 0});
    if (what == std::string("GoWaiting")) batch.event(what, {2});
    batch.event("ProcStart", {5}).event("GoStart", {1, 1});
    if (what == std::string("GoStop")) batch.event(what, {0});
    batch.event("Gomaxprocs", {2, 0});
    b.frequency(1'000'000'000);
    CHECK(foretold(b.bytes()).empty());
  }
}
