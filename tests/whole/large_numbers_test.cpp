// Numbers near and beyond the ends of 64 bits: right, or left out, in every format.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/cli_run.h"
#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"
#include "tests/support/temporary.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo capture_pass;
extern const PassInfo cpu_pass;
extern const PassInfo gc_pass;
extern const PassInfo goroutines_pass;
extern const PassInfo parallelism_pass;
extern const PassInfo sched_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

constexpr uint64_t kHugeId = ~uint64_t{0} - 999;
const std::string kHuge = "18446744073709550616";

/// The goroutine with the huge id waits 40 ns for a P and runs.
Bytes huge_id() {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  m.at(1010).event("GoCreate", {kHugeId, frames({"main.f"}), frames({"main.main"})});
  m.at(1020).event("GoStop", {"preempted", frames({"main.main"})});
  m.at(1050).event("GoStart", {kHugeId, 1});
  m.at(1060).event("UserTaskBegin", {kHugeId - 1, 0, "order", frames({"main.f"})});
  m.at(1070).event("UserTaskEnd", {kHugeId - 1, frames({"main.f"})});
  m.at(1080).event("GoDestroy");
  return b.bytes();
}

/// GOMAXPROCS `procs` for `length` ns, and a goroutine that runs all the time.
Bytes with_procs(uint64_t procs, uint64_t length) {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  m.event("ProcsChange", {4, 0});
  m.event("ProcsChange", {procs, 0});
  m.at(1000 + length).event("GoStop", {"preempted", frames({"main.main"})});
  return b.bytes();
}

}  // namespace

TEST_CASE("Ids of 2^63 and more have no sign in events and no value in tables", "[large]") {
  const Bytes capture = huge_id();
  const TemporaryFile file("large.trace", std::string(capture.begin(), capture.end()));
  const std::string text = cli({"events", file.path()}).out;
  CHECK(text.find("G" + kHuge) != std::string::npos);
  CHECK(text.find("Goroutine " + kHuge + " NotExist -> Runnable") != std::string::npos);
  CHECK(cli({"events", file.path(), "--format", "csv"})
            .out.find(",0," + kHuge + ",Goroutine(" + kHuge + "),Running,NotExist,") !=
        std::string::npos);
  CHECK(cli({"events", file.path(), "--format", "jsonl"}).out.find("\"g\":" + kHuge + ",") !=
        std::string::npos);
  const std::string report = cli({"analyze", file.path(), "--full", "--format", "json"}).out;
  const json tables = json::parse(report)["tables"];
  CHECK(tables["sched_worst"]["rows"][0]["goroutine"].is_null());
  CHECK(tables["sched_summary"]["rows"][0]["longest_goroutine"].is_null());
  CHECK(tables["task_list"]["rows"][0]["task"].is_null());
  for (const char* format : {"text", "csv", "markdown"})
    CHECK(
        cli({"sched", file.path(), "--table", "sched_worst", "--format", format}).out.find(kHuge) ==
        std::string::npos);
}

TEST_CASE("A GOMAXPROCS that cannot be is not taken for one", "[large]") {
  const Bytes bytes = with_procs(~uint64_t{0}, 1000);
  const Report capture = run_bytes(bytes, capture_pass, {});
  CHECK(rows(table(capture, "capture"), {"gomaxprocs_min", "gomaxprocs_max"}) ==
        std::vector<std::string>{"4|-"});
  CHECK(rows(table(capture, "gomaxprocs"), {"gomaxprocs"}) == std::vector<std::string>{"4", "-"});
  CHECK(cell(table(run_bytes(bytes, sched_pass, {}), "sched_summary"), 0, "gomaxprocs_mean") ==
        "4.0");
  CHECK(cell(table(run_bytes(bytes, parallelism_pass, {}), "parallelism"), 0, "gomaxprocs_mean") ==
        "4.0");
}

