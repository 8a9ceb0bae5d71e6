// The heap over time: a trace worked out on paper, and every committed capture against a second
// computation over the reference's events.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "analyses/passes/heap/heap_account.h"
#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

namespace tracetool {
extern const PassInfo heap_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;
using Rows = std::vector<std::string>;

namespace {

/// 1000 at 10, 3000 at 100, 3500 at 300; a collection leaves 1200 at 410; the estimate is lowered
/// to 1100 at 500, then 2600 at 600; a collection leaves 1700 at 850; 1900 at 899. There is no goal
/// until 2000 is set at 425. The trace ends at 900.
Bytes sizes() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames alloc = frames({"runtime.mallocgc", "main.build"});
  on_cpu(g, 1, 0, 1)
      .at(1010)
      .event("HeapAlloc", {1000})
      .at(1020)
      .event("HeapGoal", {uint64_t{1} << 63})
      .at(1100)
      .event("HeapAlloc", {3000})
      .at(1200)
      .event("GCBegin", {1, alloc})
      .at(1300)
      .event("HeapAlloc", {3500})
      .at(1410)
      .event("HeapAlloc", {1200})
      .at(1420)
      .event("GCEnd", {2})
      .at(1425)
      .event("HeapGoal", {2000})
      .at(1500)
      .event("HeapAlloc", {1100})
      .at(1600)
      .event("HeapAlloc", {2600})
      .at(1800)
      .event("GCBegin", {3, alloc})
      .at(1850)
      .event("HeapAlloc", {1700})
      .at(1860)
      .event("GCEnd", {4})
      .at(1899)
      .event("HeapAlloc", {1900});
  return b.bytes();
}

const Rows kAccount = {"samples",     "collections",   "first_bytes", "allocated_bytes",
                       "freed_bytes", "unknown_bytes", "last_bytes"};
const Rows kLevels = {"peak_bytes", "peak_at_ns", "min_bytes",
                      "min_at_ns",  "goal_bytes", "over_goal_ns"};

double number(const Table& t, const std::string& column) { return std::stod(cell(t, 0, column)); }

}  // namespace

TEST_CASE("heap: sizes by hand") {
  const Report report = run_bytes(sizes(), heap_pass, {});
  const Table& heap = table(report, "heap");
  CHECK(rows(heap, kAccount) == Rows{"8|2|1000|4100|3200|0|1900"});
  CHECK(rows(heap, kLevels) == Rows{"3500|300|1000|10|2000|250"});
  CHECK(number(heap, "alloc_rate") == Approx(4100e9 / 890));
  // 1200 at 420, 1700 at 860.
  CHECK(number(heap, "growth_rate") == Approx(500e9 / 440));
  CHECK(rows(table(report, "heap_curve"), {"time_ns", "live_bytes", "live_last_bytes", "goal_bytes",
                                           "allocated_bytes"}) == Rows{"0|3500|1900|2000|4100"});
}

TEST_CASE("heap: a time window begins with the size before it") {
  RunOptions window;
  window.from = 150;
  window.to = 650;
  const Report report = run_bytes(sizes(), heap_pass, {}, window);
  const Table& heap = table(report, "heap");
  CHECK(rows(heap, kAccount) == Rows{"4|1|3000|1900|2300|0|2600"});
  CHECK(rows(heap, kLevels) == Rows{"3500|300|1100|500|2000|50"});
  CHECK(number(heap, "alloc_rate") == Approx(1900e9 / 500));
  CHECK(cell(heap, 0, "growth_rate") == "-");

  // Between the size that a collection leaves and its end: the drop still is the collection's.
  window.to = 415;
  const Report cut = run_bytes(sizes(), heap_pass, {}, window);
  CHECK(rows(table(cut, "heap"), kAccount) == Rows{"2|0|3000|500|2300|0|1200"});
  CHECK(cell(table(cut, "heap"), 0, "goal_bytes") == "-");
}

TEST_CASE("heap: no size, no value") {
  TraceBuilder b(26);
  on_cpu(b.generation(1, 1000), 1, 0, 1).event("HeapGoal", {0}).event("HeapGoal", {4096});
  const Report report = run_bytes(b.bytes(), heap_pass, {});
  const Table& heap = table(report, "heap");
  CHECK(rows(heap, {"samples", "first_bytes", "last_bytes", "peak_bytes", "peak_at_ns",
                    "goal_bytes", "alloc_rate", "growth_rate"}) == Rows{"0|-|-|-|-|4096|-|-"});
  CHECK(heap.notes.size() == 1);
  CHECK(table(report, "heap_curve").rows.empty());
}

