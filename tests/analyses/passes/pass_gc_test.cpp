// Garbage collection: a trace worked out on paper, and every committed capture against itself, the
// goroutine table and a second computation over the reference's events.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "analyses/passes/gc/gc_cycles.h"
#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

namespace tracetool {
extern const PassInfo gc_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;
using Rows = std::vector<std::string>;

namespace {

/// Two cycles, the second one cut by the end. G1 allocates on P0 and assists twice, waiting for a
/// while in its first assist; G2 is a mark worker on P1 in three modes. The trace ends at 900.
Bytes collections() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames alloc = frames({"runtime.mallocgc", "main.build"});
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .event("GoCreate", {2, frames({"runtime.gcBgMarkWorker"}), frames({"main.main"})})
      .at(1010)
      .event("HeapGoal", {4000})
      .at(1020)
      .event("HeapAlloc", {3000})
      .at(1100)
      .event("GCBegin", {1, alloc})
      .at(1110)
      .event("STWBegin", {"GC sweep termination", alloc})
      .at(1150)
      .event("STWEnd")
      .at(1200)
      .event("GCMarkAssistBegin", {alloc})
      .at(1250)
      .event("GoBlock", {"GC mark assist wait for work", alloc})
      .at(1350)
      .event("GoStart", {1, 2})
      .at(1400)
      .event("GCMarkAssistEnd")
      .at(1500)
      .event("STWBegin", {"GC mark termination", alloc})
      .at(1520)
      .event("HeapAlloc", {2000})
      .at(1530)
      .event("GCEnd", {2})
      .at(1535)
      .event("HeapGoal", {5000})
      .at(1540)
      .event("STWEnd")
      .at(1600)
      .event("GCSweepBegin", {alloc})
      .at(1650)
      .event("GCSweepEnd", {8192, 4096})
      .at(1700)
      .event("GCBegin", {3, alloc})
      .at(1800)
      .event("GCMarkAssistBegin", {frames({"runtime.mallocgc", "main.grow"})})
      .at(1899)
      .event("HeapAlloc", {2600});
  g.thread(2)
      .at(1050)
      .event("ProcStatus", {1, kProcIdle})
      .at(1160)
      .event("ProcStart", {1, 1})
      .at(1170)
      .event("GoStart", {2, 1})
      .event("GoLabel", {"GC (dedicated)"})
      .at(1270)
      .event("GoBlock", {"system goroutine wait", frames({})})
      .at(1300)
      .event("GoUnblock", {1, 1, frames({})})
      .at(1310)
      .event("GoUnblock", {2, 2, frames({})})
      .at(1320)
      .event("GoStart", {2, 3})
      .event("GoLabel", {"GC (idle)"})
      .at(1380)
      .event("GoBlock", {"system goroutine wait", frames({})})
      .at(1390)
      .event("GoUnblock", {2, 4, frames({})})
      .at(1401)
      .event("GoStart", {2, 5})
      .event("GoLabel", {"GC (fractional)"})
      .at(1431)
      .event("GoBlock", {"system goroutine wait", frames({})});
  return b.bytes();
}

const Rows kCycleColumns = {"cycle",
                            "begin_ns",
                            "length_ns",
                            "mark_ns",
                            "pause_ns",
                            "sweep_termination_ns",
                            "mark_termination_ns",
                            "mark_dedicated_ns",
                            "mark_fractional_ns",
                            "mark_idle_ns",
                            "assist_count",
                            "assist_ns",
                            "assist_running_ns",
                            "cut"};
const Rows kTotalColumns = {
    "cycles",          "gc_time_ns",         "pause_count", "pause_total_ns",    "pause_max_ns",
    "pause_max_at_ns", "assist_count",       "assist_ns",   "assist_running_ns", "running_ns",
    "worst_assist_ns", "worst_assist_at_ns", "sweep_ns",    "swept_bytes",       "reclaimed_bytes"};

double number(const Table& t, const std::string& column) { return std::stod(cell(t, 0, column)); }

int64_t int_at(const Table& t, const std::string& column) { return std::stoll(cell(t, 0, column)); }

}  // namespace

