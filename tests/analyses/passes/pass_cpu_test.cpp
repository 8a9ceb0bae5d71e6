// CPU samples: by hand, and sums that close on every committed capture.
#include <catch2/catch.hpp>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo cpu_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// G1 runs for 500 ns with three samples, one of them in a recursion, and waits for 300 more; one
/// sample falls on no goroutine.
Bytes sampled() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .at(1500)
      .event("GoBlock", {"network", frames({"internal/poll.(*FD).Read", "main.main"})})
      .at(1800)
      .event("ProcStop");
  g.sample(1100, 1, 0, 1, frames({"main.hash", "main.walk", "main.walk", "main.main"}));
  g.sample(1200, 1, 0, 1, frames({"main.walk", "main.main"}));
  g.sample(1300, 1, 0, 1, frames({"main.walk", "main.main"}));
  g.sample(1600, 1, 0, 0, frames({"runtime.findRunnable"}));
  return b.bytes();
}

}  // namespace

TEST_CASE("cpu: functions, stacks and groups by hand") {
  const Report report = run_bytes(sampled(), cpu_pass, {{"--rate", "1000"}});
  CHECK(sum(table(report, "cpu"), "flat") == 4);
  auto functions = rows(table(report, "cpu"), {"function", "flat", "cum", "flat_ns"});
  std::sort(functions.begin(), functions.end());
  CHECK(functions == std::vector<std::string>{"main.hash|1|1|1000000.0", "main.main|0|3|0.0",
                                              "main.walk|2|3|2000000.0",
                                              "runtime.findRunnable|1|1|1000000.0"});
  auto stacks = rows(table(report, "cpu_stacks"), {"stack", "samples", "share"});
  std::sort(stacks.begin(), stacks.end());
  CHECK(stacks == std::vector<std::string>{"main.hash<main.walk<main.walk<main.main|1|0.25",
                                           "main.walk<main.main|2|0.5",
                                           "runtime.findRunnable|1|0.25"});
  CHECK(rows(table(report, "cpu_groups"), {"start_location", "samples", "total_ns", "mostly",
                                           "execution_ns", "block_network_ns"}) ==
        std::vector<std::string>{"main.main|3|801|execution 62%|500|301",
                                 "(no goroutine)|1|0|-|0|0"});
  CHECK(rows(table(report, "cpu_summary"), {"samples", "no_goroutine_samples", "total_ns"}) ==
        std::vector<std::string>{"4|1|801"});
}

TEST_CASE("cpu: windows and filters") {
  RunOptions window;
  window.from = 150;
  window.to = 550;
  const Report clipped = run_bytes(sampled(), cpu_pass, {}, window);
  CHECK(rows(table(clipped, "cpu_groups"), {"samples", "execution_ns", "block_network_ns"}) ==
        std::vector<std::string>{"2|350|50"});
  RunOptions nobody;
  nobody.goroutines.ids = {7};
  CHECK(table(run_bytes(sampled(), cpu_pass, {}, nobody), "cpu").rows.empty());
}

TEST_CASE("cpu: no samples, a note how to get some") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 1, 0, 1).event("ProcsChange", {1, 0});
  const Report report = run_bytes(b.bytes(), cpu_pass, {});
  const Table& summary = table(report, "cpu_summary");
  REQUIRE(summary.notes.size() == 1);
  CHECK(summary.notes[0].find("StartCPUProfile") != std::string::npos);
  CHECK(table(report, "cpu").rows.empty());
  CHECK(table(report, "cpu_stacks").rows.empty());
}

