// Scheduler latency: by hand, and sums that close on every committed capture.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "analyses/measure/load_curve.h"
#include "analyses/measure/worst.h"
#include "analyses/passes/sched/sched_tables.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo sched_pass;
extern const PassInfo parallelism_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

/// G1 runs on P0 and creates G2 and G3; P1 is woken for them late; the world stops meanwhile.
Bytes waits() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1100)
      .event("GoCreate", {2, frames({"main.work"}), frames({"main.main"})})
      .at(1150)
      .event("GoCreate", {3, frames({"main.work"}), frames({"main.main"})})
      .at(1400)
      .event("STWBegin", {"read mem stats", frames({"runtime.ReadMemStats"})})
      .at(1450)
      .event("STWEnd")
      .at(1600)
      .event("GoStop", {"runtime.Gosched", frames({"runtime.Gosched", "main.main"})})
      .at(1640)
      .event("GoStart", {1, 1})
      .at(1700)
      .event("GoStop", {"preempted", frames({"main.main"})})
      .at(1710)
      .event("GoStart", {1, 2})
      .at(1900)
      .event("GoBlock", {"sync", frames({"sync.(*WaitGroup).Wait", "main.main"})});
  g.thread(2)
      .at(1010)
      .event("ProcStatus", {1, kProcIdle})
      .at(1300)
      .event("ProcStart", {1, 1})
      .at(1320)
      .event("GoStart", {2, 1})
      .at(1500)
      .event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.work"})})
      .at(1510)
      .event("GoStart", {3, 1})
      .at(1800)
      .event("GoDestroy");
  return b.bytes();
}

}  // namespace

TEST_CASE("sched: waits by hand, and what the Ps did meanwhile") {
  const Report report = run_bytes(waits(), sched_pass, {});
  CHECK(rows(table(report, "sched"),
             {"start_location", "count", "total_ns", "p50_ns", "longest_ns", "longest_at_ns",
              "longest_goroutine", "all_busy_ns", "stw_ns", "idle_ns"}) ==
        std::vector<std::string>{"main.work|2|580|220|360|150|3|180|50|350",
                                 "main.main|0|0|-|-|-|-|0|0|0"});
  CHECK(rows(table(report, "sched"),
             {"yield_count", "yield_ns", "preempted_count", "preempted_ns"}) ==
        std::vector<std::string>{"0|0|0|0", "1|40|1|10"});
  CHECK(rows(table(report, "sched_worst"), {"time_ns", "wait_ns", "goroutine", "why", "caller",
                                            "all_busy_ns", "stw_ns", "idle_ns"}) ==
        std::vector<std::string>{"150|360|3|all Ps busy|main.main|160|50|150",
                                 "100|220|2|P idle, not woken|main.main|20|0|200"});
  CHECK(rows(table(report, "sched_runs"), {"start_location", "runs", "execution_ns", "longest_ns",
                                           "longest_at_ns", "preempted_runs"}) ==
        std::vector<std::string>{"main.work|2|470|290|510|0", "main.main|3|850|600|0|1"});
  CHECK(rows(table(report, "sched_longest_runs"), {"run_ns", "goroutine", "ended", "caller"}) ==
        std::vector<std::string>{"600|1|runtime.Gosched|main.main", "290|3|exit|-",
                                 "190|1|sync|main.main", "180|2|sync|main.work",
                                 "60|1|preempted|main.main"});
  const Table& summary = table(report, "sched_summary");
  CHECK(cell(summary, 0, "runnable_max") == "2");
  // 630 ns of waiting in 901 ns; GOMAXPROCS is known after 3 ns.
  CHECK(std::stod(cell(summary, 0, "runnable_mean")) == Approx(630.0 / 901));
  CHECK(std::stod(cell(summary, 0, "time_stw")) == Approx(50.0 / 901));
}

TEST_CASE("sched: windows and filters") {
  RunOptions window;
  window.from = 200;
  window.to = 400;
  const Report report = run_bytes(waits(), sched_pass, {}, window);
  CHECK(rows(table(report, "sched"),
             {"start_location", "total_ns", "all_busy_ns", "stw_ns", "idle_ns"}) ==
        std::vector<std::string>{"main.work|320|120|0|200", "main.main|0|0|0|0"});
  const Table& summary = table(report, "sched_summary");
  CHECK(std::stod(cell(summary, 0, "runnable_mean")) == Approx(320.0 / 200));
  CHECK(cell(summary, 0, "runnable_max") == "2");
  CHECK(std::stod(cell(summary, 0, "time_idle")) == Approx(0.5));
  RunOptions one;
  one.goroutines.ids = {3};
  const Report of_one = run_bytes(waits(), sched_pass, {}, one);
  CHECK(rows(table(of_one, "sched"), {"count", "total_ns"}) == std::vector<std::string>{"1|360"});
  CHECK(cell(table(of_one, "sched_summary"), 0, "runnable_max") == "2");
}

