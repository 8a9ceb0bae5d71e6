// The table of reasons: that it has all there are, and that every analysis goes by it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analyses/go/gc_names.h"
#include "analyses/go/wait_reasons.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo blocking_pass;
extern const PassInfo cpu_pass;
extern const PassInfo gc_pass;
extern const PassInfo goroutines_pass;
extern const PassInfo parallelism_pass;
extern const PassInfo regions_pass;
extern const PassInfo tasks_pass;
extern const PassInfo wakers_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using Rows = std::vector<std::string>;

namespace {

bool is_known(std::string_view reason) {
  return std::ranges::count(kWaitReasons, reason, &WaitReason::text) == 1;
}

/// What the runtimes of format 2 register, by the first release that does.
const std::map<std::string, Rows> kOfReleases = {
    {"1.22",
     {"unspecified", "forever", "network", "select", "sync.(*Cond).Wait", "sync", "chan send",
      "chan receive", "GC mark assist wait for work", "GC background sweeper wait",
      "system goroutine wait", "preempted", "wait for debug call", "wait until GC ends", "sleep"}},
    {"1.23", {"GC weak to strong wait"}},
    {"1.24", {"synctest"}},
    {"1.25", {}},
    {"1.26", {}},
    {"1.27", {}},
};

/// What the events of format 1 are translated to (Go 1.7 to 1.21).
const Rows kOfFormat1 = {"forever",
                         "sleep",
                         "",
                         "chan send",
                         "chan receive",
                         "select",
                         "sync",
                         "sync.(*Cond).Wait",
                         "network",
                         "GC mark assist wait for work"};

/// G1 waits 100 ns for a lock, 200 ns to begin a cycle, 400 ns for a synctest bubble and 300 ns for
/// assist credit, all of it in a region of task 5; G2 runs meanwhile and wakes it.
Bytes waits() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames unlock = frames({"main.wake"});
  on_cpu(g, 1, 0, 1)
      .event("UserTaskBegin", {5, 0, "job", frames({"main.f"})}, 0)
      .event("UserRegionBegin", {5, "part", frames({"main.f"})}, 0)
      .at(1100)
      .event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.f"})})
      .at(1200)
      .event("GoStart", {1, 2})
      .at(1300)
      .event("GoBlock", {"sync", frames({"runtime.gcStart", "runtime.mallocgc", "main.f"})})
      .at(1500)
      .event("GoStart", {1, 4})
      .at(1600)
      .event("GoBlock", {"synctest", frames({"internal/synctest.Wait", "main.f"})})
      .at(2000)
      .event("GoStart", {1, 6})
      .at(2100)
      .event("GoBlock", {"GC mark assist wait for work", frames({"runtime.mallocgc", "main.f"})})
      .at(2400)
      .event("GoStart", {1, 8})
      .at(2500)
      .event("UserRegionEnd", {5, "part", frames({"main.f"})}, 0)
      .event("UserTaskEnd", {5, frames({"main.f"})}, 0)
      .at(2600);
  on_cpu(g, 2, 1, 2)
      .at(1200)
      .event("GoUnblock", {1, 1, unlock}, 0)
      .at(1500)
      .event("GoUnblock", {1, 3, unlock}, 0)
      .at(2000)
      .event("GoUnblock", {1, 5, unlock}, 0);
  g.nobody().at(2400).event("GoUnblock", {1, 7, 0});
  return b.bytes();
}

}  // namespace

TEST_CASE("every reason of every release is in the table, once", "[reasons]") {
  for (const auto& [release, reasons] : kOfReleases) {
    for (const std::string& reason : reasons) {
      INFO(release << ": " << reason);
      CHECK(is_known(reason));
    }
  }
  for (const std::string& reason : kOfFormat1) {
    INFO(reason);
    CHECK(is_known(reason));
  }
  std::set<std::string_view> all;
  for (const WaitReason& known : kWaitReasons) CHECK(all.insert(known.text).second);
}

TEST_CASE("every reason of every committed capture is in the table", "[reasons]") {
  std::set<std::string> seen;
  for (const auto& path : capture_files()) {
    const nlohmann::json all = answers(path)["summary"];
    if (all.contains("error")) continue;
    for (const auto& goroutine : all["goroutines"]) {
      for (const auto& [reason, ns] : goroutine["block"].items()) {
        INFO(path.string() << ": " << reason);
        CHECK(is_known(reason));
        seen.insert(reason);
      }
    }
  }
  CHECK(seen.size() == 13);
}

TEST_CASE("reasons that newer runtimes may have fall where Go's tools put them", "[reasons]") {
  const auto of = [](std::string_view text) { return wait_reason(text).cls; };
  CHECK(of("chan receive (nil chan)") == WaitClass::kChan);
  CHECK(of("select (no cases)") == WaitClass::kSelect);
  CHECK(of("sync.RWMutex.Lock") == WaitClass::kSync);
  CHECK(of("GC assist wait") == WaitClass::kGc);
  CHECK(of("nothing like it") == WaitClass::kOther);
}

TEST_CASE("classes of the table", "[reasons]") {
  const auto of = [](std::string_view text) { return std::string(name_of(wait_reason(text).cls)); };
  CHECK(of("network") == "net");
  CHECK(of("sync") == "sync");
  CHECK(of("sync.(*Cond).Wait") == "sync");
  CHECK(of("synctest") == "sync");
  CHECK(of("chan send") == "chan");
  CHECK(of("select") == "select");
  CHECK(of("sleep") == "sleep");
  CHECK(of("wait until GC ends") == "gc");
  CHECK(of("GC weak to strong wait") == "gc");
  CHECK(of("GC background sweeper wait") == "gc");
  CHECK(of("system goroutine wait") == "other");
  CHECK(of("forever") == "other");
  CHECK(of("") == "other");
}