TEST_CASE("GOMAXPROCS times time may be more than 64 bits hold", "[large]") {
  const Bytes bytes = with_procs(65'000, uint64_t{1} << 57);
  const auto mean = [&](const PassInfo& pass, const std::string& id) {
    return std::stod(cell(table(run_bytes(bytes, pass, {}), id), 0, "gomaxprocs_mean"));
  };
  CHECK(mean(sched_pass, "sched_summary") == Approx(65'000));
  CHECK(mean(parallelism_pass, "parallelism") == Approx(65'000));
}

TEST_CASE("A wall clock that no calendar has is none", "[large]") {
  const auto start = [](uint64_t sec, uint64_t nsec) {
    TraceBuilder b(26);
    on_cpu(b.generation(1, 1000).clock(sec, nsec), 7, 0, 1);
    return cell(table(run_bytes(b.bytes(), capture_pass, {}), "capture"), 0, "start");
  };
  CHECK(start(1'700'000'000, 5'000'000) == "2023-11-14 22:13:20.005000 UTC");
  CHECK(start(~uint64_t{0}, 0) == "-");
  // The last second that 64 bits of ns hold, and behind it.
  CHECK(start(9'223'372'036, 0) == "2262-04-11 23:47:16.000000 UTC");
  CHECK(start(9'223'372'037, 0) == "-");
  CHECK(start(uint64_t{1} << 62, 0) == "-");
  CHECK(start(253'402'300'800, 0) == "-");
  CHECK(start(1'700'000'000, 1'000'000'000) == "-");
}

TEST_CASE("Sums of times that may not fit are left out, single times are not", "[large]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  for (int id = 2; id < 10; ++id) g.nobody().event("GoStatus", {id, -1, kGoWaiting});
  on_cpu(g, 7, 0, 1).at(1000 + (uint64_t{1} << 60)).event("GoStop", {"preempted", 0});
  const Table cpu = table(run_bytes(b.bytes(), cpu_pass, {}), "cpu_summary");
  CHECK(rows(cpu, {"total_ns", "execution_ns", "block_other_ns", "mostly"}) ==
        std::vector<std::string>{"-|-|-|-"});
  const Table table = test::table(run_bytes(b.bytes(), goroutines_pass, {}), "goroutines");
  CHECK(cell(table, 0, "total_ns") == "-");
  CHECK(cell(table, 0, "lifetime_max_ns") == "1152921504606846979");
  CHECK(table.notes ==
        std::vector<std::string>{
            "sums of times, means and shares are left out: they may not fit into 64 bits"});
}

TEST_CASE("Sizes that cannot be have no sum", "[large]") {
  const auto swept = [](uint64_t size, uint64_t reclaimed) {
    TraceBuilder b(26);
    auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
    for (const uint64_t n : {uint64_t{8192}, size}) {
      m.event("GCSweepBegin", {frames({"main.f"})}).event("GCSweepEnd", {n, reclaimed}, 10);
    }
    return rows(table(run_bytes(b.bytes(), gc_pass, {}), "gc_totals"),
                {"sweep_count", "swept_bytes", "reclaimed_bytes"})[0];
  };
  CHECK(swept(100, 7) == "2|8292|14");
  CHECK(swept(uint64_t{1} << 63, 7) == "2|-|14");
  CHECK(swept(100, ~uint64_t{0}) == "2|8292|-");
}

TEST_CASE("Events behind a time that is out of range are counted", "[large]") {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  m.event("HeapAlloc", {1}, uint64_t{1} << 62);
  const uint64_t at = m.event("HeapAlloc", {2}).event("HeapAlloc", {3}).last_offset();
  const Outcome got = read_trace(b.bytes());
  CHECK(at > 0);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].message == "time is out of range");
  CHECK(got.facts.faults[0].lost.events == 3);
  CHECK(got.facts.faults[0].lost.bytes == 11 + 3 + 3);
}

TEST_CASE("CPU samples and events of format 1 have the same limit of times", "[large]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 7, 0, 1);
  g.sample(1500, 7, 0, 1, frames({"main.f"}))
      .sample(uint64_t{1} << 62, 7, 0, 1, frames({"main.f"}));
  const Outcome two = read_trace(b.bytes());
  REQUIRE(two.facts.faults.size() == 1);
  CHECK(two.facts.faults[0].message ==
        "CPU samples are more than a second away from all other events");
  CHECK(two.facts.faults[0].lost.events == 1);
  CHECK(two.facts.duration == 501);

  V1Builder v1(19);
  v1.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0})
      .event("HeapAlloc", {77}, uint64_t{1} << 62)
      .event("HeapAlloc", {78});
  const Outcome one = read_trace(v1.frequency(1'000'000'000).bytes());
  REQUIRE(one.facts.faults.size() == 1);
  CHECK(one.facts.faults[0].message == "time is out of range");
  CHECK(one.facts.faults[0].lost.events == 2);
  CHECK(one.facts.duration < 100);
}

namespace {

/// Goroutine 1 runs on P 0 from tick 1003 on, a tick is a ns.
V1Builder running() {
  V1Builder b(19);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0});
  return b;
}
Outcome read(V1Builder b) { return read_trace(b.frequency(1'000'000'000).bytes()); }

constexpr uint64_t kLies[] = {uint64_t{1} << 63, ~uint64_t{0}, uint64_t{1} << 62,
                              uint64_t{5'000'000'000}};

}  // namespace

TEST_CASE("A CPU sample far from the trace is lost, in format 1", "[large]") {
  const Outcome sound = read(running().event("HeapAlloc", {77}, 500));
  for (const uint64_t lie : kLies) {
    CAPTURE(lie);
    // Behind the trace, and before one that begins late.
    const Outcome got = read(running()
                                 .event("HeapAlloc", {77}, 500)
                                 .event("CPUSample", {lie, 0, 1, 0})
                                 .event("CPUSample", {lie, 0, 1, 0}));
    CHECK(got.lines == sound.lines);
    CHECK(got.facts.duration == 505);
    CHECK(got.facts.generations.at(0).cpu_samples == 0);
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].message ==
          "CPU samples are more than a second away from all other events");
    CHECK(got.facts.faults[0].lost.events == 2);
    V1Builder late(19);
    late.batch(0, uint64_t{1} << 40).event("HeapAlloc", {1}).event("CPUSample", {5, 0, 0, 0});
    const Outcome before = read(late.event("HeapAlloc", {2}, 100));
    CHECK(before.facts.duration == 102);
    REQUIRE(before.facts.faults.size() == 1);
    CHECK(before.facts.faults[0].lost.events == 1);
  }
  // Beside another fault.
  const Outcome both =
      read(running().event("CPUSample", {uint64_t{1} << 63, 0, 1, 0}).event("GoStartLocal", {1}));
  REQUIRE(both.facts.faults.size() == 2);
  CHECK(both.facts.faults[0].lost.events == 1);
  CHECK(both.facts.faults[1].event == "GoStartLocal");
  CHECK(both.facts.duration < 10);
}

TEST_CASE("A CPU sample far from the trace is lost, in format 2", "[large]") {
  for (const uint64_t lie :
       {uint64_t{1} << 63, uint64_t{1} << 50, uint64_t{1} << 40, uint64_t{5}}) {
    CAPTURE(lie);
    const uint64_t begin = uint64_t{1} << 45;
    TraceBuilder b(26);
    auto& g = b.generation(1, begin);
    on_cpu(g, 7, 0, 1).event("HeapAlloc", {1}, 100);
    g.sample(lie, 7, 0, 1, 0).sample(begin + 50, 7, 0, 1, 0).sample(begin + 200, 7, 0, 1, 0);
    on_cpu(b.generation(2, begin + 1000), 7, 0, 1);
    const Outcome got = read_trace(b.bytes());
    CHECK(got.facts.duration == 1003);
    CHECK(std::ranges::count_if(got.lines, [](const std::string& line) {
            return line.find("StackSample") != std::string::npos;
          }) == 2);
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].lost.events == 1);
    CHECK(got.facts.faults[0].generation == 1);
    CHECK_FALSE(got.facts.generations.at(0).complete);
    CHECK(got.facts.generations.at(1).complete);
  }
  // Beside a fault of the same generation.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000).no_snapshot();
  on_cpu(g, 7, 0, 1);
  g.sample(uint64_t{1} << 63, 7, 0, 1, 0);
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 2);
  CHECK(got.facts.faults[0].message == "the generation has no clock snapshot");
  CHECK(got.facts.faults[1].lost.events == 1);
}

TEST_CASE("A syscall that cannot have ended when it says ends where that was written", "[large]") {
  // Before the trace, before it blocked, behind its record, behind the trace and all times.
  for (const uint64_t lie : {uint64_t{1}, uint64_t{1100}, uint64_t{1310}, uint64_t{1} << 61,
                             uint64_t{1} << 63, ~uint64_t{0}}) {
    CAPTURE(lie);
    const Outcome got = read(running()
                                 .event("GoSysCall", {0}, 100)
                                 .event("GoSysBlock", {}, 100)
                                 .event("GoSysExit", {1, 2, lie}, 96)
                                 .event("GoStartLocal", {1}, 100)
                                 .event("HeapAlloc", {77}, 10));
    CHECK(Lines(got.lines.end() - 5, got.lines.end()) ==
          Lines{"104 m5 p0 g1 G1 Running->Syscall", "300 m- p1000003 g1 G1 Syscall->Runnable",
                "400 m5 p0 g1 G1 Runnable->Running",
                "410 m5 p0 g1 /memory/classes/heap/objects:bytes 77", "411 end"});
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].describe().find(
              "a syscall cannot have ended at tick " + std::to_string(lie) +
              ": it ends where that was written, at tick 1300 (GoSysExit, ts); missing: the real "
              "ends of 1 syscall") != std::string::npos);
  }
}

TEST_CASE("Batches and deltas of format 1 that no clock reaches", "[large]") {
  for (const uint64_t lie : {uint64_t{1} << 63, ~uint64_t{0} - 5}) {
    CAPTURE(lie);
    // The batch comes last, whatever its sign would be.
    const Outcome batch = read(
        running().batch(1, lie).event("HeapAlloc", {1}).batch(0, 1100).event("HeapAlloc", {2}));
    CHECK(batch.lines[batch.lines.size() - 2].ends_with("objects:bytes 2"));
    CHECK(batch.facts.duration == 102);
    REQUIRE(batch.facts.faults.size() == 1);
    CHECK(batch.facts.faults[0].message == "time is out of range");
    CHECK(batch.facts.faults[0].lost.events == 1);
    // A delta that would wrap is not the past.
    const Outcome delta = read(running().event("HeapAlloc", {1}, ~uint64_t{0} - 3));
    REQUIRE(delta.facts.faults.size() == 1);
    CHECK(delta.facts.faults[0].message == "time is out of range");
    CHECK(delta.facts.duration < 10);
  }
  // A clock may well stand there all the time.
  V1Builder late(19);
  late.batch(0, (uint64_t{1} << 63) - 50).event("HeapAlloc", {1}).event("HeapAlloc", {2}, 100);
  CHECK(read(late).facts.faults.empty());
  CHECK(read(late).facts.duration == 102);
  // No number has a sign in a message.
  const Outcome p = read(running().batch(-7, 1));
  CHECK(p.faults.at(0).find("P 18446744073709551609 is out of range") != std::string::npos);
  const Outcome clock = read_trace(running().frequency(~uint64_t{0}).bytes());
  CHECK(clock.faults.at(0).find("ran at 18446744073709551615 ticks") != std::string::npos);
}

TEST_CASE("Times are shown with all their digits", "[large]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1, 1000), 7, 0, 1)
      .at(1000 + (uint64_t{1} << 60) + 3)
      .event("GoStop", {"preempted", 0});
  const Bytes capture = b.bytes();
  const TemporaryFile file("large.trace", std::string(capture.begin(), capture.end()));
  const std::string out = cli({"events", file.path()}).out;
  CHECK(out.find("\n1152921504.606846979s ") != std::string::npos);
}
