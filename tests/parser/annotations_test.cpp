// What a program says of its own work and contradicts itself in (tasks, regions, logs): it costs
// nothing but itself, in both formats.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/pass_run.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo regions_pass;
extern const PassInfo parallelism_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

const int kVersions[] = {22, 23, 25, 26};

Lines region_rows(const Bytes& bytes, const Options& options = {}) {
  return rows(table(run_bytes(bytes, regions_pass, options), "regions"),
              {"type", "count", "complete", "total_ns", "self_ns"});
}

/// G1 is older than the trace and creates G2, which runs on from here.
BatchBuilder& born(GenerationBuilder& g) {
  return on_cpu(g, 7, 0, 1)
      .event("GoCreate", {2, 0, 0})
      .event("GoStop", {"preempted", 0})
      .event("GoStart", {2, 1});
}

/// "outer" from 100 to 400 with "inner" from 200 to 300, which ends again at 350.
Bytes ended_twice(int version) {
  TraceBuilder b(version);
  on_cpu(b.generation(1, 1000), 7, 0, 1)
      .at(1100)
      .event("UserRegionBegin", {0, "outer", 0})
      .at(1200)
      .event("UserRegionBegin", {0, "inner", 0})
      .at(1300)
      .event("UserRegionEnd", {0, "inner", 0})
      .at(1350)
      .event("UserRegionEnd", {0, "inner", 0})
      .at(1400)
      .event("UserRegionEnd", {0, "outer", 0})
      .at(1500)
      .event("GoBlock", {"sync", 0});
  b.generation(2, 2000).thread(7).event("ProcStatus", {0, kProcRunning});
  return b.bytes();
}

V1Builder started(int version) {
  V1Builder b(version);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0})
      .string(1, "outer")
      .string(2, "inner");
  return b;
}