TEST_CASE("all analyses agree on what a wait was for", "[reasons]") {
  const Report blocking = run_bytes(waits(), blocking_pass, {});
  Rows whats = rows(table(blocking, "blocking"), {"class", "what", "total_ns"});
  std::erase_if(whats, [](const std::string& row) { return row.starts_with("sched"); });
  std::ranges::sort(whats);
  CHECK(whats == Rows{"gc|GC cycle|200", "gc|GC mark assist wait for work|300", "sync|Mutex|100",
                      "sync|synctest|400"});
  Rows wakers = rows(table(blocking, "blocking_wakers"), {"what", "waker"});
  std::ranges::sort(wakers);
  CHECK(wakers == Rows{"GC cycle|main.wake", "GC mark assist wait for work|(GC)", "Mutex|main.wake",
                       "synctest|main.wake"});

  const Rows columns = {"block_sync_ns", "block_gc_ns", "block_other_ns"};
  const Report goroutines = run_bytes(waits(), goroutines_pass, {{"--each", "1"}});
  const Table& each = table(goroutines, "goroutines_each");
  CHECK(rows(each, {"goroutine", "block_sync_ns", "block_gc_ns", "block_other_ns"}) ==
        Rows{"1|500|500|0", "2|0|0|0"});
  Rows reasons = rows(table(goroutines, "block_reasons"), {"reason", "class", "time_ns"});
  std::ranges::sort(reasons);
  CHECK(reasons == Rows{"GC mark assist wait for work|GC|300", "sync (GC cycle)|GC|200",
                        "synctest|sync|400", "sync|sync|100"});
  CHECK(rows(table(run_bytes(waits(), regions_pass, {}), "regions"), columns) == Rows{"500|500|0"});
  CHECK(rows(table(run_bytes(waits(), tasks_pass, {}), "tasks"), columns) == Rows{"500|500|0"});
  const Report cpu = run_bytes(waits(), cpu_pass, {});
  CHECK(sum(table(cpu, "cpu_groups"), "block_sync_ns") == 500);
  CHECK(sum(table(cpu, "cpu_groups"), "block_gc_ns") == 500);
  CHECK(rows(table(run_bytes(waits(), gc_pass, {}), "gc_totals"), {"wait_count", "wait_ns"}) ==
        Rows{"2|500"});
  Rows woken = rows(table(run_bytes(waits(), wakers_pass, {}), "wakers"), {"reason", "waker"});
  std::ranges::sort(woken);
  CHECK(woken == Rows{"GC mark assist wait for work|(GC)", "synctest|(unknown)", "sync|(unknown)",
                      "sync|(unknown)"});
}

TEST_CASE("the collector's waits are the same in all analyses of the captures", "[reasons]") {
  int64_t cycles = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report goroutines = run_file(path, goroutines_pass, {});
    const Table& groups = table(goroutines, "goroutines");
    int64_t gc = 0;
    for (size_t i = 0; i < groups.rows.size(); ++i) {
      const std::string name = cell(groups, i, "start_location");
      if (name != "(unknown)" && !is_system_goroutine(name))
        gc += std::stoll(cell(groups, i, "block_gc_ns"));
    }
    CHECK(sum(table(run_file(path, gc_pass, {}), "gc_totals"), "wait_ns") == gc);
    const Report blocking = run_file(path, blocking_pass, {{"--profile", "gc"}, {"--open", "1"}});
    const Table& all = table(blocking, "blocking");
    for (size_t i = 0; i < all.rows.size(); ++i)
      if (cell(all, i, "what") == "GC cycle") cycles += std::stoll(cell(all, i, "total_ns"));
    CHECK(sum(table(blocking, "blocking_classes"), "total_ns") +
              sum(table(blocking, "blocking_classes"), "open_end_ns") +
              sum(table(blocking, "blocking_classes"), "open_start_ns") ==
          sum(groups, "block_gc_ns"));
  }
  CHECK(cycles > 0);
}

TEST_CASE("names of stops and workers are told apart, newer ones by how they begin", "[gc]") {
  Tables tables;
  GcNames names(tables);
  const auto of = [&](const char* text) { return names[tables.intern(text)]; };
  CHECK(of("GC concurrent mark phase") == GcName::kMarkPhase);
  CHECK(of("stop-the-world (GC sweep termination)") == GcName::kSweepTermination);
  CHECK(of("stop-the-world (GC mark termination)") == GcName::kMarkTermination);
  CHECK(of("stop-the-world (read mem stats)") == GcName::kOtherStop);
  CHECK(of("GC (idle)") == GcName::kIdle);
  CHECK(of("a label (GC)") == GcName::kOther);
  const GcName stop = of("stop-the-world (GC something new)"), worker = of("GC (new mode)");
  CHECK((is_stop(stop) && stops_for_gc(stop) && !is_gc_stop(stop)));
  CHECK((works_for_gc(worker) && !is_worker(worker)));
  CHECK((!stops_for_gc(GcName::kOtherStop) && !works_for_gc(GcName::kOtherStop)));
  CHECK((is_worker(GcName::kIdle) && is_worker(GcName::kDedicated)));
}
