// Edges of the formats: versions, empty batches, equal ticks, limits, and a clock that nobody set.
#include <catch2/catch.hpp>
#include <map>

#include "parser/format2/wire_spec.h"
#include "parser/input/further_trace.h"
#include "parser/model/wall_clock.h"
#include "parser/model/wire_version.h"
#include "tests/support/event_lines.h"
#include "tests/support/pass_run.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo tasks_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

V1Builder started(int version) {
  V1Builder b(version);
  b.batch(0, 1000).event("GoCreate", {1, 0, 0}).event("ProcStart", {5});
  return b.event("GoStartLocal", {1}).event("Gomaxprocs", {4, 0});
}

}  // namespace

TEST_CASE("Every version has its name and its format, or none", "[edges]") {
  const std::map<int, std::string> names = {
      {5, "Go 1.5, 1.6"}, {7, "Go 1.7"},           {8, "Go 1.8"},         {9, "Go 1.9"},
      {10, "Go 1.10"},    {11, "Go 1.11 to 1.18"}, {19, "Go 1.19, 1.20"}, {21, "Go 1.21"},
      {22, "Go 1.22"},    {23, "Go 1.23, 1.24"},   {25, "Go 1.25"},       {26, "Go 1.26, 1.27"}};
  for (int version = 0; version < 40; ++version) {
    CAPTURE(version);
    const char* name = releases_of(version);
    REQUIRE((name != nullptr) == names.contains(version));
    if (name != nullptr) CHECK(name == names.at(version));
    if (version < 1 || version > 21) continue;
    const Outcome got = read_trace(started(version).frequency(1'000'000'000).bytes());
    // Format 1 is read where a release from Go 1.7 on writes it.
    CHECK(got.refused == (name == nullptr || version < 7));
    if (got.refused) continue;
    CHECK(got.facts.version == version);
    CHECK(got.faults == Lines{});
    CHECK(got.lines.back() == "5 end");
    CHECK(got.facts.generations.at(0).events == 4);
  }
}

TEST_CASE("A name that format 1 does not have is told as what it is", "[edges]") {
  const auto read = [](bool named, bool placed) {
    V1Builder b = started(19);
    b.event("UserTaskCreate", {1, 0, 4, 9}).string(named ? 4 : 5, "task");
    b.frequency(1'000'000'000);
    if (placed) b.stack(9, 6);
    return read_trace(b.string(6, "main.f").bytes());
  };
  CHECK(read(true, true).faults == Lines{});
  const Outcome nameless = read(false, true);
  REQUIRE(nameless.facts.faults.size() == 1);
  const Fault& fault = nameless.facts.faults[0];
  CHECK(fault.kind == FaultKind::kInvalid);
  CHECK(fault.message == "events with names that the file does not have");
  CHECK(fault.lost.nameless == 1);
  CHECK(fault.lost.stackless == 0);
  // Stacks are written last, and so what lacks one is likely cut off.
  const Outcome cut = read(true, false);
  REQUIRE(cut.facts.faults.size() == 1);
  CHECK(cut.facts.faults[0].kind == FaultKind::kTruncated);
  CHECK(cut.facts.faults[0].message == "the file ends before all stacks were written");
  CHECK(cut.facts.faults[0].lost.stackless == 1);
}

TEST_CASE("What was written anew as UTF-8 is known by its first 512 bytes", "[edges]") {
  const auto read = [](size_t far) {
    std::string text = "go 1.19 trace";
    text.resize(16);
    for (int i = 0; i < 7; ++i) text += "\uFFFD";
    text.resize(far, '&');
    text += "\uFFFD" + std::string(1000, '&');
    return read_trace(Bytes(text.begin(), text.end()));
  };
  CHECK(read(100).refused);
  CHECK(read(509).refused);
  // Some readers see more of the file at once than others.
  CHECK_FALSE(read(512).refused);
  CHECK_FALSE(read(900).refused);
}

TEST_CASE("A header is a trace's if what follows may begin one of its version", "[edges]") {
  const auto found = [](int version, uint8_t first) {
    std::string text = "before it go 1." + std::to_string(version) + " trace";
    text.resize(10 + 16);
    Bytes bytes(text.begin(), text.end());
    bytes.push_back(first);
    return find_trace(bytes) == 10;
  };
  for (const int version : {22, 23, 25, 26}) {
    CAPTURE(version);
    CHECK(found(version, kWireBatch));
    CHECK(found(version, kWireExperimentalBatch));
    CHECK(found(version, kWireEndOfGeneration) == (version == 26));
    CHECK_FALSE(found(version, kWireBatch + 1));
  }
}

TEST_CASE("Numbers of strings and stacks are each given once, and 0 to none", "[edges]") {
  const auto fault = [](const Bytes& body) {
    TraceBuilder b(26);
    auto& g = b.generation(1, 1000);
    on_cpu(g, 7, 0, 1).event("HeapAlloc", {1});
    g.batch(-1, 1000).raw(body);
    const Outcome got = read_trace(b.bytes());
    return got.facts.faults.empty() ? "" : got.facts.faults[0].message;
  };
  CHECK(fault({kWireStrings, kWireString, 90, 1, 'x'}).empty());
  CHECK(fault({kWireStrings, kWireString, 0, 1, 'x'}) == "string 0 is reserved");
  CHECK(fault({kWireStrings, kWireString, 90, 1, 'x', kWireString, 90, 1, 'y'}) ==
        "string 90 is defined twice");
  CHECK(fault({kWireStacks, kWireStack, 91, 0}).empty());
  CHECK(fault({kWireStacks, kWireStack, 0, 0}) == "stack 0 is reserved");
  CHECK(fault({kWireStacks, kWireStack, 91, 0, kWireStack, 91, 0}) == "stack 91 is defined twice");
}

TEST_CASE("An empty batch is nothing, whoever wrote it", "[edges]") {
  for (const int version : {22, 26}) {
    const auto build = [version](bool empty) {
      TraceBuilder b(version);
      auto& g = b.generation(1, 1000);
      if (empty) g.batch(9, 1000);
      on_cpu(g, 7, 0, 1).event("HeapAlloc", {1});
      if (empty) g.batch(7, 1000);
      if (empty) g.batch(-1, 1005);
      return read_trace(b.bytes());
    };
    CHECK(build(true).lines == build(false).lines);
    CHECK(build(true).faults == Lines{});
    CHECK(build(true).facts.generations.at(0).batches ==
          build(false).facts.generations.at(0).batches + 3);
    CHECK(build(true).facts.threads == build(false).facts.threads);
  }
  V1Builder empty = started(19);
  empty.batch(1, 5).batch(0, 2000).batch(-1, 1).batch(0, 1500).event("HeapAlloc", {7}, 0);
  const Outcome got = read_trace(empty.frequency(1'000'000'000).bytes());
  CHECK(got.faults == Lines{});
  CHECK(got.facts.duration == 501);
  CHECK(got.facts.generations.at(0).batches == 5);
  CHECK(got.lines[got.lines.size() - 2] == "500 m5 p0 g1 /memory/classes/heap/objects:bytes 7");
}

TEST_CASE("Messages at equal ticks keep their order and rise by a nanosecond", "[edges]") {
  V1Builder one = started(19);
  one.string(1, "c");
  for (int i = 0; i < 5; ++i) one.log(0, 1, 0, "m" + std::to_string(i), i == 0 ? 96 : 0);
  const Outcome a = read_trace(one.frequency(1'000'000'000).bytes());
  TraceBuilder two(26);
  auto& m = on_cpu(two.generation(1, 1000), 7, 0, 1).at(1100);
  for (const char* text : {"m0", "m1", "m2", "m3", "m4"})
    m.event("UserLog", {0, "c", text, 0}, text[1] == '0' ? 1 : 0);
  const Outcome b = read_trace(two.bytes());
  for (const Outcome& got : {a, b}) {
    REQUIRE(got.lines.size() > 6);
    const auto last = got.lines.end() - 1;
    const int64_t first = std::stoll(*(last - 5));
    CHECK(first == 100);
    for (int i = 0; i < 5; ++i) {
      const std::string& line = *(last - 5 + i);
      CHECK(std::stoll(line) == first + i);
      CHECK(line.ends_with("Log 0 \"c\" \"m" + std::to_string(i) + "\""));
    }
  }
}

TEST_CASE("What format 1 may have at most, and one more", "[edges]") {
  const auto read = [](V1Builder b) { return read_trace(b.frequency(1'000'000'000).bytes()); };
  // Texts of a million bytes.
  for (const size_t size : {size_t{1'000'000}, size_t{1'000'001}}) {
    const std::string text(size, 'x');
    const Outcome string = read(started(19).string(1, text).event("HeapAlloc", {1}));
    CHECK(string.faults.empty() == (size == 1'000'000));
    const Outcome log = read(started(19).log(0, 0, 0, text).event("HeapAlloc", {1}));
    CHECK(log.faults.empty() == (size == 1'000'000));
    CHECK(string.facts.generations.at(0).events == (size == 1'000'000 ? 5 : 4));
    CHECK(log.facts.generations.at(0).events == (size == 1'000'000 ? 6 : 4));
  }
  // 1,000 frames, of one byte a field.
  for (const uint64_t frames : {uint64_t{1000}, uint64_t{1001}}) {
    std::vector<uint64_t> values{1, frames};
    values.resize(2 + 4 * frames, 1);
    const Outcome got =
        read(started(19).string(1, "f").event("HeapAlloc", {1}).record(v1::kStack, values, true));
    CHECK(got.faults.empty() == (frames == 1000));
    CHECK(got.facts.generations.at(0).stacks == (frames == 1000 ? 1 : 0));
  }
  // The last P.
  const Outcome most = read(started(19).batch(kMaxProcs - 1, 1100).event("HeapAlloc", {1}));
  CHECK(most.faults == Lines{});
  CHECK(read(started(19).batch(kMaxProcs, 1100).event("HeapAlloc", {1})).faults.size() == 1);
}

TEST_CASE("A task of the last number there is shows up like any other", "[edges]") {
  const uint64_t last = ~uint64_t{0};
  for (const uint64_t id : {uint64_t{5}, last}) {
    TraceBuilder b(26);
    on_cpu(b.generation(1, 1000), 7, 0, 1)
        .event("UserTaskBegin", {id, 0, "order", 0})
        .event("UserTaskBegin", {6, id, "part", 0})
        .event("UserRegionBegin", {id, "work", 0})
        .event("UserLog", {id, "c", "m", 0})
        .event("UserRegionEnd", {id, "work", 0}, 100)
        .event("UserTaskEnd", {id, 0})
        .event("UserTaskEnd", {6, 0});
    const Bytes bytes = b.bytes();
    CHECK(read_trace(bytes).faults == Lines{});
    CHECK(rows(table(run_bytes(bytes, tasks_pass, {}), "tasks"),
               {"type", "count", "complete", "total_ns", "regions", "logs"}) ==
          Lines{"order|1|1|104|1|1", "part|1|1|104|0|0"});
  }
}

TEST_CASE("A wall clock that the capture does not have is not known, one of 1970 is", "[edges]") {
  TraceBuilder without(22), unset(26);
  on_cpu(without.generation(1, 1000), 7, 0, 1);
  on_cpu(unset.generation(1, 1000).clock(0, 0), 7, 0, 1);
  for (const WallClock& clock : {WallClock(), WallClock(read_trace(without.bytes()).facts)}) {
    CHECK_FALSE(clock.known());
    CHECK(clock.at(0) == std::nullopt);
    CHECK(clock.shown_until(1000).first == std::nullopt);
    CHECK(clock.shown_until(1000).second == std::nullopt);
  }
  const WallClock clock(read_trace(unset.bytes()).facts);
  CHECK(clock.known());
  CHECK(clock.at(0) == 0);
  CHECK(clock.at(10) == 10);
  CHECK(clock.first_at(10) == 10);
  CHECK(clock.last_at(10) == 10);
}
