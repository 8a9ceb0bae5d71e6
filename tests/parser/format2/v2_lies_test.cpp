// Batches and tables that say what no writer says: one lie a case, each with its fault.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// A trace whose generation 2 is wrong, read to its end: where it is wrong.
struct Lie {
  const char* why;
  int version;
  void (*tell)(TraceBuilder& b, GenerationBuilder& g);
  const char* fault;  // as position() writes it, up to the offset
  bool goes_on;       // generation 3 is read
};

using B = TraceBuilder;
using G = GenerationBuilder;

// clang-format off
const Lie kLies[] = {
    {"a batch of generation 0", 26, [](B&, G& g) { g.batch(7, 2000).generation(0); }, "malformed EventBatch.gen", false},
    {"a batch of the generation after the next", 26, [](B&, G& g) { g.batch(7, 2000).generation(9); }, "malformed gen=2 EventBatch.gen", true},
    {"a batch of the last generation", 25, [](B&, G& g) { g.batch(7, 2000).generation(1); }, "malformed gen=2 EventBatch.gen", true},
    {"a batch of more than 64 KiB", 26, [](B&, G& g) { g.batch(7, 2000).size(65537); }, "malformed gen=2 EventBatch.size", false},
    {"a batch longer than the file", 26, [](B&, G& g) { g.batch(7, 2000).size(60000); }, "truncated gen=2 EventBatch", false},
    {"a byte that begins no batch", 26, [](B&, G& g) { g.batch(7, 2000).raw({9, 9}).size(1); }, "malformed gen=2", false},
    {"a frequency twice", 26, [](B&, G& g) { g.batch(-1, 2000).raw({0x32, 8, 1}); }, "malformed gen=2 Frequency.freq", true},
    {"a lone frequency twice", 23, [](B&, G& g) { g.batch(-1, 2000).raw({8, 1}); }, "malformed gen=2 Frequency.freq", true},
    {"a clock of 0 Hz", 26, [](B&, G& g) { g.frequency(0); }, "malformed gen=2 Frequency.freq", true},
    {"a snapshot twice", 26, [](B&, G& g) { g.batch(-1, 2000).raw({0x32, 0x33, 1, 1, 1, 1}); }, "malformed gen=2 ClockSnapshot", true},
    {"a foreign byte in a sync batch", 26, [](B&, G& g) { g.batch(-1, 2000).raw({0x32, 0x77}); }, "malformed gen=2 Sync", true},
    {"no frequency", 26, [](B&, G& g) { g.no_frequency(); }, "malformed gen=2", true},
    {"no frequency before 1.25", 22, [](B&, G& g) { g.no_frequency(); }, "malformed gen=2", true},
    {"no clock snapshot", 25, [](B&, G& g) { g.no_snapshot(); }, "malformed gen=2", true},
    {"a lone frequency in the new format", 26, [](B&, G& g) { g.batch(7, 2000).raw({8, 1}); }, "malformed gen=2 m=7 Frequency", true},
    {"a string twice", 26, [](B&, G& g) { g.string("a"); g.string_record(1, "a"); }, "malformed gen=2 String.id", true},
    {"string 0", 26, [](B&, G& g) { g.string_record(0, "a"); }, "malformed gen=2 String.id", true},
    {"a string of 1,025 bytes", 26, [](B&, G& g) { g.string_record(1, std::string(1025, 'x')); }, "malformed gen=2 String.len", true},
    {"a string past its batch", 26, [](B&, G& g) { g.batch(-1, 2000).raw({4, 5, 1, 99, 'x'}); }, "malformed gen=2 String.len", true},
    {"a foreign record among strings", 26, [](B&, G& g) { g.batch(-1, 2000).raw({4, 6, 1, 1, 'x'}); }, "malformed gen=2 Strings", true},
    {"a stack twice", 26, [](B&, G& g) { g.stack_record(1, 1, 0, 0, 1).stack_record(1, 1, 0, 0, 1); }, "malformed gen=2 Stack.id", true},
    {"stack 0", 26, [](B&, G& g) { g.stack_record(0, 1, 0, 0, 1); }, "malformed gen=2 Stack.id", true},
    {"a stack of 129 frames", 26, [](B&, G& g) { g.batch(-1, 2000).raw({2, 3, 1, 0x81, 1}); }, "malformed gen=2 Stack.nframes", true},
    {"a stack past its batch", 26, [](B&, G& g) { g.batch(-1, 2000).raw({2, 3, 1, 2, 1, 0, 0, 1}); }, "malformed gen=2 Stack.pc", true},
    {"a frame of an unknown function", 26, [](B&, G& g) { g.stack_record(1, 1, 77, 0, 1); }, "invalid gen=2 Stack", true},
    {"a frame of an unknown file", 26, [](B&, G& g) { g.stack_record(1, 1, 0, 77, 1); }, "invalid gen=2 Stack", true},
    {"a CPU sample past its batch", 26, [](B&, G& g) { g.batch(-1, 2000).raw({6, 7, 1, 1}); }, "malformed gen=2 CPUSample.p", true},
    {"a CPU sample on P 2^40", 26, [](B&, G& g) { g.batch(-1, 2000).raw({6, 7, 1, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 0}); }, "malformed gen=2 CPUSample.p", true},
    {"a foreign record among CPU samples", 26, [](B&, G& g) { g.batch(-1, 2000).raw({6, 8}); }, "malformed gen=2 CPUSamples", true},
    {"an unknown event", 26, [](B&, G& g) { g.batch(7, 2000).raw({0x3c, 1}); }, "malformed gen=2 m=7", true},
    {"a structural record in a thread's stream", 26, [](B&, G& g) { g.batch(7, 2000).raw({37, 1, 1, 5, 1}); }, "malformed gen=2 m=7 String", true},
    {"a clock snapshot in a thread's stream", 26, [](B&, G& g) { g.batch(7, 2000).raw({37, 1, 1, 0x33, 1, 1, 1, 1}); }, "malformed gen=2 m=7 ClockSnapshot", true},
    {"an event that ends within an argument", 26, [](B&, G& g) { g.batch(7, 2000).raw({9, 1, 0x80}); }, "malformed gen=2 m=7 ProcsChange.procs_value", true},
    {"an event that ends before its last argument", 26, [](B&, G& g) { g.batch(7, 2000).raw({9, 1, 1}); }, "malformed gen=2 m=7 ProcsChange.stack", true},
    {"an event that ends behind its type", 26, [](B&, G& g) { g.batch(7, 2000).raw({9}); }, "malformed gen=2 m=7 ProcsChange.dt", true},
    {"a time beyond all clocks", 26, [](B&, G& g) { g.batch(7, 2000).event("HeapAlloc", {1}, uint64_t{1} << 62); }, "malformed gen=2 m=7 HeapAlloc.dt", true},
    {"a generation beyond all clocks", 26, [](B&, G& g) { g.batch(7, 1).generation(2); }, "", true},
    {"no end mark", 26, [](B&, G& g) { g.no_end(); }, "malformed gen=2 EventBatch.gen", true},
    {"two end marks", 26, [](B& b, G&) { b.raw({0x34}); }, "malformed", true},
    {"an end mark before there were any", 25, [](B& b, G&) { b.raw({0x34}); }, "malformed gen=2", false},
};
// clang-format on

}  // namespace