TEST_CASE("cpu: an empty profile of a slow program explains itself") {
  // G1 runs 100 µs, then waits 600 for a lock, 200 for the network and 100 in all for a P. What the
  // runtime's and the tracer's goroutines do is not the program's time.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 1, 0, 1);
  m.event("GoCreate", {2, frames({"runtime.bgsweep"}), frames({"main.main"})}, 0);
  m.event("GoCreate", {3, frames({"runtime/trace.Start.func1"}), frames({"main.main"})}, 0);
  const uint64_t start = 1001;
  m.at(start + 100'000).event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.main"})});
  m.at(start + 700'000).event("GoUnblock", {1, 1, 0});
  m.at(start + 750'000).event("GoStart", {1, 2});
  m.event("GoBlock", {"network", frames({"net.Read", "main.main"})}, 0);
  m.at(start + 950'000).event("GoUnblock", {1, 3, 0});
  m.at(start + 1000'000).event("GoStart", {1, 4});
  const Report report = run_bytes(b.bytes(), cpu_pass, {});
  const Table& summary = table(report, "cpu_summary");
  REQUIRE(summary.notes.size() == 2);
  CHECK(summary.notes[0].find("no CPU samples in this capture") == 0);
  CHECK(
      summary.notes[1] ==
      "the program's goroutines ran 10.0% of their time; no CPU profile shows the rest: sync 60%, "
      "network 20%, sched wait 10%");
  // Who computes most of the time needs no explanation.
  CHECK(table(run_bytes(sampled(), cpu_pass, {{"--rate", "100"}}), "cpu_summary").notes.empty());
}

TEST_CASE("cpu: the rate is told from the distance of samples") {
  const auto cpu_time = [](int distance, int count) {
    TraceBuilder b(26);
    auto& g = b.generation(1, 1000);
    on_cpu(g, 1, 0, 1).at(1'000'000'000).event("ProcStop");
    for (int i = 0; i < count; ++i)
      g.sample(2000 + static_cast<uint64_t>(i) * distance, 1, 0, 1, frames({"main.f"}));
    return cell(table(run_bytes(b.bytes(), cpu_pass, {}), "cpu_summary"), 0, "cpu_ns");
  };
  CHECK(cpu_time(10'000'000, 50) == "500000000.0");
  CHECK(cpu_time(9'000'000, 50) == "500000000.0");   // jitter
  CHECK(cpu_time(15'000'000, 50) == "500000000.0");  // it did not always run
  CHECK(cpu_time(2'000'000, 50) == "100000000.0");   // 500 a second
  CHECK(cpu_time(2'000'000, 10) == "100000000.0");   // too few to tell: 100 a second
}

TEST_CASE("cpu: the rate is the capture's, whatever is selected of it") {
  const auto path = capture("go1.19/cpuprofile_ties");
  const auto summary = [&](const std::vector<std::string>& window) {
    std::vector<std::string> args = {"cpu", path, "-f", "json"};
    args.insert(args.end(), window.begin(), window.end());
    return nlohmann::json::parse(cli(args).out)["tables"]["cpu_summary"]["rows"].at(0);
  };
  const auto whole = summary({});
  CHECK(whole["samples"] == 68);
  CHECK(whole["cpu_ns"] == 272'000'000);
  int64_t samples = 0, cpu = 0;
  const std::vector<std::string> borders = {"0ns", "25195240ns", "56359314ns", "101902185ns", "1h"};
  for (size_t i = 0; i + 1 < borders.size(); ++i) {
    const auto part = summary({"--from", borders[i], "--to", borders[i + 1]});
    samples += part["samples"].get<int64_t>();
    cpu += part["cpu_ns"].get<int64_t>();
  }
  CHECK(samples == 68);
  CHECK(cpu == 272'000'000);
  const auto some = summary({"--function", "^main\\."});
  CHECK(some["cpu_ns"].get<int64_t>() == 4'000'000 * some["samples"].get<int64_t>());
}

TEST_CASE("cpu: --rate") {
  for (const char* text : {"0", "fast", "-1", "1e3"})
    CHECK(refusal(cpu_pass, {{"--rate", text}}).find("--rate") == 0);
}

TEST_CASE("cpu: all samples of the committed captures, and sums close") {
  size_t with_samples = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, cpu_pass, {});
    int64_t samples = 0;
    for (const std::string& line : lines_of(unpack(beside(path, "events.jsonl"))))
      samples += line.find("\"kind\":\"StackSample\"") != std::string::npos;
    with_samples += samples > 0;
    CHECK(sum(table(report, "cpu_summary"), "samples") == samples);
    CHECK(sum(table(report, "cpu"), "flat") == samples);
    CHECK(sum(table(report, "cpu_stacks"), "samples") == samples);
    const Table& groups = table(report, "cpu_groups");
    CHECK(sum(groups, "samples") == samples);
    int64_t parts = 0;
    for (const Column& c : groups.columns)
      if (c.unit == Unit::kNanoseconds && c.id != "total_ns" && c.id != "cpu_ns")
        parts += sum(groups, c.id);
    CHECK(parts == sum(groups, "total_ns"));
    const Report all = run_file(path, goroutines_pass, {});
    for (const char* column : {"execution_ns", "sched_wait_ns", "syscall_ns", "syscall_block_ns",
                               "block_network_ns", "block_sync_ns", "block_chan_ns"})
      CHECK(sum(groups, column) == sum(table(all, "goroutines"), column));
  }
  CHECK(with_samples >= 13);
}
