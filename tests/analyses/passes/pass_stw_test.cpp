// Stops of the world: a trace worked out on paper, sums that close on every committed capture, and
// counts and lengths computed a second time from the reference's events.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo stw_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;
using Rows = std::vector<std::string>;

namespace {

/// G1 on P0 stops the world five times: while G2 runs on P1, while nobody else does, while G2 is in
/// a system call, without writing GOMAXPROCS, and without an end. The trace ends at 850.
Bytes stops() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames watch = frames({"runtime.ReadMemStats", "main.watch"});
  const Frames spin = frames({"main.spin"});
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1100)
      .event("STWBegin", {"read mem stats", watch})
      .at(1200)
      .event("ProcsChange", {2, 0})
      .at(1300)
      .event("STWEnd")
      .at(1500)
      .event("STWBegin", {"GC mark termination", frames({"runtime.gcMarkDone"})})
      .at(1520)
      .event("ProcsChange", {2, 0})
      .at(1530)
      .event("STWEnd")
      .at(1600)
      .event("STWBegin", {"read mem stats", watch})
      .at(1620)
      .event("ProcSteal", {1, 4, 2})
      .at(1640)
      .event("ProcsChange", {2, 0})
      .at(1660)
      .event("STWEnd")
      .at(1700)
      .event("STWBegin", {"goroutine profile", frames({"main.profile"})})
      .at(1710)
      .event("STWEnd")
      .at(1800)
      .event("STWBegin", {"read mem stats", watch})
      .at(1849)
      .event("HeapAlloc", {1000});
  g.thread(2)
      .at(1050)
      .event("ProcStatus", {1, kProcRunning})
      .event("GoStatus", {2, 2, kGoRunning})
      .at(1160)
      .event("GoStop", {"preempted", spin})
      .at(1170)
      .event("ProcStop")
      .at(1250)
      .event("ProcStart", {1, 1})
      .at(1260)
      .event("GoStart", {2, 1})
      .at(1400)
      .event("GoStop", {"preempted", spin})
      .at(1410)
      .event("ProcStop")
      .at(1540)
      .event("ProcStart", {1, 2})
      .at(1550)
      .event("GoStart", {2, 2})
      .at(1560)
      .event("GoSyscallBegin", {3, frames({"syscall.read", "main.load"})});
  return b.bytes();
}

const Rows kParts = {"total_ns",   "stopping_ns",     "stopped_ns", "resuming_ns",
                     "unclear_ns", "stopping_max_ns", "open_count", "open_ns"};

double number(const Table& t, const std::string& column) { return std::stod(cell(t, 0, column)); }

}  // namespace

TEST_CASE("stw: kinds and their parts by hand") {
  const Report report = run_bytes(stops(), stw_pass, {});
  const Table& totals = table(report, "stw_totals");
  CHECK(rows(totals, {"count", "p50_ns", "p99_ns", "max_ns", "max_at_ns"}) ==
        Rows{"4|30|200|200|100"});
  CHECK(rows(totals, kParts) == Rows{"300|90|150|50|10|70|1|50"});
  CHECK(number(totals, "share") == Approx(350.0 / 850));
  CHECK(number(totals, "mean_ns") == 75);
  CHECK(rows(table(report, "stw"), {"kind", "count", "longest_ns", "longest_at_ns",
                                    "longest_goroutine", "longest_stack"}) ==
        Rows{"read mem stats|2|200|100|1|runtime.ReadMemStats<main.watch",
             "GC mark termination|1|30|500|1|runtime.gcMarkDone",
             "goroutine profile|1|10|700|1|main.profile"});
  CHECK(rows(table(report, "stw"), kParts) ==
        Rows{"260|90|120|50|0|70|1|50", "30|0|30|0|0|0|0|0", "10|0|0|0|10|-|0|0"});
  CHECK(rows(table(report, "stw_stacks"), {"kind", "caller", "count", "total_ns"}) ==
        Rows{"read mem stats|main.watch|2|260", "GC mark termination|runtime.gcMarkDone|1|30",
             "goroutine profile|main.profile|1|10"});
}

TEST_CASE("stw: for whom the longest ones waited") {
  const Report report = run_bytes(stops(), stw_pass, {});
  const Table& worst = table(report, "stw_worst");
  CHECK(rows(worst, {"time_ns", "length_ns", "kind", "goroutine", "caller", "stopping_ns",
                     "stopped_ns", "resuming_ns", "waited_for", "waited_in"}) ==
        Rows{"100|200|read mem stats|1|main.watch|70|80|50|2|main.spin",
             "600|60|read mem stats|1|main.watch|20|40|0|-|-",
             "800|50|read mem stats|1|main.watch|-|-|-|-|-",
             "500|30|GC mark termination|1|runtime.gcMarkDone|0|30|0|-|-",
             "700|10|goroutine profile|1|main.profile|-|-|-|-|-"});
  CHECK(worst.notes ==
        Rows{"the stop at 0.000000s took 70ns to take effect: goroutine 2 (main.spin) stopped "
             "last, in main.spin"});
}