/// The same in format 1, in ns from the first event.
V1Builder ended_twice_v1(int version) {
  V1Builder b = started(version);
  b.event("UserRegion", {0, 0, 1, 0}, 96)
      .event("UserRegion", {0, 0, 2, 0}, 100)
      .event("UserRegion", {0, 1, 2, 0}, 100)
      .event("UserRegion", {0, 1, 2, 0}, 50)
      .event("UserRegion", {0, 1, 1, 0}, 50)
      .event("GoBlock", {0}, 100)
      .frequency(1'000'000'000);
  return b;
}

using G = GenerationBuilder;
struct Case {
  const char* why;
  BatchBuilder& (*build)(GenerationBuilder& g);
};

// clang-format off
const Case kCases[] = {
    {"UserTaskBegin without goroutine", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserTaskBegin", {1, 0, 0, 0}); }},
    {"UserTaskBegin of a task that is open", [](G& g) -> auto& { return born(g).event("UserTaskBegin", {1, 0, 0, 0}).event("UserTaskBegin", {1, 0, 0, 0}); }},
    {"UserTaskBegin with an unknown name", [](G& g) -> auto& { return born(g).event("UserTaskBegin", {1, 0, 99, 0}); }},
    {"UserTaskEnd without goroutine", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserTaskEnd", {1, 0}); }},
    {"UserTaskEnd with an unknown stack", [](G& g) -> auto& { return born(g).event("UserTaskEnd", {1, 99}); }},
    {"UserRegionBegin without goroutine", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserRegionBegin", {0, 0, 0}); }},
    {"UserRegionBegin with an unknown name", [](G& g) -> auto& { return born(g).event("UserRegionBegin", {0, 99, 0}); }},
    {"UserRegionEnd without goroutine", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserRegionEnd", {0, 0, 0}); }},
    {"UserRegionEnd of another region", [](G& g) -> auto& { return born(g).event("UserRegionBegin", {0, "a", 0}).event("UserRegionEnd", {0, "b", 0}); }},
    {"UserRegionEnd of another task", [](G& g) -> auto& { return born(g).event("UserRegionBegin", {1, "a", 0}).event("UserRegionEnd", {2, "a", 0}); }},
    {"UserRegionEnd on a goroutine of the trace without a region", [](G& g) -> auto& { return born(g).event("UserRegionEnd", {0, "a", 0}); }},
    {"UserRegionEnd on another goroutine than its begin", [](G& g) -> auto& { return born(g).event("UserRegionBegin", {0, "a", 0}).event("GoCreate", {3, 0, 0}).event("GoStop", {0, 0}).event("GoStart", {3, 1}).event("UserRegionEnd", {0, "a", 0}); }},
    {"UserRegionEnd around an open region", [](G& g) -> auto& { return born(g).event("UserRegionBegin", {0, "a", 0}).event("UserRegionBegin", {0, "b", 0}).event("UserRegionEnd", {0, "a", 0}); }},
    {"UserLog without goroutine", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserLog", {0, 0, 0, 0}); }},
    {"UserLog with an unknown message", [](G& g) -> auto& { return born(g).event("UserLog", {0, 0, 99, 0}); }},
    {"UserLog with an unknown category", [](G& g) -> auto& { return born(g).event("UserLog", {0, 99, 0, 0}); }},
};
// clang-format on

}  // namespace

TEST_CASE("A region that ends twice: every event is there, that end is in no figure") {
  for (int version : kVersions) {
    CAPTURE(version);
    const Bytes bytes = ended_twice(version);
    const Outcome got = read_trace(bytes, {.closings = true});
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.kind == FaultKind::kInvalid);
    CHECK(fault.event == "UserRegionEnd");
    CHECK(fault.generation == 1);
    CHECK(fault.thread == 7);
    CHECK(fault.message == "region \"inner\" ends, but \"outer\" is the innermost one open");
    CHECK(fault.lost.describe() == "nothing, but this event is in no figure");
    CHECK(got.facts.damaged());
    CHECK(got.facts.generations.at(0).complete);
    const Lines middle = {"100 m7 p0 g1 RegionBegin 0 \"outer\"",
                          "200 m7 p0 g1 RegionBegin 0 \"inner\"",
                          "300 m7 p0 g1 RegionEnd 0 \"inner\"",
                          "350 m7 p0 g1 RegionEnd 0 \"inner\"",
                          "400 m7 p0 g1 RegionEnd 0 \"outer\"",
                          "500 m7 p0 g1 G1 Running->Waiting \"sync\"",
                          "1000 sync 2 generation 2"};
    CHECK(std::search(got.lines.begin(), got.lines.end(), middle.begin(), middle.end()) !=
          got.lines.end());
    CHECK(region_rows(bytes) == Lines{"inner|1|1|100|100", "outer|1|1|300|200"});
  }
}

TEST_CASE("A region that ends twice in format 1: every event is there, that end is in no figure") {
  for (int version : {11, 19, 21}) {
    CAPTURE(version);
    const V1Builder b = ended_twice_v1(version);
    const Outcome got = read_trace(b.bytes());
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.kind == FaultKind::kInvalid);
    CHECK(fault.event == "UserRegion");
    CHECK(fault.offset.has_value());
    CHECK(fault.lost.describe() == "nothing, but this event is in no figure");
    CHECK(std::ranges::count_if(got.lines, [](const std::string& line) {
            return line.find("RegionEnd 0 \"inner\"") != std::string::npos;
          }) == 2);
    CHECK(got.lines[got.lines.size() - 2].ends_with("G1 Running->Waiting"));
    CHECK(region_rows(b.bytes()) == Lines{"inner|1|1|100|100", "outer|1|1|300|200"});
  }
}

TEST_CASE("Each rule of annotations, broken once, is one fault there and costs nothing else") {
  for (const Case& c : kCases) {
    CAPTURE(c.why);
    TraceBuilder b(26);
    auto& g = b.generation(1);
    BatchBuilder& wrong = c.build(g);
    const Outcome before = read_trace(b.bytes());
    REQUIRE(before.facts.faults.size() == 1);
    const Fault& fault = before.facts.faults[0];
    CHECK(fault.kind == FaultKind::kInvalid);
    CHECK(fault.offset == wrong.last_offset());
    CHECK(fault.event == std::string(c.why).substr(0, std::string(c.why).find(' ')));
    CHECK_FALSE(fault.lost.empty());
    CHECK_FALSE(fault.lost.events.has_value());
    CHECK(before.facts.generations.at(0).complete);
    // What follows on the same thread and on another one.
    wrong.event("HeapAlloc", {1});
    on_cpu(g, 9, 5, 50).event("HeapAlloc", {2});
    on_cpu(b.generation(2), 9, 5, 50).event("HeapAlloc", {3});
    const Outcome got = read_trace(b.bytes());
    CHECK(got.facts.faults.size() == 1);
    CHECK(std::ranges::count_if(got.lines, [](const std::string& line) {
            return line.find("heap/objects:bytes") != std::string::npos;
          }) == 3);
    const Outcome strict = read_trace(b.bytes(), {.strict = true});
    CHECK(strict.facts.faults.size() == 1);
    CHECK(strict.facts.generations.size() == 1);
  }
}

TEST_CASE("Each rule of annotations of format 1, broken once, costs nothing else") {
  struct V1Case {
    const char* message;
    void (*build)(V1Builder& b);
  };
  const V1Case cases[] = {
      {"task 1 \"outer\" begins while it is open",
       [](V1Builder& b) {
         b.event("UserTaskCreate", {1, 0, 1, 0}).event("UserTaskCreate", {1, 0, 1, 0});
       }},
      {"region \"outer\" neither begins nor ends: mode 2 does not exist",
       [](V1Builder& b) {
         b.event("UserRegion", {0, 2, 1, 0});
       }},
      {"region \"outer\" of task 2 ends, but \"outer\" of task 1 is the innermost one open",
       [](V1Builder& b) {
         b.event("UserRegion", {1, 0, 1, 0}).event("UserRegion", {2, 1, 1, 0});
       }},
      {"innermost",
       [](V1Builder& b) {
         b.event("UserRegion", {0, 0, 1, 0})
             .event("UserRegion", {0, 0, 2, 0})
             .event("UserRegion", {0, 1, 1, 0});
       }},
      {"none is open on goroutine 4",
       [](V1Builder& b) {
         b.event("GoCreate", {4, 0, 0})
             .event("GoSched", {0})
             .event("GoStartLocal", {4})
             .event("UserRegion", {0, 1, 1, 0});
       }},
      {"region \"outer\" begins, but no goroutine runs there",
       [](V1Builder& b) {
         b.event("GoSched", {0}).event("UserRegion", {0, 0, 1, 0});
       }},
  };
  for (const V1Case& c : cases) {
    CAPTURE(c.message);
    V1Builder b = started(19);
    c.build(b);
    const uint64_t at = b.last_offset();
    b.event("HeapAlloc", {77}).frequency(1'000'000'000);
    const Outcome got = read_trace(b.bytes());
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].offset == at);
    CHECK(got.facts.faults[0].message.find(c.message) != std::string::npos);
    CHECK_FALSE(got.facts.faults[0].lost.empty());
    CHECK(got.lines[got.lines.size() - 2].ends_with("heap/objects:bytes 77"));
    CHECK(read_trace(b.bytes(), {.strict = true}).facts.faults.size() == 1);
  }
}

TEST_CASE("What is wrong with an annotation names it") {
  const auto message = [](BatchBuilder& (*build)(GenerationBuilder & g)) {
    TraceBuilder b(26);
    build(b.generation(1));
    const Outcome got = read_trace(b.bytes());
    return got.facts.faults.size() == 1 ? got.facts.faults[0].message : "no single fault";
  };
  CHECK(message([](G & g) -> auto& {
          return born(g)
              .event("UserTaskBegin", {7, 0, "a", 0})
              .event("UserTaskBegin", {7, 0, "b", 0});
        }) == "task 7 \"b\" begins while it is open");
  CHECK(message([](G & g) -> auto& {
          return born(g).event("UserRegionBegin", {1, "a", 0}).event("UserRegionEnd", {0, "a", 0});
        }) == "region \"a\" of no task ends, but \"a\" of task 1 is the innermost one open");
  CHECK(message([](G & g) -> auto& {
          return g.thread(7).event("ProcStatus", {0, kProcRunning}).event("UserTaskEnd", {3, 0});
        }) == "task 3 ends, but no goroutine runs there");
  CHECK(message([](G & g) -> auto& {
          return g.thread(7)
              .event("ProcStatus", {0, kProcRunning})
              .event("UserLog", {3, "c", "m", 0});
        }) == "a message \"c\" of task 3 is logged, but no goroutine runs there");
  CHECK(message([](G & g) -> auto& {
          return born(g).event("UserRegionBegin", {2, 99, 0});
        }) == "region of task 2 begins, but string 99 does not exist in this generation");
  CHECK(message([](G & g) -> auto& {
          return born(g).event("UserTaskBegin", {2, 0, "a", 98});
        }) == "task 2 \"a\" begins, but stack 98 does not exist in this generation");
  CHECK(message([](G & g) -> auto& {
          return born(g).event("UserLog", {0, "c", 97, 0});
        }) == "a message \"c\" is logged, but string 97 does not exist in this generation");
}

TEST_CASE("The same contradiction many times is one fault that says how often") {
  TraceBuilder b(25);
  auto& t = born(b.generation(1));
  for (int i = 0; i < 5000; ++i) t.event("UserRegionEnd", {0, "a", 0});
  t.event("UserTaskBegin", {1, 0, 0, 0}).event("UserTaskBegin", {1, 0, 0, 0});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 2);
  CHECK(got.facts.faults[0].message == "task 1 begins while it is open");
  CHECK(got.facts.faults[1].message == "region \"a\" ends, but none is open on goroutine 2");
  CHECK(got.facts.faults[1].lost.describe() ==
        "nothing, but 5,000 events like this are in no figure");
}

TEST_CASE("What may have begun before the trace ends without a fault") {
  for (int version : kVersions) {
    TraceBuilder b(version);
    on_cpu(b.generation(1), 7, 0, 1)
        .event("UserRegionEnd", {0, "older", 0})
        .event("UserTaskEnd", {5, 0})
        .event("UserTaskBegin", {6, 0, "task", 0})
        .event("UserTaskEnd", {6, 0})
        .event("UserTaskEnd", {6, 0})
        .event("UserLog", {9, "of a task that is not known", "", 0});
    CHECK(read_trace(b.bytes()).faults == Lines{});
    CHECK(region_rows(b.bytes()).size() == 1);
  }
}

TEST_CASE("Regions that cross keep their times, and each moment counts once") {
  // a 100 to 400, b 200 to 600, c around both from 50 to 700.
  TraceBuilder b(26);
  on_cpu(b.generation(1, 1000), 7, 0, 1)
      .at(1050)
      .event("UserRegionBegin", {0, "c", 0})
      .at(1100)
      .event("UserRegionBegin", {0, "a", 0})
      .at(1200)
      .event("UserRegionBegin", {0, "b", 0})
      .at(1400)
      .event("UserRegionEnd", {0, "a", 0})
      .at(1600)
      .event("UserRegionEnd", {0, "b", 0})
      .at(1700)
      .event("UserRegionEnd", {0, "c", 0})
      .at(1800)
      .event("GoBlock", {"sync", 0});
  const Outcome got = read_trace(b.bytes(), {.since = true});
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].lost.describe() == "nothing");
  CHECK(got.lines[6] == "400 m7 p0 g1 RegionEnd 0 \"a\" since=100");
  CHECK(got.lines[7] == "600 m7 p0 g1 RegionEnd 0 \"b\" since=200");
  CHECK(region_rows(b.bytes()) == Lines{"a|1|1|300|100", "b|1|1|400|400", "c|1|1|650|150"});
  // Of what a selects, no more counts than a itself.
  RunOptions run;
  run.scope.region = regex("a");
  const Report report = run_bytes(b.bytes(), parallelism_pass, {}, run);
  CHECK(cell(table(report, "procs"), 0, "busy_ns") == "300");
}

TEST_CASE("A name that is lost with a cut generation matches any") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1).event("UserRegionBegin", {0, "a", 0});
  auto& t = b.generation(2).thread(7);
  t.event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {1, 7, kGoRunning})
      .event("UserRegionEnd", {0, "a", 0})
      .event("HeapAlloc", {5});
  Bytes whole = b.bytes();
  whole.resize(t.last_offset() + 3);
  const Outcome got = read_trace(whole);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].kind == FaultKind::kTruncated);
  CHECK(got.facts.faults[0].lost.nameless == 1);
  CHECK(got.lines[got.lines.size() - 2].ends_with("heap/objects:bytes 5"));
}
