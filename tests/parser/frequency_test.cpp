// Go 1.22.0 on Windows: the frequency in the file is 256 times too high.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// Generations that begin `period` units apart, the last one shorter, with an event in each.
Bytes capture_of(int version, uint64_t frequency, uint64_t period, int generations) {
  TraceBuilder b(version);
  const uint64_t begin = 1'000'000'000;
  for (int i = 0; i < generations; ++i) {
    const uint64_t from = begin + static_cast<uint64_t>(i) * period;
    const uint64_t to = from + (i + 1 == generations && i > 0 ? period / 4 : period) - 10;
    auto& g = b.generation(static_cast<uint64_t>(i) + 1, from).frequency(frequency);
    g.thread(7).event("ProcStatus", {0, kProcRunning}, 0).event("GoStatus", {1, 7, kGoRunning}, 0);
    g.batch(7, to).event("HeapAlloc", {i}, 0);
  }
  return b.bytes();
}

}  // namespace

TEST_CASE("Go 1.22.0 on Windows: times are mended to the nanosecond, and a note says so") {
  // 2.56 GHz: a unit of 256 ticks is 100 ns.
  const Outcome got = read_trace(capture_of(22, 2'560'000'000, 10'000'000, 3));
  CHECK(got.lines ==
        Lines{"0 sync 1 generation 1", "1 m7 p- g- P0 Undetermined->Running",
              "2 m7 p0 g- G1 Undetermined->Running",
              "999999000 m7 p0 g1 /memory/classes/heap/objects:bytes 0",
              "1000000000 sync 2 generation 2", "1000000001 m7 p0 g1 P0 Running->Running",
              "1000000002 m7 p0 g1 G1 Running->Running",
              "1999999000 m7 p0 g1 /memory/classes/heap/objects:bytes 1",
              "2000000000 sync 3 generation 3", "2000000001 m7 p0 g1 P0 Running->Running",
              "2000000002 m7 p0 g1 G1 Running->Running",
              "2249999000 m7 p0 g1 /memory/classes/heap/objects:bytes 2", "2249999001 end"});
  CHECK(got.faults ==
        Lines{"note: Go 1.22.0 on Windows writes a clock frequency that is 256 times too high, as "
              "this one of 2560000000 Hz: all times are taken to be 256 times as long as the file "
              "says (Frequency, freq)"});
  CHECK_FALSE(got.facts.damaged());
  CHECK(got.facts.duration == 2'249'999'001);
}

TEST_CASE("Go 1.22.0 on Windows: a frequency that 256 does not divide") {
  // 2693536955 / 256 Hz: 100 units take 9504.231 ns, from 0 to keep base times small.
  TraceBuilder b(22);
  auto& g = b.generation(1, 1000).frequency(2'693'536'955);
  on_cpu(g, 7, 0, 1).event("HeapAlloc", {1}, 100);
  g.sample(1500, 7, 0, 1, 0);
  const Outcome got = read_trace(b.bytes());
  // int64(1000 * 95.04232 ns) is the origin; each step is truncated for itself.
  CHECK(got.lines[3] == "9694 m7 p0 g1 /memory/classes/heap/objects:bytes 1");
  CHECK(got.lines[4] == "47521 m7 p0 g1 StackSample of 1");
  // One generation, and short: by the frequency alone.
  REQUIRE(got.faults.size() == 1);
  CHECK(got.faults[0].find("do not confirm it") != std::string::npos);
  CHECK_FALSE(got.facts.damaged());
}

TEST_CASE("Clocks of other writers are left alone") {
  struct Sound {
    int version;
    uint64_t frequency, period;
  };
  const Sound cases[] = {
      {22, 15'625'000, 15'625'000},        // Linux and others
      {22, 15'625'000, 61'000},            // with generations of 4 ms
      {22, 10'521'628, 10'521'628},        // Windows with Go 1.22.1
      {22, 16'000'000, 16'000'000},        // POWER
      {22, 1'000'000'000, 1'000'000'000},  // nanoseconds
      {23, 2'560'000'000, 10'000'000},     // no release with that fault
      {25, 2'560'000'000, 10'000'000},    {26, 2'560'000'000, 10'000'000},
  };
  for (const Sound& c : cases) {
    CAPTURE(c.version, c.frequency, c.period);
    const Outcome got = read_trace(capture_of(c.version, c.frequency, c.period, 2));
    CHECK(got.faults == Lines{});
    const double length = 1.25 * static_cast<double>(c.period) / static_cast<double>(c.frequency);
    CHECK(static_cast<double>(got.facts.duration) == Approx(length * 1e9).margin(1000));
  }
}

TEST_CASE("What may be Go 1.22.0's frequency, but need not, is said and not changed") {
  // Faster than any, but its generations last a second as it is.
  const Outcome fast = read_trace(capture_of(22, 2'560'000'000, 2'560'000'000, 2));
  REQUIRE(fast.faults.size() == 1);
  CHECK(fast.faults[0].find("left as the file says") != std::string::npos);
  CHECK(fast.facts.duration == Approx(1.25e9).margin(1000));
  // On Arm a tick is slower; with generations of 3.9 ms.
  const Outcome arm = read_trace(capture_of(22, 10'000'000, 39'063, 3));
  REQUIRE(arm.faults.size() == 1);
  CHECK(arm.faults[0].find("4 ms instead of a second") != std::string::npos);
  CHECK(arm.facts.duration == Approx(8.78e6).margin(10'000));
  for (const Outcome& got : {fast, arm}) CHECK_FALSE(got.facts.damaged());
}

TEST_CASE("A frequency that no processor has is not that of Go 1.22.0") {
  struct Case {
    uint64_t frequency;
    int64_t event;  // 10,000,000 units behind the begin, in ns
    const char* note;
  };
  for (const Case& c : {Case{10'000'000'000, 256'000'000, "taken to be 256 times as long"},
                        Case{10'000'000'001, 1'000'000, "no processor is that fast"},
                        Case{uint64_t{1} << 63, 0, "no processor is that fast"}}) {
    CAPTURE(c.frequency);
    TraceBuilder b(22);
    auto& g = b.generation(1, 1000).frequency(c.frequency);
    g.thread(7).event("ProcStatus", {0, kProcRunning}, 0).event("GoStatus", {1, 7, kGoRunning}, 0);
    g.batch(7, 10'001'000).event("HeapAlloc", {1}, 0);
    const Outcome got = read_trace(b.bytes());
    CHECK(static_cast<double>(got.facts.duration) ==
          Approx(static_cast<double>(c.event)).margin(30));
    REQUIRE(got.faults.size() == 1);
    CHECK(got.faults[0].find("note: ") == 0);
    CHECK(got.faults[0].find(std::to_string(c.frequency) + " Hz") != std::string::npos);
    CHECK(got.faults[0].find(c.note) != std::string::npos);
    CHECK_FALSE(got.facts.damaged());
  }
}

TEST_CASE("No committed capture is taken for one of Go 1.22.0 on Windows", "[captures]") {
  for (const auto& path : capture_files("go1.22")) {
    INFO(path.string());
    const std::string text = unpack(path);
    const Outcome got = read_trace(Bytes(text.begin(), text.end()));
    CHECK(got.faults == Lines{});
  }
}