TEST_CASE("heap: an estimate that was only lowered gives no rate of allocation") {
  for (const auto& [last, expected] :
       {std::pair{uint64_t{1000}, "-2000|-"}, std::pair{uint64_t{3505}, "505|5000000000.0"}}) {
    TraceBuilder b(26);
    auto& m = on_cpu(b.generation(1, 1000), 1, 0, 1);
    m.at(1100).event("HeapAlloc", {3000}).at(1200).event("HeapAlloc", {last});
    const Report report = run_bytes(b.bytes(), heap_pass, {});
    CHECK(rows(table(report, "heap"), {"allocated_bytes", "alloc_rate"}) == Rows{expected});
  }
}

TEST_CASE("heap: a goal above 2^50 is no goal, whenever it comes") {
  constexpr uint64_t kMost = uint64_t{1} << 50;
  const auto goals = [](const std::vector<uint64_t>& goals) {
    TraceBuilder b(26);
    auto& m = on_cpu(b.generation(1, 1000), 1, 0, 1);
    m.event("HeapAlloc", {5000}, 0);
    for (const uint64_t goal : goals) m.event("HeapGoal", {goal}, 2000);
    m.event("HeapAlloc", {5000}, 2000);
    return run_bytes(b.bytes(), heap_pass, {});
  };
  const auto last = [&](const std::vector<uint64_t>& list) {
    return cell(table(goals(list), "heap"), 0, "goal_bytes");
  };
  CHECK(last({kMost}) == std::to_string(kMost));
  CHECK(last({kMost + 1}) == "-");
  CHECK(last({UINT64_MAX}) == "-");
  CHECK(last({0}) == "-");
  CHECK(last({}) == "-");
  // GOGC=off after a goal: it is gone, and nothing is above it from then on.
  const Report off = goals({4000, UINT64_MAX});
  CHECK(rows(table(off, "heap"), {"goal_bytes", "over_goal_ns"}) == Rows{"-|2000"});
  CHECK(rows(table(off, "heap_curve"), {"goal_bytes"}) == Rows{"-", "4000", "4000", "-", "-", "-"});
}

TEST_CASE("heap: no capture shows a goal that is none") {
  size_t values = 0, none = 0;
  for (const auto& path : captures()) {
    const Report report = run_file(path, heap_pass, {});
    const Table& curve = table(report, "heap_curve");
    for (size_t i = 0; i < curve.rows.size(); ++i) {
      const std::string goal = cell(curve, i, "goal_bytes");
      none += goal == "-";
      if (goal == "-") continue;
      ++values;
      CHECK((std::stoull(goal) > 0 && std::stoull(goal) < uint64_t{1} << 50));
    }
  }
  CHECK(values > 1000);
  CHECK(none > 1000);
}

TEST_CASE("heap: nothing is allocated across a gap, and nonsense is no size") {
  HeapAccount heap;
  heap.begin(0);
  heap.live(10, 100, false);
  heap.live(20, 300, false);
  heap.gap(30);
  heap.live(40, 250, false);
  heap.live(50, std::nullopt, false);
  heap.live(60, 260, false);
  heap.finish(100);
  CHECK(heap.allocated == 210);
  CHECK(heap.unknown == -50);
  CHECK(*heap.first + heap.allocated - heap.freed + heap.unknown == *heap.last);
  CHECK(heap.nonsense == 1);
  CHECK(heap.observed == 90);
}

TEST_CASE("heap: a collection behind which there is more has freed nothing that is known") {
  HeapAccount heap;
  heap.begin(0);
  heap.live(10, 100, false);
  heap.live(20, 400, false);
  heap.collected(25, true);
  CHECK(heap.allocated == 300);
  CHECK(heap.freed == 0);
  heap.live(30, 150, false);
  heap.collected(35, true);
  // It is of the collection that it came with, not of the next one.
  heap.collected(36, true);
  heap.finish(100);
  CHECK(heap.allocated == 300);
  CHECK(heap.freed == 250);
  CHECK(heap.collections == 3);
  CHECK(*heap.first + heap.allocated - heap.freed + heap.unknown == *heap.last);
}

