#include "analyses/passes/goroutines/goroutine_tables.h"

#include <string_view>
#include <utility>

#include "reports/model/units.h"

namespace tracetool {
namespace {

struct GroupRow {
  std::string name;
  GoroutineSums sums;
  const GoroutineGroup* group;
};

struct NamedRow {
  std::string group, name, cls;
  uint64_t count;
  int64_t time;
};

Cell time_or_none(int64_t t) { return t == kNever ? Cell() : Cell(t); }

/// The columns that a group and a single goroutine have in common. `shift` is added to their ranks.
template <class Row>
void add_time_columns(Columns<Row>& columns, int shift) {
  const auto add = [&](const char* id, const char* heading, int rank, const char* help,
                       Cell (*get)(const Row&), Better better = Better::kNeither) {
    columns.push_back(
        {{id, heading, Unit::kNanoseconds, Role::kSum, better, true, rank + shift, help}, get});
  };
  constexpr Better kLower = Better::kLower;
  add("total_ns", "Total", 1, "time from creation (or the begin of the trace) to the end",
      [](const Row& r) { return Cell(r.sums.total); });
  add("execution_ns", "Execution", 0, "time running on a P",
      [](const Row& r) { return Cell(r.sums.exec); });
  add(
      "sched_wait_ns", "Sched wait", 0, "time runnable, waiting for a P",
      [](const Row& r) { return Cell(r.sums.sched_wait); }, kLower);
  add("block_ns", "Block", 0, "time blocked, all reasons (the sum of the seven block columns)",
      [](const Row& r) { return Cell(r.sums.block_total()); });
  add("block_network_ns", "network", 2, "blocked on the network poller (GoBlockNet)",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kNet)); });
  add(
      "block_sync_ns", "sync", 2, "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kSync)); }, kLower);
  add("block_select_ns", "select", 2, "blocked in a select",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kSelect)); });
  add("block_chan_ns", "chan", 2, "blocked on a channel send or receive",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kChan)); });
  add("block_sleep_ns", "sleep", 2, "blocked in time.Sleep",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kSleep)); });
  add(
      "block_gc_ns", "GC", 2, "blocked for the garbage collector, e.g. out of assist credit",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kGc)); }, kLower);
  add("block_other_ns", "other", 2, "blocked for any other reason, or since before the trace",
      [](const Row& r) { return Cell(r.sums.block_of(WaitClass::kOther)); });
  add("syscall_ns", "Syscall", 1, "in a system call, still holding its P",
      [](const Row& r) { return Cell(r.sums.syscall); });
  add("syscall_block_ns", "Syscall block", 1,
      "in a system call after its P was taken (GoBlockSyscall)",
      [](const Row& r) { return Cell(r.sums.syscall_block); });
  add("unknown_ns", "Unknown", 1, "total time that no part explains",
      [](const Row& r) { return Cell(r.sums.unknown); });
  add(
      "gc_mark_assist_ns", "GC assist", 3,
      "inside GC mark assists (gcAssistAlloc); overlaps the parts",
      [](const Row& r) { return Cell(r.sums.assist); }, kLower);
  add(
      "gc_sweep_ns", "GC sweep", 3, "inside GC incremental sweeps; overlaps the parts",
      [](const Row& r) { return Cell(r.sums.sweep); }, kLower);
  add(
      "stw_ns", "STW", 3, "inside a stop-the-world that it asked for; overlaps the parts",
      [](const Row& r) { return Cell(r.sums.stw); }, kLower);
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which the goroutines started"},
       [](const Row& r) { return Cell(r.name); }},
      {{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, true, 0, "goroutines"},
       [](const Row& r) { return number_cell(r.sums.count); }},
  };
  add_time_columns(c, 0);
  // Lives are as long as the work, waits for a P are not.
  const auto stat = [&](const char* id, const char* heading, const char* help, Role role,
                        Cell (*get)(const Row&)) {
    const bool wait = std::string_view(id).starts_with("goroutine_sched_wait");
    const Better better = wait ? Better::kLower : Better::kNeither;
    c.push_back({{id, heading, Unit::kNanoseconds, role, better, false, 5, help}, get});
  };
  stat("lifetime_min_ns", "Life min", "shortest life within the trace", Role::kMin,
       [](const Row& r) { return Cell(r.group->lifetime.min()); });
  stat("lifetime_mean_ns", "Life mean", "mean life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.mean()); });
  stat("lifetime_p50_ns", "Life p50", "median life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.50)); });
  stat("lifetime_p95_ns", "Life p95", "95th percentile of life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.95)); });
  stat("lifetime_p99_ns", "Life p99", "99th percentile of life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.99)); });
  stat("lifetime_max_ns", "Life max", "longest life", Role::kMax,
       [](const Row& r) { return Cell(r.group->lifetime.max()); });
  stat("goroutine_sched_wait_min_ns", "Wait min", "smallest sched wait of one goroutine",
       Role::kMin, [](const Row& r) { return Cell(r.group->sched_wait.min()); });
  stat("goroutine_sched_wait_mean_ns", "Wait mean", "mean sched wait of a goroutine", Role::kStat,
       [](const Row& r) { return Cell(r.group->sched_wait.mean()); });
  stat("goroutine_sched_wait_p50_ns", "Wait p50", "median sched wait of a goroutine", Role::kStat,
       [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.50)); });
  stat("goroutine_sched_wait_p95_ns", "Wait p95", "95th percentile of a goroutine's sched wait",
       Role::kStat, [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.95)); });
  stat("goroutine_sched_wait_p99_ns", "Wait p99", "99th percentile of a goroutine's sched wait",
       Role::kStat, [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.99)); });
  stat("goroutine_sched_wait_max_ns", "Wait max", "largest sched wait of one goroutine", Role::kMax,
       [](const Row& r) { return Cell(r.group->sched_wait.max()); });
  return c;
}

