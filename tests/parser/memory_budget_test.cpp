// What is kept of a whole capture has a limit that the user sets, and what it cuts is said.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "parser/model/hash.h"
#include "reports/formats/read_json.h"
#include "tests/support/cli_run.h"
#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

/// Each generation has 50 functions of its own, with names of 1,000 bytes.
Bytes many_names(uint64_t generations) {
  TraceBuilder b(26);
  for (uint64_t n = 1; n <= generations; ++n) {
    auto& g = b.generation(n);
    auto& t =
        g.thread(7).event("ProcStatus", {0, kProcRunning}).event("GoStatus", {1, 7, kGoRunning});
    for (uint64_t i = 0; i < 50; ++i) {
      const std::string name = "f" + std::to_string(100 * n + i) + std::string(1000, 'x');
      t.event("GoStop", {"preempted", Frames{{name}}}).event("GoStart", {1, int64_t(i + 1)});
    }
  }
  return b.bytes();
}

/// One running goroutine that does so much and no more.
Bytes of_one(int times, void (*more)(BatchBuilder& t, int i)) {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  for (int i = 0; i < times; ++i) more(t, i);
  on_cpu(b.generation(2), 7, 0, 1);
  return b.bytes();
}

}  // namespace

TEST_CASE("Names of many generations end the reading where there is no memory for more") {
  const Bytes bytes = many_names(20);
  CHECK(read_trace(bytes).faults == Lines{});
  const Outcome got = read_trace(bytes, {.limits = {.memory = 600 << 10}});
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kUnsupported);
  CHECK_THAT(fault.message, Contains("600 KiB are allowed for what has to be kept (--max-memory)"));
  CHECK(fault.lost.rest == "all behind this place");
  // 50 KB of names a generation, of which about as much again is in sight when it is read.
  const size_t whole = got.facts.generations.size() - 1;
  CHECK(whole >= 3);
  CHECK(whole <= 11);
  for (size_t i = 0; i < whole; ++i) CHECK(got.facts.generations[i].events == 103);
}

TEST_CASE("More goroutines, tasks or regions at once than there is memory for") {
  struct Case {
    const char* event;
    void (*more)(BatchBuilder& t, int i);
    size_t memory;
  };
  const Case cases[] = {
      {"GoCreate",
       [](BatchBuilder& t, int i) {
         t.event("GoCreate", {i + 2, 0, 0});
       },
       300 << 10},
      // On a page of the directory each.
      {"GoCreate",
       [](BatchBuilder& t, int i) {
         t.event("GoCreate", {64 * i + 99, 0, 0});
       },
       700 << 10},
      {"UserTaskBegin",
       [](BatchBuilder& t, int i) {
         t.event("UserTaskBegin", {i + 1, 0, "t", 0});
       },
       500 << 10},
      {"UserRegionBegin",
       [](BatchBuilder& t, int) {
         t.event("UserRegionBegin", {0, "r", 0});
       },
       200 << 10},
  };
  for (const Case& c : cases) {
    CAPTURE(c.event, c.memory);
    const Bytes bytes = of_one(9000, c.more);
    CHECK(read_trace(bytes).faults == Lines{});
    const Outcome got = read_trace(bytes, {.limits = {.memory = c.memory}});
    REQUIRE_FALSE(got.facts.faults.empty());
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.kind == FaultKind::kUnsupported);
    CHECK(fault.event == c.event);
    CHECK(fault.message == "there is no memory left to remember more goroutines, tasks or regions");
    // What is not delivered is counted.
    REQUIRE(fault.lost.events);
    CHECK(*fault.lost.events > 1000);
    CHECK(*fault.lost.events + got.facts.generations[0].events == 9003);
  }
}

TEST_CASE("Goroutines, tasks and regions that end leave room for others") {
  const auto ends = [](BatchBuilder& t, int i) {
    t.event("UserTaskBegin", {i + 1, 0, "t", 0})
        .event("UserRegionBegin", {i + 1, "r", 0})
        .event("UserRegionEnd", {i + 1, "r", 0})
        .event("UserTaskEnd", {i + 1, 0})
        .event("GoStop", {0, 0})
        .event("GoStart", {1, i + 1});
  };
  const Outcome got = read_trace(of_one(2000, ends), {.limits = {.memory = 250 << 10}});
  CHECK(got.faults == Lines{});
}

TEST_CASE("A capture of format 1 that there is no memory for ends where there is none left") {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
  for (uint64_t i = 0; i < 1'500'000; ++i) b.event("HeapAlloc", {i});
  const Bytes bytes = b.frequency(1'000'000'000).bytes();
  CHECK(read_trace(bytes).faults == Lines{});
  const Outcome got = read_trace(bytes, {.limits = {.memory = 1 << 20}});
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.generations.at(0).events > 100'000);
  CHECK(got.facts.generations.at(0).events < 1'000'000);
  CHECK(got.facts.faults[0].kind == FaultKind::kUnsupported);
  CHECK_THAT(
      got.facts.faults[0].message,
      Contains("no memory is left for a capture of format 1, which is kept as a whole: 1 MiB "
               "are allowed for what has to be kept (--max-memory)"));
  CHECK_THAT(got.facts.faults[0].lost.describe(), Contains("all behind this place"));
  CHECK(got.facts.faults[0].lost.bytes > 1'000'000);
}

TEST_CASE("Goroutines of format 1 that there is no memory for") {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
  for (uint64_t i = 1; i <= 3000; ++i) b.event("GoCreate", {64 * i, 0, 0});
  const Bytes bytes = b.frequency(1'000'000'000).bytes();
  CHECK(read_trace(bytes).faults == Lines{});
  const Outcome got = read_trace(bytes, {.limits = {.memory = 600 << 10}});
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].kind == FaultKind::kUnsupported);
  CHECK(got.facts.faults[0].message ==
        "there is no memory left to remember more goroutines, tasks or regions");
  REQUIRE(got.facts.faults[0].lost.events);
  CHECK(*got.facts.faults[0].lost.events > 1500);
}

