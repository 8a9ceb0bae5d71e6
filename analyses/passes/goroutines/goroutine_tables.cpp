#include "analyses/passes/goroutines/goroutine_tables.h"

#include <string_view>
#include <utility>

#include "analyses/measure/columns.h"
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

/// The columns that a group and a single goroutine have in common. `shift` is added to their ranks.
template <class Row>
void add_time_columns(Columns<Row>& columns, int shift) {
  append(columns, {{amount("total_ns", "Total", 1 + shift,
                           "time from creation (or the begin of the trace) to the end"),
                    [](const Row& r) { return Cell(r.sums.total); }},
                   {amount("execution_ns", "Execution", shift, "time running on a P"),
                    [](const Row& r) { return Cell(r.sums.exec); }},
                   {cost("sched_wait_ns", "Sched wait", shift, "time runnable, waiting for a P"),
                    [](const Row& r) { return Cell(r.sums.sched_wait); }},
                   {amount("block_ns", "Block", shift,
                           "time blocked, all reasons (the sum of the seven block columns)"),
                    [](const Row& r) { return Cell(r.sums.block_total()); }}});
  add_block_columns<[](const Row& r, WaitClass c) { return r.sums.block_of(c); }>(
      columns, 2 + shift,
      {"blocked on the network poller (GoBlockNet)",
       "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
       "blocked on a channel send or receive", "blocked in a select", "blocked in time.Sleep",
       "blocked for the garbage collector, e.g. out of assist credit",
       "blocked for any other reason, or since before the trace"});
  append(columns,
         {{amount("syscall_ns", "Syscall", 1 + shift, "in a system call, still holding its P"),
           [](const Row& r) { return Cell(r.sums.syscall); }},
          {amount("syscall_block_ns", "Syscall block", 1 + shift,
                  "in a system call after its P was taken (GoBlockSyscall)"),
           [](const Row& r) { return Cell(r.sums.syscall_block); }},
          {amount("unknown_ns", "Unknown", 1 + shift, "total time that no part explains"),
           [](const Row& r) { return Cell(r.sums.unknown); }},
          {cost("gc_mark_assist_ns", "GC assist", 3 + shift,
                "inside GC mark assists (gcAssistAlloc); overlaps the parts"),
           [](const Row& r) { return Cell(r.sums.assist); }},
          {cost("gc_sweep_ns", "GC sweep", 3 + shift,
                "inside GC incremental sweeps; overlaps the parts"),
           [](const Row& r) { return Cell(r.sums.sweep); }},
          {cost("stw_ns", "STW", 3 + shift,
                "inside a stop-the-world that it asked for; overlaps the parts"),
           [](const Row& r) { return Cell(r.sums.stw); }}});
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {
      {start_location("function in which the goroutines started"), of<&Row::name>},
      {count("count", "Count", 0, "goroutines"),
       [](const Row& r) { return number_cell(r.sums.count); }},
  };
  add_time_columns(c, 0);
  // Lives are as long as the work, waits for a P are not.
  append(
      c,
      {{info("lifetime_min_ns", "Life min", Unit::kNanoseconds, 5, "shortest life within the trace",
             Role::kMin),
        [](const Row& r) { return Cell(r.group->lifetime.min()); }},
       {info("lifetime_mean_ns", "Life mean", Unit::kNanoseconds, 5, "mean life", Role::kStat),
        [](const Row& r) { return Cell(r.group->lifetime.mean()); }},
       {info("lifetime_p50_ns", "Life p50", Unit::kNanoseconds, 5, "median life", Role::kStat),
        [](const Row& r) { return Cell(r.group->lifetime.percentile(0.50)); }},
       {info("lifetime_p95_ns", "Life p95", Unit::kNanoseconds, 5, "95th percentile of life",
             Role::kStat),
        [](const Row& r) { return Cell(r.group->lifetime.percentile(0.95)); }},
       {info("lifetime_p99_ns", "Life p99", Unit::kNanoseconds, 5, "99th percentile of life",
             Role::kStat),
        [](const Row& r) { return Cell(r.group->lifetime.percentile(0.99)); }},
       {info("lifetime_max_ns", "Life max", Unit::kNanoseconds, 5, "longest life", Role::kMax),
        [](const Row& r) { return Cell(r.group->lifetime.max()); }},
       {least("goroutine_sched_wait_min_ns", "Wait min", 5, "smallest sched wait of one goroutine"),
        [](const Row& r) { return Cell(r.group->sched_wait.min()); }},
       {level("goroutine_sched_wait_mean_ns", "Wait mean", 5, "mean sched wait of a goroutine"),
        [](const Row& r) { return Cell(r.group->sched_wait.mean()); }},
       {level("goroutine_sched_wait_p50_ns", "Wait p50", 5, "median sched wait of a goroutine"),
        [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.50)); }},
       {level("goroutine_sched_wait_p95_ns", "Wait p95", 5,
              "95th percentile of a goroutine's sched wait"),
        [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.95)); }},
       {level("goroutine_sched_wait_p99_ns", "Wait p99", 5,
              "99th percentile of a goroutine's sched wait"),
        [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.99)); }},
       {peak("goroutine_sched_wait_max_ns", "Wait max", 5, "largest sched wait of one goroutine"),
        [](const Row& r) { return Cell(r.group->sched_wait.max()); }}});
  return c;
}

Columns<OneGoroutine> each_columns() {
  using Row = OneGoroutine;
  Columns<Row> c = {
      {row_id("goroutine", "Goroutine", 0, "goroutine id"), count_of<&Row::id>},
      {start_location("function in which it started"), of<&Row::name>},
      {row_id("parent", "Parent", 0, "id of the goroutine that created it"),
       [](const Row& r) { return r.parent == 0 ? Cell() : number_cell(r.parent); }},
      {moment("creation_ns", "Created", 0, "when it was created, or the trace or window began"),
       of<&Row::creation>},
      {moment("start_ns", "Started", 0, "when it ran for the first time"), time_of<&Row::start>},
      {moment("end_ns", "Ended", 0, "when it ended; none if it was alive at the end"),
       time_of<&Row::end>},
  };
  add_time_columns(c, 1);
  return c;
}

Columns<NamedRow> named_columns(const char* what, const char* heading, const char* help) {
  using Row = NamedRow;
  return {
      {start_location("function in which the goroutines started"), of<&Row::group>},
      {key(what, heading, help), of<&Row::name>},
      {count("count", "Count", 0, "how often"), count_of<&Row::count>},
      {amount("time_ns", "Time", 0, "time in all"), of<&Row::time>},
      {info("mean_ns", "Mean", Unit::kNanoseconds, 1, "time each", Role::kStat),
       [](const Row& r) {
         return r.count == 0 ? Cell()
                             : Cell(static_cast<double>(r.time) / static_cast<double>(r.count));
       }},
  };
}

Columns<NamedRow> reason_columns() {
  Columns<NamedRow> c = named_columns(
      "reason", "Reason", "reason as the runtime gives it; (GC cycle): for the collector");
  c.insert(c.begin() + 2, {text("class", "Class", 1, "class of the reason"), of<&NamedRow::cls>});
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
  for (const GoroutineGroup& g : results.groups.rows()) {
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
  if (results.groups.rows().empty() && results.filtered)
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