TEST_CASE("stw: a time window clips, and goroutine filters do not apply") {
  RunOptions run;
  run.from = 150;
  run.to = 260;
  run.goroutines.ids = {77};
  const Report report = run_bytes(stops(), stw_pass, {}, run);
  CHECK(rows(table(report, "stw"), {"kind", "count", "longest_at_ns"}) ==
        Rows{"read mem stats|1|150"});
  CHECK(rows(table(report, "stw"), kParts) == Rows{"110|20|80|10|0|20|0|0"});
  CHECK(number(table(report, "stw_totals"), "share") == 1);
  CHECK(table(report, "stw_totals").notes.size() == 1);
}

TEST_CASE("stw: regions do not select stops, and two halves make the whole") {
  RunOptions nothing;
  nothing.scope.region = regex("no such region");
  CHECK(rows(table(run_bytes(stops(), stw_pass, {}, nothing), "stw_totals"), kParts) ==
        Rows{"300|90|150|50|10|70|1|50"});
  for (const char* name : {"gcassist", "greedy", "gomaxprocs", "runtimegc"}) {
    const auto path = capture("go1.27", name);
    INFO(path.string());
    int64_t total = 0, stopping = 0;
    for (const RunOptions& half : halves(path)) {
      const Report report = run_file(path, stw_pass, {}, half);
      total += sum(table(report, "stw_totals"), "total_ns");
      stopping += sum(table(report, "stw_totals"), "stopping_ns");
    }
    const Report whole = run_file(path, stw_pass, {});
    CHECK(total == sum(table(whole, "stw_totals"), "total_ns"));
    CHECK(stopping == sum(table(whole, "stw_totals"), "stopping_ns"));
    CHECK(total > 0);
  }
}

TEST_CASE("stw: sums close and equal a second computation on every capture") {
  size_t compared = 0;
  int64_t stops = 0, clear = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, stw_pass, {});
    const Table& totals = table(report, "stw_totals");
    const Table& kinds = table(report, "stw");
    for (const std::string& column : kParts) {
      if (column == "stopping_max_ns") continue;
      CHECK(sum(kinds, column) == sum(totals, column));
      CHECK(sum(table(report, "stw_stacks"), column) == sum(totals, column));
    }
    for (size_t i = 0; i < kinds.rows.size(); ++i) {
      const auto at = [&](const char* column) { return std::stoll(cell(kinds, i, column)); };
      CHECK(at("stopping_ns") + at("stopped_ns") + at("resuming_ns") + at("unclear_ns") ==
            at("total_ns"));
      for (const char* column : {"stopping_ns", "stopped_ns", "resuming_ns", "unclear_ns"})
        CHECK(at(column) >= 0);
    }
    stops += sum(totals, "count");
    clear += sum(totals, "total_ns") - sum(totals, "unclear_ns");

    const std::vector<json> events = reference_events_with(path, {"stop-the-world"});
    std::map<std::string, std::pair<int64_t, int64_t>> expected;  // kind: count, time
    std::map<std::string, int64_t> open;
    for (const json& e : events) {
      std::string kind = e["name"].get<std::string>().substr(16);
      kind.pop_back();
      if (kind.empty()) kind = "unknown";
      if (e["kind"] == "RangeBegin") {
        open[kind] = e["time"];
      } else if (e["kind"] == "RangeEnd") {
        ++expected[kind].first;
        expected[kind].second += e["time"].get<int64_t>() - open.at(kind);
      }
    }
    if (events.empty() && sum(totals, "count") > 0) continue;  // refused by the reference
    Rows lines;
    for (const auto& [kind, sums] : expected)
      lines.push_back(kind + "|" + std::to_string(sums.first) + "|" + std::to_string(sums.second));
    Rows ours;
    for (const std::string& row : rows(kinds, {"kind", "count", "total_ns"}))
      if (row.find("|0|0") == std::string::npos) ours.push_back(row);
    std::ranges::sort(ours);
    std::ranges::sort(lines);
    CHECK(ours == lines);
    compared += lines.size();
  }
  CHECK(compared == 407);
  CHECK(stops == 754);
  CHECK(clear > 10'000'000);
}

TEST_CASE("stw: a stop whose requester is not known is nobody's", "[stw]") {
  // The first goroutine in the capture has nothing to do with it, and there may be none at all.
  for (const bool others : {false, true}) {
    V1Builder b(19);
    b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
    b.event("STWStart", {0}, 100).event("STWDone", {}, 50);
    if (others) b.event("GoCreate", {1, 0, 0}).event("GoStartLocal", {1}, 10);
    const Report report = run_bytes(b.frequency(1'000'000'000).bytes(), stw_pass, {});
    CHECK(rows(table(report, "stw"), {"kind", "count", "total_ns", "longest_goroutine"}) ==
          std::vector<std::string>{"GC mark termination|1|50|-"});
    CHECK(rows(table(report, "stw_worst"), {"length_ns", "goroutine", "start_location"}) ==
          std::vector<std::string>{"50|-|-"});
  }
}