TEST_CASE("Lies in headers and tables: where they are, and whether the next generation is read") {
  int cases = 0;
  for (const Lie& lie : kLies) {
    CAPTURE(lie.why, lie.version);
    TraceBuilder b(lie.version);
    on_cpu(b.generation(1), 7, 0, 1);
    auto& g = b.generation(2);
    g.thread(7).event("ProcStatus", {0, kProcRunning}).event("GoStatus", {1, 7, kGoRunning});
    lie.tell(b, g);
    b.generation(3)
        .thread(7)
        .event("ProcStatus", {0, kProcRunning})
        .event("GoStatus", {1, 7, kGoRunning});
    const Outcome got = read_trace(b.bytes());
    // The first generation is there whatever follows.
    REQUIRE(got.lines.size() >= 4);
    CHECK(Lines(got.lines.begin(), got.lines.begin() + 3) ==
          Lines{"0 sync 1 generation 1", "1 m7 p- g- P0 Undetermined->Running",
                "2 m7 p0 g- G1 Undetermined->Running"});
    CHECK(got.facts.generations.at(0).complete);
    if (*lie.fault != '\0') {
      REQUIRE(got.facts.faults.size() >= 1);
      const std::string where = position(got.facts.faults[0]);
      CHECK(where.substr(0, where.find(" @")) == lie.fault);
    } else {
      CHECK(got.faults == Lines{});
    }
    const bool third = got.facts.generations.back().number == 3;
    CHECK(third == lie.goes_on);
    ++cases;
  }
  CHECK(cases == static_cast<int>(std::size(kLies)));
}