TEST_CASE("gc: cycles, workers and assists by hand") {
  const Report report = run_bytes(collections(), gc_pass, {});
  const Table& cycles = table(report, "gc_cycles");
  CHECK(rows(cycles, kCycleColumns) == Rows{"1|100|430|360|80|40|40|100|30|60|1|200|100|-",
                                            "2|700|200|200|0|0|0|0|0|0|1|100|100|yes"});
  CHECK(rows(cycles, {"heap_begin_bytes", "heap_end_bytes", "goal_bytes", "next_goal_bytes",
                      "sweep_ns", "swept_bytes"}) ==
        Rows{"3000|2000|4000|5000|50|8192", "2000|-|5000|-|0|0"});
  const Table& totals = table(report, "gc_totals");
  CHECK(rows(totals, kTotalColumns) ==
        Rows{"2|630|2|80|40|110|2|300|200|990|200|200|50|8192|4096"});
  CHECK(number(totals, "gc_share") == Approx(630.0 / 900));
  CHECK(number(totals, "mark_worker_share") == Approx(190.0 / 1800));
  CHECK(number(totals, "assist_share") == Approx(200.0 / 990));
  const Table& groups = table(report, "gc_assist");
  CHECK(rows(groups, {"start_location", "goroutines", "count", "assist_ns", "assist_running_ns",
                      "running_ns", "max_ns", "max_at_ns", "max_goroutine", "cut_count"}) ==
        Rows{"main.build|1|2|300|200|800|200|200|1|1"});
  CHECK(number(groups, "share") == Approx(0.25));
  CHECK(groups.notes ==
        Rows{"heavy: allocation outruns the mark workers; assists took 20.2% of all running time, "
             "most in main.build (25.0% of its own)",
             "the longest kept goroutine 1 for 200ns, at 0.000000s"});
  CHECK(rows(table(report, "gc_assist_stacks"), {"caller", "count", "assist_ns", "stack"}) ==
        Rows{"main.build|1|200|runtime.mallocgc<main.build",
             "main.grow|1|100|runtime.mallocgc<main.grow"});
}

TEST_CASE("gc: a time window clips what it cuts") {
  RunOptions window;
  window.from = 220;
  window.to = 520;
  const Report report = run_bytes(collections(), gc_pass, {}, window);
  CHECK(rows(table(report, "gc_cycles"), kCycleColumns) ==
        Rows{"1|220|300|280|20|0|20|50|30|60|1|180|80|yes"});
  CHECK(cell(table(report, "gc_cycles"), 0, "heap_end_bytes") == "-");
  const Table& totals = table(report, "gc_totals");
  CHECK(rows(totals, kTotalColumns) == Rows{"1|300|1|20|20|500|1|180|80|340|180|220|0|0|0"});
  CHECK(number(totals, "gc_share") == 1);
  CHECK(number(totals, "mark_worker_share") == Approx(140.0 / 600));
  CHECK(cell(table(report, "gc_assist"), 0, "cut_count") == "1");

  // What is swept after a cycle is over belongs to none in this window.
  window.from = 560;
  window.to = 690;
  const Report after = run_bytes(collections(), gc_pass, {}, window);
  CHECK(rows(table(after, "gc_cycles"), {"cycle", "begin_ns", "length_ns", "sweep_ns"}) ==
        Rows{"-|-|0|50"});
  CHECK(cell(table(after, "gc_totals"), 0, "cycles") == "0");
  CHECK(cell(table(after, "gc_totals"), 0, "worst_assist_ns") == "-");
}

TEST_CASE("gc: a filter concerns assists, not cycles") {
  RunOptions worker;
  worker.goroutines.ids = {2};
  const Report report = run_bytes(collections(), gc_pass, {}, worker);
  CHECK(table(report, "gc_assist").rows.empty());
  CHECK(table(report, "gc_assist").notes ==
        Rows{"no goroutine had to assist: the mark workers kept up"});
  const Table& totals = table(report, "gc_totals");
  CHECK(rows(totals, {"cycles", "gc_time_ns", "assist_ns", "running_ns", "sweep_ns"}) ==
        Rows{"2|630|0|190|0"});
  CHECK(totals.notes.size() == 1);
  CHECK(table(run_bytes(collections(), gc_pass, {}), "gc_totals").notes.empty());
}