TEST_CASE("sched: sums close, and equal the reference's scheduler latency profile") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, sched_pass, {});
    const Table& groups = table(report, "sched");
    const int64_t waits = sum(groups, "count") + sum(groups, "yield_count") +
                          sum(groups, "preempted_count") + sum(groups, "switch_count");
    const int64_t time = sum(groups, "total_ns") + sum(groups, "yield_ns") +
                         sum(groups, "preempted_ns") + sum(groups, "switch_ns");
    CHECK(sum(groups, "all_busy_ns") + sum(groups, "stw_ns") + sum(groups, "idle_ns") ==
          sum(groups, "total_ns"));
    CHECK(sum(table(report, "sched_histogram"), "count") == sum(groups, "count"));
    const Table& summary = table(report, "sched_summary");
    CHECK(sum(summary, "total_ns") == sum(groups, "total_ns"));
    const Report all = run_file(path, goroutines_pass, {});
    CHECK(time + sum(groups, "open_ns") == sum(table(all, "goroutines"), "sched_wait_ns"));
    CHECK(sum(table(report, "sched_runs"), "execution_ns") ==
          sum(table(all, "goroutines"), "execution_ns"));
    const Report parallelism = run_file(path, parallelism_pass, {});
    for (const char* id : {"gomaxprocs_mean", "runnable_mean"}) {
      INFO(id);
      CHECK(std::stod(cell(summary, 0, id)) ==
            Approx(std::stod(cell(table(parallelism, "parallelism"), 0, id))).epsilon(1e-12));
    }
    const json expected = answers(path)["profile"];
    if (expected.contains("error")) continue;
    int64_t count = 0, total = 0;
    for (const json& r : expected["sched"]) {
      count += r["count"].get<int64_t>();
      total += r["time"].get<int64_t>();
    }
    CHECK(waits == count);
    // Format 1's reader is not exact about what it adds itself: see pass_blocking_test.cpp.
    CHECK(std::abs(time - total) <= (path.parent_path().filename().string() < "go1.22" ? 9 : 0));
    ++compared;
  }
  CHECK(compared > 200);
}

TEST_CASE("sched: a switch between coroutines is no wait") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1100)
      .event("GoCreateBlocked", {2, frames({"main.co"}), frames({"main.main"})})
      .at(1200)
      .event("GoSwitch", {2, 1})
      .at(1300)
      .event("GoSwitch", {1, 1})
      .at(1400)
      .event("GoBlock", {"sync", frames({"main.main"})});
  const Report report = run_bytes(b.bytes(), sched_pass, {});
  CHECK(rows(table(report, "sched"),
             {"start_location", "count", "switch_count", "switch_ns", "yield_count"}) ==
        std::vector<std::string>{"main.main|0|1|2|0", "main.co|0|1|2|0"});
  CHECK(cell(table(report, "sched_summary"), 0, "switch_count") == "2");
}

TEST_CASE("sched: a load curve keeps its area however long it gets") {
  LoadCurve curve;
  curve.set_capacity(100, 2);
  int64_t now = 100, area = 0, count = 0;
  for (int i = 0; i < 10000; ++i) {
    const int64_t length = 1 + (i * 7919) % 5000;
    area += count * length;
    now += length;
    const int by = i % 3 == 2 ? -2 : 1;
    curve.change(now, by);
    count += by;
  }
  curve.finish(now + 5);
  const LoadCurve::Step sum = curve.total();
  CHECK(sum.area == area + 5 * count);
  CHECK(sum.length == now + 5 - 100);
  CHECK(sum.capacity == 2 * sum.length);
  CHECK(sum.peak == 2);
  CHECK(curve.steps().size() <= LoadCurve::kMostSteps);
  CHECK(curve.steps().size() >= LoadCurve::kMostSteps / 2);
  for (size_t i = 0; i + 1 < curve.steps().size(); ++i)
    CHECK(curve.steps()[i].length == curve.width());
}

TEST_CASE("sched: buckets of durations") {
  DurationBuckets buckets;
  for (const int64_t d :
       {int64_t{1}, int64_t{10}, int64_t{15}, int64_t{16}, int64_t{1'000'000}, INT64_MAX - 1})
    buckets.add(d);
  const auto at = [&](int64_t lower) {
    for (size_t b = 0; b < DurationBuckets::kBuckets; ++b)
      if (buckets.lower(b) == lower) return buckets[b];
    return uint64_t{99};
  };
  CHECK(at(0) == 1);
  CHECK(at(10) == 2);
  CHECK(at(16) == 1);
  CHECK(at(1'000'000) == 1);
}

TEST_CASE("sched: the longest of many") {
  struct Item {
    int64_t duration;
    int tag;
  };
  Worst<Item> worst(2);
  for (const Item& item : {Item{5, 0}, {7, 1}, {6, 2}, {9, 3}})
    if (item.duration > worst.threshold()) worst.add(item);
  const std::vector<Item> sorted = worst.sorted();
  REQUIRE(sorted.size() == 2);
  CHECK(sorted[0].tag == 3);
  CHECK(sorted[1].tag == 1);
}