TEST_CASE("Ids of strings that a broken table lost read as lost; registered ones are known") {
  TraceBuilder b(26);
  auto& first = b.generation(1);
  on_cpu(first, 7, 0, 1).event("GoStop", {"preempted", 0}).event("GoStart", {1, 1});
  auto& second = b.generation(2);
  second.no_tables();
  second.thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("GoStop", {1, 44});
  second.batch(-1, 2000).raw({4, 99});
  second.batch(7, 2100).event("GoStart", {1, 1}).event("GoStop", {2, 0});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.faults.size() == 1);
  REQUIRE(got.lines.size() == 12);
  CHECK(got.lines[8] == "1003 m7 p0 g1 G1 Running->Runnable \"preempted\"");
  CHECK(got.lines[10] == "1102 m7 p0 g1 G1 Running->Runnable \"(lost)\"");
}

TEST_CASE("A generation whose times cannot be told is left out; what follows begins anew") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  b.generation(2, uint64_t{1} << 62).thread(7).event("ProcStatus", {0, kProcRunning});
  on_cpu(b.generation(3), 8, 1, 5);
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults.size() == 1);
  CHECK(without_times(got.lines) ==
        Lines{"sync 1 generation 1", "m7 p- g- P0 Undetermined->Running",
              "m7 p0 g- G1 Undetermined->Running", "gap 2", "sync 2 generation 3",
              "m8 p- g- P1 Undetermined->Running", "m8 p1 g- G5 Undetermined->Running", "end"});
}

TEST_CASE("A generation before all clocks: the first one without a frequency is left out") {
  TraceBuilder b(26);
  on_cpu(b.generation(1).no_frequency(), 7, 0, 1);
  on_cpu(b.generation(2), 7, 0, 1);
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.faults.size() == 1);
  CHECK(got.facts.faults[0].lost.describe() ==
        "the whole generation, as its times are unknown: 2 events; 60 bytes in 2 batches "
        "not used");
  CHECK(got.facts.generations.at(0).events == 0);
  CHECK_FALSE(got.facts.generations.at(0).complete);
  CHECK(without_times(got.lines) == Lines{"sync 1 generation 2",
                                          "m7 p- g- P0 Undetermined->Running",
                                          "m7 p0 g- G1 Undetermined->Running", "end"});
}

TEST_CASE("A capture cut before its only frequency: the usual one is assumed, and that is said") {
  TraceBuilder b(22);
  auto& g = b.generation(1).no_frequency();
  on_cpu(g, 7, 0, 1).event("GoStop", {"preempted", 0}, 10);
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "the generation has no clock frequency");
  CHECK(got.facts.faults[0].lost.describe() ==
        "the unit of time, for which 64 ns are assumed as on most systems");
  CHECK(got.lines == Lines{"0 sync 1 generation 1", "64 m7 p- g- P0 Undetermined->Running",
                           "128 m7 p0 g- G1 Undetermined->Running",
                           "768 m7 p0 g1 G1 Running->Runnable \"preempted\"", "769 end"});
}

TEST_CASE("Times that cannot be added up in 64 bits are a fault") {
  for (const uint64_t length : {uint64_t{1} << 59, uint64_t{1} << 60}) {
    TraceBuilder b(26);
    auto& g = b.generation(1);
    for (int id = 2; id < 6; ++id) g.nobody().event("GoStatus", {id, -1, kGoWaiting});
    on_cpu(g, 7, 0, 1).at(length).event("GoStop", {"preempted", 0});
    const Outcome got = read_trace(b.bytes());
    CHECK(got.lines.size() == 9);
    if (length < uint64_t{1} << 60) {
      CHECK(got.faults == Lines{});
      continue;
    }
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].message ==
          "its times are too long to be added up: 1152921504606845955 ns, of up to 5 goroutines, "
          "Ps, regions or tasks at once; sums, means and shares are left out");
  }
}

