// Captures of programs that ended before trace.Stop: what can be ordered is delivered, and one line
// says what is missing and why.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const char* const kWhy = "was the program ended before trace.Stop()?";
const char* const kAdvancer = "runtime.(*traceAdvancerState).start.func1";

/// The one fault, which says why.
const Fault& unstopped(const Outcome& got) {
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].kind == FaultKind::kTruncated);
  CHECK(got.facts.faults[0].message.find(kWhy) != std::string::npos);
  CHECK(got.facts.faults[0].lost.describe().find("the rest of the capture") != std::string::npos);
  return got.facts.faults[0];
}

/// G1 creates the goroutine that ends generations and waits; that one sleeps, and wakes.
BatchBuilder& advancing(GenerationBuilder& g) {
  return on_cpu(g, 7, 0, 1)
      .event("GoCreate", {2, frames({kAdvancer}), 0})
      .event("GoBlock", {"sleep", frames({"main.main"})})
      .event("GoStart", {2, 1})
      .event("GoBlock", {"sleep", frames({"time.Sleep", kAdvancer})})
      .event("GoUnblock", {2, 2, 0})
      .event("GoStart", {2, 3});
}

V1Builder started() {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("GoCreate", {2, 0, 0})
      .event("GoWaiting", {2})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0});
  return b;
}

}  // namespace

TEST_CASE("A generation of which only the clock is there was begun before the program ended") {
  for (int version : {25, 26}) {
    for (int before : {0, 1}) {
      CAPTURE(version, before);
      TraceBuilder b(version);
      if (before) on_cpu(b.generation(1, 1000), 7, 0, 1).event("GoBlock", {"sync", 0});
      b.generation(2, 2000).no_tables().no_end();
      const Outcome got = read_trace(b.bytes(), {.closings = true});
      const Fault& fault = unstopped(got);
      CHECK(fault.generation == 2);
      CHECK(fault.offset == b.bytes().size());
      CHECK_FALSE(got.facts.generations.back().complete);
      // The last states are there.
      if (before) CHECK(got.lines.back() == "1001 G1 Waiting->Waiting open_end");
    }
  }
}

TEST_CASE("Before 1.25 a generation without its frequency was not ended") {
  for (int version : {22, 23}) {
    CAPTURE(version);
    TraceBuilder b(version);
    on_cpu(b.generation(1, 1000), 7, 0, 1);
    auto& t = b.generation(2, 2000).no_frequency().no_tables().thread(7);
    t.event("ProcStatus", {0, kProcRunning})
        .event("GoStatus", {1, 7, kGoRunning})
        .event("HeapAlloc", {5});
    const Outcome got = read_trace(b.bytes());
    CHECK(unstopped(got).generation == 2);
    CHECK(got.lines[got.lines.size() - 2] == "1003 m7 p0 g1 /memory/classes/heap/objects:bytes 5");
  }
}

TEST_CASE("A capture whose last generation was ended by its period goes on elsewhere") {
  for (int version : {22, 23, 25, 26}) {
    CAPTURE(version);
    TraceBuilder b(version);
    advancing(b.generation(1));
    CHECK(unstopped(read_trace(b.bytes())).generation == 1);
    // In a later generation too, where its name is known from before.
    auto& t = b.generation(2).thread(7);
    t.event("ProcStatus", {0, kProcRunning})
        .event("GoStatus", {2, 7, kGoRunning})
        .event("GoBlock", {"sleep", 0})
        .event("GoUnblock", {2, 1, 0})
        .event("GoStart", {2, 2});
    CHECK(unstopped(read_trace(b.bytes())).generation == 2);
    // It sleeps again: somebody else ended this one.
    t.event("GoBlock", {"sleep", 0});
    CHECK(read_trace(b.bytes()).faults == Lines{});
  }
}

TEST_CASE("That goroutine may run for another reason when a capture is stopped") {
  // Stopped at once, before it slept for the first time.
  TraceBuilder first(23);
  on_cpu(first.generation(1), 7, 0, 1)
      .event("GoCreate", {2, frames({kAdvancer}), 0})
      .event("GoBlock", {"sync", 0})
      .event("GoStart", {2, 1});
  CHECK(read_trace(first.bytes()).faults == Lines{});
  // Stopped while it is still busy with the generation before.
  TraceBuilder second(23);
  advancing(second.generation(1));
  second.generation(2)
      .thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {2, 7, kGoRunning});
  CHECK(read_trace(second.bytes()).faults == Lines{});
  // Another goroutine.
  TraceBuilder third(23);
  on_cpu(third.generation(1), 7, 0, 1)
      .event("GoBlock", {"sleep", frames({"main.main"})})
      .event("GoUnblock", {1, 1, 0})
      .event("GoStart", {1, 2});
  CHECK(read_trace(third.bytes()).faults == Lines{});
}

