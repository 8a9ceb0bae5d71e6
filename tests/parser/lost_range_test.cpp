// When the events were that a fault costs: theirs are the times, not those of what was delivered.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const Loss& only_loss(const Outcome& got) {
  REQUIRE(got.facts.faults.size() == 1);
  return got.facts.faults[0].lost;
}

}  // namespace

TEST_CASE("A thread that waits for ever misses events from where it began to wait", "[lost]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  g.thread(8).at(1010).event("GoStart", {99, 1});
  g.thread(8).at(1700).event("GoDestroy");
  on_cpu(g, 7, 0, 1).at(3000).event("GoStop", {"preempted", 0});
  const Outcome got = read_trace(b.bytes());
  CHECK(got.facts.duration == 2001);
  const Loss& lost = only_loss(got);
  CHECK(lost.events == 2);
  CHECK(lost.from == 10);
  CHECK(lost.to == 700);
}

TEST_CASE("CPU samples behind a contradiction are missing at their own times", "[lost]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 7, 0, 1).at(1100).event("GoStart", {99, 1});
  g.sample(1500, 7, 0, 1, frames({"main.f"}));
  const Loss lost = only_loss(read_trace(b.bytes()));
  CHECK(lost.events == 2);
  CHECK(lost.from == 100);
  CHECK(lost.to == 500);
}

TEST_CASE("What is missing before the time axis has no times on it", "[lost]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1, 100'000), 7, 0, 1).event("GoStop", {"preempted", 0});
  b.generation(2, 500).thread(7).event("GoStatus", {1, 7, kGoRunning});
  const Loss lost = only_loss(read_trace(b.bytes()));
  CHECK(lost.events == 1);
  CHECK_FALSE(lost.from);
  CHECK_FALSE(lost.to);
}

TEST_CASE("Format 1: a P that waits for ever misses events from where it began to wait", "[lost]") {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0})
      .event("HeapAlloc", {77}, 5000);
  b.batch(1, 1010)
      .event("ProcStart", {6})
      .event("GoSysExit", {9, 3, 0}, 20)
      .event("GoStart", {9, 4}, 700);
  const Loss lost = only_loss(read_trace(b.frequency(1'000'000'000).bytes()));
  CHECK(lost.events == 2);
  CHECK(lost.from == 31);
  CHECK(lost.to == 731);
}