TEST_CASE("Option --max-memory is taken by all commands that read, and what it cuts makes exit 3") {
  const std::string path = scratch("memory-names", many_names(20));
  for (const char* command : {"info", "events", "analyze", "goroutines", "wakers"}) {
    CAPTURE(command);
    const CliResult cut = cli({command, path, "--max-memory", "600KiB"});
    CHECK(cut.code == 3);
    CHECK_THAT(cut.err, Contains("600 KiB are allowed for what has to be kept (--max-memory)"));
    CHECK(cli({command, path, "--max-memory", "64MiB"}).code == 0);
    const CliResult wrong = cli({command, path, "--max-memory", "much"});
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, Contains("--max-memory: \"much\" is no size"));
  }
  unlink(path.c_str());
}

TEST_CASE("Saved results may not take more memory than is allowed") {
  const std::string saved = scratch("memory-saved.json");
  REQUIRE(cli({"analyze", capture("go1.27/http"), "--format", "json", "-o", saved}).code == 0);
  CHECK(cli({"check", saved, "--require", "sched.count > 0"}).code == 0);
  const CliResult cut =
      cli({"check", saved, "--require", "sched.count > 0", "--max-memory", "64KiB"});
  CHECK(cut.code == 2);
  CHECK_THAT(cut.err, Contains("saved results of more than 32768 bytes, which would take more "
                               "memory than is allowed (--max-memory)"));
  unlink(saved.c_str());
}

TEST_CASE("What is allowed is told in the largest unit that it is whole in") {
  const auto told = [](uint64_t most) {
    const std::string text = no_memory_for("names", MemoryBudget(most));
    const std::string begin = "no memory is left for names: ";
    const size_t end = text.find(" are allowed for what has to be kept (--max-memory)");
    REQUIRE(end != std::string::npos);
    REQUIRE(text.starts_with(begin));
    return text.substr(begin.size(), end - begin.size());
  };
  CHECK(told(0) == "0 bytes");
  CHECK(told(1) == "1 byte");
  CHECK(told(1023) == "1023 bytes");
  CHECK(told(1024) == "1 KiB");
  CHECK(told(1536) == "1536 bytes");
  CHECK(told(uint64_t{64} << 20) == "64 MiB");
  CHECK(told(uint64_t{3} << 40) == "3072 GiB");
}

TEST_CASE("Saved results that are made to be dear are refused") {
  const std::string head = R"({"schema":"tracetool-report","schema_version":1,"tables":{"t":)";
  std::string columns, rows;
  for (int i = 0; i < 200; ++i)
    columns += (i ? R"(,{"id":")" : R"({"id":")") + std::to_string(i) + "\"}";
  for (int i = 0; i < 500; ++i) rows += i ? ",{}" : "{}";
  const std::string wide = head + R"({"columns":[)" + columns + "],\"rows\":[" + rows + "]}}}";
  CHECK(read_saved(wide).error.empty());
  CHECK(read_saved(wide, 1 << 20).error ==
        "saved results that are too large: its tables take more memory than is allowed "
        "(--max-memory)");
  // A row of 3 bytes has 200 cells.
  for (int i = 0; i < 500; ++i) rows += ",{}";
  const std::string empty = head + R"({"columns":[)" + columns + "],\"rows\":[" + rows + "]}}}";
  CHECK(read_saved(empty).error ==
        "saved results that are too large: rows without most of their cells");
  std::string many = columns;
  for (int i = 200; i < 300; ++i) many += R"(,{"id":")" + std::to_string(i) + "\"}";
  CHECK(read_saved(head + R"({"columns":[)" + many + R"(],"rows":[]}}})").error ==
        "saved results that are too large: a table of more than 256 columns");
}

TEST_CASE("Texts and ids that fall together under a known hash do not") {
  // Flipping these bits of two words that follow each other cancels out where words are mixed in by
  // a known multiplication and shift, whatever they are mixed into.
  std::set<uint64_t> texts;
  for (uint32_t bits = 0; bits < 1024; ++bits) {
    std::string text(160, 'x');
    for (size_t i = 0; i < 10; ++i) {
      if ((bits >> i & 1) == 0) continue;
      text[16 * i + 7] = static_cast<char>(text[16 * i + 7] ^ 0x80);
      text[16 * i + 15] = static_cast<char>(text[16 * i + 15] ^ 0x80);
      text[16 * i + 12] = static_cast<char>(text[16 * i + 12] ^ 0x04);
    }
    texts.insert(hash_text(text) >> 32);
  }
  CHECK(texts.size() > 1000);
  // Ids that fall into one bucket of a table of that many.
  std::set<size_t> buckets;
  for (uint64_t i = 0; i < 1000; ++i) buckets.insert(IdHash{}(i * 1'056'323) % 1'056'323);
  CHECK(buckets.size() > 950);
}