TEST_CASE("heap: a curve keeps its sums however long it gets") {
  HeapCurve curve;
  curve.begin(500);
  int64_t now = 500, allocated = 0, most = 0, bytes = 0;
  for (int i = 0; i < 5000; ++i) {
    now += 1 + (i * 7919) % 5000;
    bytes = (i * 104729) % 100'000;
    curve.live(now, bytes);
    curve.allocated(now, i);
    allocated += i;
    most = std::max(most, bytes);
  }
  curve.finish(now + 7);
  int64_t sum = 0, seen = 0;
  for (const HeapCurve::Step& s : curve.steps()) {
    sum += s.allocated;
    seen = std::max(seen, s.most.value_or(0));
  }
  CHECK(sum == allocated);
  CHECK(seen == most);
  CHECK(curve.steps().back().last == bytes);
  CHECK(curve.steps().size() <= HeapCurve::kMostSteps);
  CHECK(curve.steps().size() >= HeapCurve::kMostSteps / 2);
  const auto steps = static_cast<int64_t>(curve.steps().size());
  CHECK(curve.begin() + steps * curve.width() > now);
  CHECK(curve.begin() + (steps - 1) * curve.width() <= now + 7);
}

TEST_CASE("heap: two halves make the whole") {
  const Rows parts = {"samples", "collections", "allocated_bytes", "freed_bytes", "over_goal_ns"};
  for (const char* release : {"go1.11", "go1.19", "go1.22", "go1.25", "go1.27"}) {
    const auto path = capture(release, "gcassist");
    INFO(path.string());
    const Report whole = run_file(path, heap_pass, {});
    std::map<std::string, int64_t> total;
    std::string last;
    for (const RunOptions& half : halves(path)) {
      const Report report = run_file(path, heap_pass, {}, half);
      const Table& heap = table(report, "heap");
      for (const std::string& part : parts) total[part] += sum(heap, part);
      if (!last.empty()) CHECK(cell(heap, 0, "first_bytes") == last);
      last = cell(heap, 0, "last_bytes");
    }
    for (const std::string& part : parts) {
      INFO(part);
      CHECK(total[part] == sum(table(whole, "heap"), part));
    }
    CHECK(last == cell(table(whole, "heap"), 0, "last_bytes"));
  }
}

TEST_CASE("heap: every capture equals a second computation") {
  size_t compared = 0, collections = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, heap_pass, {});
    const Table& heap = table(report, "heap");
    const Table& curve = table(report, "heap_curve");
    CHECK(curve.rows.size() <= 128);
    CHECK(sum(curve, "allocated_bytes") == sum(heap, "allocated_bytes"));
    if (cell(heap, 0, "first_bytes") == "-") continue;
    CHECK(sum(heap, "first_bytes") + sum(heap, "allocated_bytes") - sum(heap, "freed_bytes") +
              sum(heap, "unknown_bytes") ==
          sum(heap, "last_bytes"));
    int64_t most = 0;
    for (size_t i = 0; i < curve.rows.size(); ++i) {
      const std::string live = cell(curve, i, "live_bytes");
      if (live != "-") most = std::max<int64_t>(most, std::stoll(live));
    }
    CHECK(most == sum(heap, "peak_bytes"));

    const std::vector<json> events = reference_events_with(
        path, {"heap/objects", "heap/goal", "stop-the-world", "GC concurrent mark phase"});
    if (events.empty()) continue;  // refused by the reference
    // Here a collection's drop is what its goroutine writes that has stopped the world to end it.
    bool marking = false;
    int64_t stopper = -1;
    int64_t samples = 0, ended = 0, allocated = 0, freed = 0, peak = 0, last = -1, goal = -1;
    for (const json& e : events) {
      const auto name = e["name"].get<std::string>();
      if (name.starts_with("stop-the-world")) {
        stopper = e["kind"] == "RangeBegin" && name.find("sweep") == std::string::npos
                      ? e["g"].get<int64_t>()
                      : -1;
      } else if (name == "GC concurrent mark phase") {
        ended += e["kind"] == "RangeEnd";
        marking = e["kind"] != "RangeEnd";
      } else if (name == "/gc/heap/goal:bytes") {
        goal = e["value"];
      } else {
        const auto value = e["value"].get<int64_t>();
        if (last >= 0)
          (marking && stopper >= 0 && e["g"] == stopper && value < last ? freed : allocated) +=
              value - last;
        last = value;
        peak = std::max(peak, value);
        ++samples;
      }
    }
    CHECK(sum(heap, "samples") == samples);
    CHECK(sum(heap, "collections") == ended);
    CHECK(sum(heap, "allocated_bytes") == allocated);
    CHECK(sum(heap, "freed_bytes") == -freed);
    CHECK(sum(heap, "last_bytes") == last);
    CHECK(sum(heap, "peak_bytes") == peak);
    if (goal > 0) CHECK(sum(heap, "goal_bytes") == goal);
    collections += static_cast<size_t>(ended);
    ++compared;
  }
  CHECK(compared > 200);
  CHECK(collections > 150);
}
