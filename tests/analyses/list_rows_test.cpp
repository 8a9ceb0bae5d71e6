// How many rows lists of single things keep: some, as many as --top says, or all.
#include <catch2/catch.hpp>

#include "analyses/passes/gc/gc_cycles.h"
#include "tests/support/cli_run.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo sched_pass;
extern const PassInfo stw_pass;
extern const PassInfo mmu_pass;
extern const PassInfo logs_pass;
extern const PassInfo tasks_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

RunOptions rows_wanted(std::optional<uint64_t> top) {
  RunOptions run;
  run.top = top;
  return run;
}

/// 100 runnable waits of 10 to 109 ns, and 100 stops of the world.
Bytes many() {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 1, 0, 1);
  m.event("ProcsChange", {1, 0});
  uint64_t now = 2000;
  for (int i = 0; i < 100; ++i, now += 1000) {
    m.at(now).event("GoStop", {"x", frames({"main.main"})});
    m.at(now + 10 + static_cast<uint64_t>(i)).event("GoStart", {1, 1 + i});
    m.at(now + 300).event("STWBegin", {"GC mark termination", frames({"runtime.gc"})});
    m.at(now + 400).event("STWEnd");
    m.at(now + 500).event("UserLog", {0, "category", "message", frames({"main.f"})});
  }
  return b.bytes();
}

size_t list(const PassInfo& pass, const char* id, std::optional<uint64_t> top,
            const Options& options = {}) {
  return table(run_bytes(many(), pass, options, rows_wanted(top)), id).rows.size();
}

}  // namespace

TEST_CASE("Option --top N keeps N single waits, runs and stops, --top 0 all", "[rows]") {
  for (const auto& [pass, id] : {std::pair{&sched_pass, "sched_worst"},
                                 {&sched_pass, "sched_longest_runs"},
                                 {&stw_pass, "stw_worst"}}) {
    CAPTURE(id);
    CHECK(list(*pass, id, std::nullopt) == 20);
    CHECK(list(*pass, id, 5) == 20);  // the others are summed up
    CHECK(list(*pass, id, 50) == 50);
    CHECK(list(*pass, id, 0) >= 100);
  }
}

TEST_CASE("Option --top 0 goes beyond the --limit of logs and tasks, and the ten worst windows",
          "[rows]") {
  CHECK(list(logs_pass, "logs", std::nullopt, {{"--limit", "7"}}) == 7);
  CHECK(list(logs_pass, "logs", 0, {{"--limit", "7"}}) == 100);
  CHECK(list(mmu_pass, "mmu_worst", std::nullopt, {{"--window", "200ns"}}) == 10);
  CHECK(list(mmu_pass, "mmu_worst", 30, {{"--window", "200ns"}}) == 30);
  CHECK(list(mmu_pass, "mmu_worst", 0, {{"--window", "200ns"}}) == 100);
}

TEST_CASE("Option --top 0 lists every wait that is counted, on committed captures", "[rows]") {
  size_t more = 0;
  for (const char* name : {"http", "gcassist", "nestedtasks", "locks"}) {
    INFO(name);
    const Report all = run_file(capture("go1.27", name), sched_pass, {}, rows_wanted(0));
    const Table& worst = table(all, "sched_worst");
    CHECK(static_cast<int64_t>(worst.rows.size()) == sum(table(all, "sched"), "count"));
    CHECK(sum(worst, "wait_ns") == sum(table(all, "sched"), "total_ns"));
    more += worst.rows.size() > 20;
    const Report tasks = run_file(capture("go1.27", name), tasks_pass, {}, rows_wanted(0));
    CHECK(static_cast<int64_t>(table(tasks, "task_list").rows.size()) ==
          sum(table(tasks, "tasks"), "count"));
  }
  CHECK(more == 4);
}

TEST_CASE("as many cycles are kept as are wanted", "[rows]") {
  GcCycles cycles(3000);
  for (int64_t i = 1; i <= 4000; ++i) {
    cycles.begin(i * 100, false);
    cycles.end(i, false);
  }
  CHECK(cycles.finish().size() == 3001);
  CHECK(cycles.summed_up() == 1000);
}

TEST_CASE("a list of half a million rows says that there may be more", "[rows]") {
  const Tables tables;
  const GoroutineFilter filter;
  const GoroutineIndex goroutines(tables, filter);
  const auto rows = [&](std::optional<uint64_t> top, size_t usual) {
    return RunContext{tables, goroutines, false, top}.list_rows(usual);
  };
  CHECK(rows(std::nullopt, 20) == 20);
  CHECK(rows(0, 20) == kMostRows);
  CHECK(rows(7, 20) == 20);
  CHECK(rows(70, 20) == 70);
  CHECK(rows(UINT64_MAX, 20) == kMostRows);
  CHECK(rows(0, kMostRows + 1) == kMostRows + 1);
}
