// The single waits and runs of the sched pass.
#include "analyses/engine/pass.h"
#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"
#include "analyses/passes/sched/sched_columns.h"
#include "analyses/passes/sched/sched_tables.h"

namespace tracetool {
namespace {

struct WaitRow {
  const SchedWait& wait;
  std::string group, caller;
  StackCell stack;
};

struct RunRow {
  const SchedRun& run;
  std::string group, caller, ended;
  StackCell stack;
};

const char* why(const SchedWait& w) {
  const int64_t idle = w.duration - w.all_busy - w.stopped;
  if (w.stopped >= w.all_busy && w.stopped >= idle) return "STW";
  return w.all_busy >= idle ? "all Ps busy" : "P idle, not woken";
}

Columns<WaitRow> wait_columns() {
  using Row = WaitRow;
  Columns<Row> c = {
      {row_time("time_ns", "Time", "When it became runnable."),
       [](const Row& r) -> Cell { return r.wait.begin; }},
      {info("wait_ns", "Wait", Unit::kNanoseconds, 0, "How long it waited for a P.", Role::kMax),
       [](const Row& r) -> Cell { return r.wait.duration; }},
      {row_id("goroutine", "Goroutine", 1, "Who waited."),
       [](const Row& r) { return count_cell(r.wait.goroutine); }},
      {text("start_location", "Start location", 0, "Where it had started."), of<&Row::group>},
      {text("why", "Why", 0, "What explains the largest part of the wait."),
       [](const Row& r) -> Cell { return std::string(why(r.wait)); }},
      {text("caller", "Made runnable by", 3, "Who woke or created it; no one if the runtime did."),
       text_of<&Row::caller>},
  };
  add_cause_columns<Row>(
      c, 4, [](const Row& r) -> Cell { return r.wait.all_busy; },
      [](const Row& r) -> Cell { return r.wait.stopped; },
      [](const Row& r) -> Cell { return r.wait.duration - r.wait.all_busy - r.wait.stopped; });
  do_not_grow(c);
  c.push_back({text("stack", "Stack", 5, "Where it was made runnable."), of<&Row::stack>});
  return c;
}

const Columns<RunRow> kLongestColumns = {
    {row_time("time_ns", "Time", "When it got the P."),
     [](const RunRow& r) -> Cell { return r.run.begin; }},
    {info("run_ns", "Run", Unit::kNanoseconds, 0, "How long it ran without a break.", Role::kMax),
     [](const RunRow& r) -> Cell { return r.run.duration; }},
    {row_id("goroutine", "Goroutine", 1, "Who ran."),
     [](const RunRow& r) { return count_cell(r.run.goroutine); }},
    {text("start_location", "Start location", 0, "Where it had started."), of<&RunRow::group>},
    {text("ended", "Ended by", 0, "What ended the run."), of<&RunRow::ended>},
    {text("caller", "Ended in", 2, "Function in which it ended."), text_of<&RunRow::caller>},
    {text("stack", "Stack", 5, "Where it ended."), of<&RunRow::stack>},
};

std::string ending(const Tables& tables, const SchedRun& run) {
  if (run.open) return "still running";
  if (run.reason != 0) return std::string(tables.string(run.reason));
  if (run.to == static_cast<uint8_t>(GoState::kSyscall)) return "system call";
  return run.to == static_cast<uint8_t>(GoState::kNotExist) ? "exit" : "no reason given";
}

}  // namespace

void add_worst_waits(const SchedResults& results, Report& report) {
  const Tables& tables = results.stacks.tables();
  const std::vector<SchedWait> waits = results.waits.sorted();
  std::vector<WaitRow> rows;
  rows.reserve(waits.size());
  for (const SchedWait& w : waits) {
    rows.push_back({w, name_or_unknown(tables, w.group), std::string(caller_in(tables, w.stack)),
                    results.stacks(w.stack)});
  }
  Table table{.id = "sched_worst",
              .detail = true,
              .title = "Longest waits for a P",
              .help = "The longest single waits, and what the Ps did meanwhile.",
              .sort_by = "wait_ns"};
  fill(table, wait_columns(), rows);
  if (waits.size() == kMostRows) table.notes.emplace_back(kRowsLeftOut);
  report.tables.push_back(std::move(table));
}

void add_longest_runs(const SchedResults& results, Report& report) {
  const Tables& tables = results.stacks.tables();
  const std::vector<SchedRun> runs = results.runs.sorted();
  std::vector<RunRow> rows;
  rows.reserve(runs.size());
  for (const SchedRun& r : runs) {
    rows.push_back({r, name_or_unknown(tables, r.group), std::string(caller_in(tables, r.stack)),
                    ending(tables, r), results.stacks(r.stack)});
  }
  Table table{.id = "sched_longest_runs",
              .title = "Longest runs without a break",
              .help = "Greedy goroutines: who kept a P to themselves, and how that ended.",
              .sort_by = "run_ns"};
  fill(table, kLongestColumns, rows);
  if (runs.size() == kMostRows) table.notes.emplace_back(kRowsLeftOut);
  report.tables.push_back(std::move(table));
}

}  // namespace tracetool