TEST_CASE("Captures cut at the borders of their generations are told from whole ones",
          "[captures]") {
  size_t whole = 0, cut = 0;
  for (const auto& path : capture_files()) {
    if (path.string().find("_generations") == std::string::npos &&
        path.string().find("flightrecorder") == std::string::npos)
      continue;
    INFO(path.string());
    const std::string text = unpack(path);
    const Bytes bytes(text.begin(), text.end());
    const Outcome all = read_trace(bytes);
    CHECK(all.faults == Lines{});
    ++whole;
    for (size_t i = 1; i < all.facts.generations.size(); ++i) {
      const auto end = static_cast<std::ptrdiff_t>(all.facts.generations[i].offset);
      const Outcome got = read_trace(Bytes(bytes.begin(), bytes.begin() + end));
      CHECK(got.faults.size() == 1);
      cut += got.faults.size() == 1 && got.faults[0].find(kWhy) != std::string::npos;
    }
  }
  CHECK(whole == 26);
  CHECK(cut == 74);
}

TEST_CASE("Format 1 without its end: events in assumed units of time, and one line") {
  V1Builder b = started();
  // 1000 ticks of 25 ns.
  b.event("GoCreate", {3, 7, 8}, 994)
      .event("GoBlockRecv", {9}, 1000)
      .event("GoStartLocal", {3})
      .event("UserTaskCreate", {1, 0, 4, 9})
      .string(4, "task");
  const Outcome got = read_trace(b.bytes());
  const Fault& fault = unstopped(got);
  CHECK(fault.offset == b.bytes().size());
  CHECK(fault.lost.stackless == 3);
  CHECK(fault.lost.nameless == 0);
  CHECK(fault.lost.describe().find("25 ns are assumed") != std::string::npos);
  CHECK(got.lines ==
        Lines{"0 sync 1 generation 1", "51 m- p0 g2 G2 Undetermined->Waiting",
              "76 m5 p0 g- P0 Undetermined->Running", "101 m5 p0 g1 G1 Undetermined->Running",
              "126 m5 p0 g1 /sched/gomaxprocs:threads 4", "24976 m5 p0 g1 G3 NotExist->Runnable",
              "49976 m5 p0 g1 G1 Running->Waiting \"chan receive\"",
              "50001 m5 p0 g3 G3 Runnable->Running", "50026 m5 p0 g3 TaskBegin 1 of - \"task\"",
              "50027 end"});
  CHECK_FALSE(got.facts.generations.at(0).complete);
}

TEST_CASE("Format 1 without its end: what waits for a lost P is counted in the same line") {
  V1Builder b = started();
  // Who woke goroutine 2 is not in the file.
  b.batch(1, 1500)
      .event("ProcStart", {6})
      .event("GoStart", {2, 3})
      .event("GoEnd")
      .event("ProcStop");
  const Outcome got = read_trace(b.bytes());
  CHECK(unstopped(got).lost.events == 3);
  CHECK(got.lines[got.lines.size() - 2] == "12501 m6 p1 g- P1 Undetermined->Running");
  // With the frequency the same is a contradiction.
  b.frequency(1'000'000'000);
  CHECK(read_trace(b.bytes()).facts.faults.at(0).kind == FaultKind::kInvalid);
}

TEST_CASE("Format 1 without its end: a begin or an end on a lost P is no contradiction") {
  struct Half {
    const char* why;
    void (*build)(V1Builder& b);
  };
  const Half halves[] = {
      {"end of a GC", [](V1Builder& b) { b.event("GCDone"); }},
      {"end of a stop", [](V1Builder& b) { b.event("STWDone"); }},
      {"two begins of a GC",
       [](V1Builder& b) {
         b.event("GCStart", {0, 0}).event("GCStart", {1, 0});
       }},
      {"two begins of a stop",
       [](V1Builder& b) { b.event("STWStart", {0}).event("STWStart", {1}); }},
      {"end of a syscall",
       [](V1Builder& b) {
         b.event("HeapAlloc", {1}, 100).event("GoSysExit", {2, 3, 1050});
       }},
  };
  for (const Half& half : halves) {
    CAPTURE(half.why);
    V1Builder b = started();
    half.build(b);
    b.batch(1, 1500).event("ProcStart", {6}).event("HeapAlloc", {77});
    const Outcome got = read_trace(b.bytes());
    unstopped(got);
    CHECK(got.lines[got.lines.size() - 2].ends_with("heap/objects:bytes 77"));
    b.frequency(1'000'000'000);
    CHECK(read_trace(b.bytes()).facts.faults.at(0).kind == FaultKind::kInvalid);
  }
}

TEST_CASE("Nothing but a header, or no whole event, is unusable and says why") {
  for (int version : {19, 22, 23, 25}) {
    const Outcome got = read_trace(header(version));
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].message.find(kWhy) != std::string::npos);
    CHECK(got.facts.events <= 1);
  }
}