Columns<OneGoroutine> each_columns() {
  using Row = OneGoroutine;
  const auto id = [](const char* name, const char* heading, const char* help) {
    return Column{name, heading, Unit::kId, Role::kId, Better::kNeither, false, 0, help};
  };
  const auto at = [](const char* name, const char* heading, const char* help) {
    return Column{name, heading, Unit::kTime, Role::kInfo, Better::kNeither, false, 0, help};
  };
  Columns<Row> c = {
      {id("goroutine", "Goroutine", "goroutine id"),
       [](const Row& r) { return number_cell(r.id); }},
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which it started"},
       [](const Row& r) { return Cell(r.name); }},
      {{"parent", "Parent", Unit::kId, Role::kId, Better::kNeither, false, 0,
        "id of the goroutine that created it"},
       [](const Row& r) { return r.parent == 0 ? Cell() : number_cell(r.parent); }},
      {at("creation_ns", "Created", "when it was created, or the trace or window began"),
       [](const Row& r) { return Cell(r.creation); }},
      {at("start_ns", "Started", "when it ran for the first time"),
       [](const Row& r) { return time_or_none(r.start); }},
      {at("end_ns", "Ended", "when it ended; none if it was alive at the end"),
       [](const Row& r) { return time_or_none(r.end); }},
  };
  add_time_columns(c, 1);
  return c;
}

Columns<NamedRow> named_columns(const char* what, const char* heading, const char* help) {
  using Row = NamedRow;
  return {
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which the goroutines started"},
       [](const Row& r) { return Cell(r.group); }},
      {{what, heading, Unit::kNone, Role::kKey, Better::kNeither, false, 0, help},
       [](const Row& r) { return Cell(r.name); }},
      {{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, true, 0, "how often"},
       [](const Row& r) { return number_cell(r.count); }},
      {{"time_ns", "Time", Unit::kNanoseconds, Role::kSum, Better::kNeither, true, 0,
        "time in all"},
       [](const Row& r) { return Cell(r.time); }},
      {{"mean_ns", "Mean", Unit::kNanoseconds, Role::kStat, Better::kNeither, false, 1,
        "time each"},
       [](const Row& r) {
         return r.count == 0 ? Cell()
                             : Cell(static_cast<double>(r.time) / static_cast<double>(r.count));
       }},
  };
}

Columns<NamedRow> reason_columns() {
  Columns<NamedRow> c = named_columns(
      "reason", "Reason", "reason as the runtime gives it; (GC cycle): for the collector");
  c.insert(c.begin() + 2, {{"class", "Class", Unit::kNone, Role::kInfo, Better::kNeither, false, 1,
                            "class of the reason"},
                           [](const NamedRow& r) { return Cell(r.cls); }});
  return c;
}

}  // namespace

void add_goroutine_tables(const Tables& tables, const GoroutineResults& results, bool each,
                          Report& report) {
  Table groups{
      .id = "goroutines",
      .title = "Goroutines by start location",
      .help = "Total = execution + sched wait + block + syscall + syscall block + unknown.",
      .sort_by = "total_ns"};
  std::vector<GroupRow> rows;
  std::vector<NamedRow> reasons, ranges;
  GoroutineSums all;
  WaitReasons classes(tables);
  for (const GoroutineGroup& g : results.groups) {
    all.add(g.sums);
    rows.push_back({g.name, g.sums, &g});
    g.block.each([&](const NamedTime& t) {
      const std::string reason = reason_text(tables, t.name);
      reasons.push_back({g.name, reason.empty() ? "(none given)" : reason,
                         heading_of(classes.of(t.name)), t.count, t.time});
    });
    g.ranges.each([&](const NamedTime& t) {
      ranges.push_back({g.name, std::string(tables.string(t.name)), "", t.count, t.time});
    });
  }
  fill(groups, group_columns(), rows);
  if (results.alive > 0) {
    groups.notes.push_back(std::to_string(results.alive) +
                           (results.alive == 1 ? " goroutine was still alive at the end; its"
                                               : " goroutines were still alive at the end; their") +
                           " time counts up to it");
  }
  if (all.unknown > 0) {
    groups.notes.push_back(format_duration(static_cast<double>(all.unknown)) + " of " +
                           format_duration(static_cast<double>(all.total)) +
                           " is unknown: no part explains it");
  }
  if (results.groups.empty() && results.filtered)
    groups.notes.emplace_back("no goroutine matches the filter");
  report.tables.push_back(std::move(groups));

  Table by_reason{.id = "block_reasons",
                  .detail = true,
                  .title = "Block time by reason",
                  .help = "What blocked the goroutines of each start location.",
                  .sort_by = "time_ns"};
  fill(by_reason, reason_columns(), reasons);
  report.tables.push_back(std::move(by_reason));

  Table by_range{
      .id = "goroutine_ranges",
      .detail = true,
      .title = "Special ranges",
      .help = "Time inside GC assists, sweeps and stop-the-worlds; overlaps the parts above.",
      .sort_by = "time_ns"};
  fill(by_range, named_columns("range", "Range", "name of the range"), ranges);
  report.tables.push_back(std::move(by_range));

  if (!each) return;
  Table list{.id = "goroutines_each", .title = "Goroutines one by one", .sort_by = "total_ns"};
  fill(list, each_columns(), results.one_by_one);
  report.tables.push_back(std::move(list));
}

}  // namespace tracetool