TEST_CASE("gc: regions select assists, and leave cycles and pauses alone") {
  RunOptions nothing;
  nothing.scope.region = regex("no such region");
  const Report report = run_bytes(collections(), gc_pass, {}, nothing);
  CHECK(rows(table(report, "gc_totals"), {"cycles", "gc_time_ns", "pause_total_ns", "pause_max_ns",
                                          "assist_ns", "running_ns"}) == Rows{"2|630|80|40|0|0"});
  CHECK(sum(table(report, "gc_cycles"), "mark_ns") == 560);
}

TEST_CASE("gc: two halves make the whole") {
  const Rows parts = {"gc_time_ns",         "pause_total_ns", "mark_dedicated_ns",
                      "mark_fractional_ns", "mark_idle_ns",   "assist_ns",
                      "assist_running_ns",  "running_ns",     "sweep_ns"};
  for (const char* release : {"go1.11", "go1.19", "go1.22", "go1.25", "go1.27"}) {
    const auto path = capture(release, "gcassist");
    INFO(path.string());
    const Report whole = run_file(path, gc_pass, {});
    std::map<std::string, int64_t> total;
    for (const RunOptions& half : halves(path)) {
      const Report report = run_file(path, gc_pass, {}, half);
      const Table& totals = table(report, "gc_totals");
      for (const std::string& part : parts) total[part] += int_at(totals, part);
      CHECK(sum(table(report, "gc_cycles"), "length_ns") == int_at(totals, "gc_time_ns"));
      CHECK(sum(table(report, "gc_cycles"), "assist_ns") == int_at(totals, "assist_ns"));
    }
    for (const std::string& part : parts) {
      INFO(part);
      CHECK(total[part] == int_at(table(whole, "gc_totals"), part));
    }
    CHECK(total["assist_ns"] > 0);
  }
}