TEST_CASE("More threads than there are numbers for: the others' events are counted") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  constexpr int64_t kThreads = 65'600;
  for (int64_t m = 1; m <= kThreads; ++m) g.batch(m, 1001).event("SpanFree", {1});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kUnsupported);
  CHECK(fault.thread == 65'536);
  CHECK(fault.lost.describe() == "65 events; 195 bytes in 65 batches not used");
  CHECK(got.facts.threads == 65'535);
  CHECK(got.facts.generations[0].events == 1 + 65'535);
}

TEST_CASE("Limits of a generation end the reading; what was read before them is there") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  auto& g = b.generation(2);
  on_cpu(g, 7, 0, 1);
  Bytes strings = {4};
  for (int id = 100; id < 120; ++id) strings.insert(strings.end(), {5, uint8_t(id), 1, 'x'});
  g.batch(-1, 2000).raw(strings);
  for (int seq = 1; seq <= 4; ++seq) {
    const uint64_t time = 2000 + 10 * static_cast<uint64_t>(seq);
    g.batch(7, time).event("GoStop", {0, 0}).event("GoStart", {1, seq});
  }
  b.generation(3).thread(7).event("ProcStatus", {0, kProcRunning});
  struct Case {
    ReadLimits limits;
    const char* message;
    uint64_t batches;  // of generation 2 that are read
    uint64_t events;   // of it that are delivered
  };
  const Case cases[] = {
      {{.generation_bytes = 170}, "a generation of more than 170 bytes", 2, 3},
      {{.generation_batches = 5}, "a generation of more than 5 batches", 5, 7},
      {{.generation_table_bytes = 80}, "a generation with more than 80 bytes of tables", 3, 3}};
  for (const Case& c : cases) {
    CAPTURE(c.message);
    const Outcome got = read_trace(b.bytes(), {.limits = c.limits});
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.message == c.message);
    CHECK(fault.generation == 2);
    REQUIRE(got.facts.generations.size() == 2);
    const GenerationFacts& second = got.facts.generations[1];
    CHECK_FALSE(second.complete);
    CHECK(second.batches == c.batches);
    CHECK(second.events == c.events);
    // All but the header of the file is either in a generation or said to be missing.
    CHECK(16 + got.facts.generations[0].bytes + 1 + second.bytes + fault.lost.bytes.value_or(0) ==
          b.bytes().size());
  }
}

TEST_CASE("So many generations are read, and no more") {
  TraceBuilder b(26);
  for (uint64_t n = 1; n <= 3; ++n)
    b.generation(n).thread(7).event("ProcStatus", {0, kProcRunning});
  const Outcome got = read_trace(b.bytes(), {.limits = {.generations = 2}});
  CHECK(got.facts.generations.size() == 2);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "more than 2 generations");
  CHECK(got.facts.faults[0].lost.bytes.value_or(0) > 0);
  const Outcome whole = read_trace(b.bytes(), {.limits = {.generations = 3}});
  CHECK(whole.facts.generations.size() == 3);
  CHECK_FALSE(whole.facts.damaged());
}

namespace {

/// Each thread waits for the one whose clock is a step ahead of its own. `begin`: of the
/// generation.
void clocks_against_order(GenerationBuilder& g, int threads, uint64_t begin) {
  g.nobody().event("GoStatus", {1, -1, kGoRunnable});
  for (int m = 0; m < threads; ++m) {
    g.thread(m)
        .event("ProcStatus", {m, kProcRunning})
        .at(begin + 10 * static_cast<uint64_t>(threads - m))
        .event("GoStart", {1, m + 1})
        .event("GoStop", {0, 0});
  }
}

}  // namespace

TEST_CASE("Threads whose clocks contradict the order are tried so often, and no more") {
  constexpr int kThreads = 300;
  TraceBuilder b(26);
  clocks_against_order(b.generation(1), kThreads, 1000);
  const Outcome whole = read_trace(b.bytes());
  CHECK(whole.faults == Lines{});
  CHECK(whole.facts.generations[0].events == 2 + 3 * kThreads);
  const Outcome got = read_trace(b.bytes(), {.limits = {.tries_per_byte = 0, .tries = 2000}});
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kInvalid);
  CHECK(
      fault.message.starts_with("too many threads wait for each other; the clocks contradict the "
                                "order (such events may be "));
  CHECK(fault.event == "GoStart");
  // All was decoded, and what is not delivered is said to be missing.
  REQUIRE(fault.lost.events);
  CHECK(got.facts.generations[0].events + *fault.lost.events == 2 + 3 * kThreads);
  CHECK(got.facts.generations[0].events > 2 + kThreads);
}

TEST_CASE("How often they are tried is limited for the capture, not for each generation") {
  const auto generations_read = [](const ReadLimits& limits) {
    TraceBuilder b(26);
    for (uint64_t n = 1; n <= 4; ++n)
      clocks_against_order(b.generation(n, 10'000 * n), 200, 10'000 * n);
    const Outcome got = read_trace(b.bytes(), {.limits = limits});
    size_t whole = 0;
    for (const GenerationFacts& g : got.facts.generations) whole += g.events == 2 + 3 * 200;
    return whole;
  };
  // One takes some 40,000.
  CHECK(generations_read({.tries_per_byte = 0, .tries = 60'000}) == 1);
  CHECK(generations_read({.tries_per_byte = 0, .tries = 100'000}) == 2);
  CHECK(generations_read({}) == 4);
}

TEST_CASE("A file of broken generations: the first thousand faults are told, the others counted") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  b.raw(Bytes(5000, 0x34));
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1001);
  CHECK(got.facts.faults.back().message == "further faults, which are not listed: 4000");
}