TEST_CASE("gc: more cycles than are kept still add up") {
  GcCycles cycles;
  int64_t length = 0;
  for (int i = 1; i <= 10'000; ++i) {
    cycles.begin(i * 100, false);
    cycles.current().assist = 1;
    cycles.end(i, false);
    length += i;
  }
  const std::vector<GcCycle> all = cycles.finish();
  CHECK(cycles.count() == 10'000);
  REQUIRE(all.size() == GcCycles::kMost + 1);
  GcWork sum;
  for (const GcCycle& c : all) sum.add(c);
  CHECK(sum.length == length);
  CHECK(sum.assist == 10'000);
  // The longest ones were kept, in order.
  CHECK(all.front().number == 10'001 - GcCycles::kMost);
  CHECK(all[GcCycles::kMost - 1].number == 10'000);
  CHECK(all.back().number == 0);
  CHECK(cycles.summed_up() == 10'000 - GcCycles::kMost);
}

TEST_CASE("gc: sums close on every capture") {
  int64_t assists = 0, cycles = 0, workers = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, gc_pass, {});
    const Report all = run_file(path, goroutines_pass, {});
    const Table& totals = table(report, "gc_totals");
    const Table& by_cycle = table(report, "gc_cycles");
    CHECK(sum(by_cycle, "length_ns") == int_at(totals, "gc_time_ns"));
    CHECK(sum(by_cycle, "pause_ns") == int_at(totals, "pause_total_ns"));
    CHECK(sum(by_cycle, "sweep_termination_ns") + sum(by_cycle, "mark_termination_ns") ==
          sum(by_cycle, "pause_ns"));
    for (const char* part : {"mark_dedicated_ns", "mark_fractional_ns", "mark_idle_ns", "sweep_ns"})
      CHECK(sum(by_cycle, part) == int_at(totals, part));
    for (const char* part : {"assist_ns", "assist_running_ns"}) {
      CHECK(sum(by_cycle, part) == int_at(totals, part));
      CHECK(sum(table(report, "gc_assist"), part) == int_at(totals, part));
      CHECK(sum(table(report, "gc_assist_stacks"), part) == int_at(totals, part));
    }
    CHECK(sum(table(report, "gc_assist"), "count") == int_at(totals, "assist_count"));
    CHECK(int_at(totals, "assist_running_ns") <= int_at(totals, "assist_ns"));
    CHECK(sum(table(all, "goroutines"), "gc_mark_assist_ns") == int_at(totals, "assist_ns"));
    CHECK(sum(table(all, "goroutines"), "execution_ns") == int_at(totals, "running_ns"));
    const int64_t worked = int_at(totals, "mark_dedicated_ns") +
                           int_at(totals, "mark_fractional_ns") + int_at(totals, "mark_idle_ns");
    // Workers run as themselves.
    CHECK(worked <= int_at(totals, "running_ns"));
    workers += worked;
    assists += int_at(totals, "assist_count");
    cycles += int_at(totals, "cycles");
  }
  CHECK(cycles == 203);
  CHECK(assists == 940);
  CHECK(workers > 800'000'000);
}

TEST_CASE("gc: cycles, pauses, workers and assists equal a second computation") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    const std::string name = path.filename().string();
    if (!name.starts_with("gcassist") && !name.starts_with("runtimegc")) continue;
    const std::vector<json> events = reference_events_with(path, {""});
    if (events.empty()) continue;
    INFO(path.string());
    std::map<std::string, int64_t> open;   // "name resource": begin of a range
    std::map<std::string, int64_t> since;  // resource: begin of a run
    std::map<std::string, std::string> label;
    std::map<std::string, int64_t> time;
    int64_t cycles = 0;
    const auto close = [&](const std::string& what, int64_t begin, int64_t end) {
      time[what] += end - begin;
    };
    for (const json& e : events) {
      const auto kind = e["kind"].get<std::string>();
      const auto now = e["time"].get<int64_t>();
      const std::string resource = e.value("resource", "");
      const std::string id = e.value("name", "") + " " + resource;
      if (kind == "RangeBegin" || (kind == "RangeActive" && !open.contains(id))) {
        open[id] = kind == "RangeBegin" ? now : 0;
        cycles += id == "GC concurrent mark phase None";
      } else if (kind == "RangeEnd") {
        close(e["name"], open.at(id), now);
        open.erase(id);
      } else if (kind == "Label") {
        label[resource] = e["label"];
      } else if (kind == "StateTransition" && e["from"] != e["to"]) {
        if (e["from"] == "Running" && label.contains(resource)) {
          close(label[resource], since.at(resource), now);
          label.erase(resource);
        }
        if (e["to"] == "Running") since[resource] = now;
      }
    }
    const int64_t end = events.back()["time"];
    for (const auto& [id, begin] : open) close(id.substr(0, id.rfind(' ')), begin, end);
    for (const auto& [resource, text] : label) close(text, since.at(resource), end);

    const Report report = run_file(path, gc_pass, {});
    const Table& totals = table(report, "gc_totals");
    CHECK(int_at(totals, "cycles") == cycles);
    CHECK(int_at(totals, "gc_time_ns") == time["GC concurrent mark phase"]);
    CHECK(int_at(totals, "pause_total_ns") == time["stop-the-world (GC sweep termination)"] +
                                                  time["stop-the-world (GC mark termination)"]);
    CHECK(int_at(totals, "mark_dedicated_ns") == time["GC (dedicated)"]);
    CHECK(int_at(totals, "mark_fractional_ns") == time["GC (fractional)"]);
    CHECK(int_at(totals, "mark_idle_ns") == time["GC (idle)"]);
    CHECK(int_at(totals, "assist_ns") == time["GC mark assist"]);
    CHECK(int_at(totals, "sweep_ns") == time["GC incremental sweep"]);
    ++compared;
  }
  CHECK(compared == 23);
}
