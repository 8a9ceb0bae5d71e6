// The single waits and runs of the sched pass.
#include "analyses/engine/pass.h"
#include "analyses/go/stack_place.h"
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
      {info("time_ns", "Time", Unit::kTime, 0, "When it became runnable.", Role::kId),
       [](const Row& r) -> Cell { return r.wait.begin; }},
      {info("wait_ns", "Wait", Unit::kNanoseconds, 0, "How long it waited for a P.", Role::kMax),
       [](const Row& r) -> Cell { return r.wait.duration; }},
      {info("goroutine", "Goroutine", Unit::kId, 1, "Who waited.", Role::kId),
       [](const Row& r) { return count_cell(r.wait.goroutine); }},
      {info("start_location", "Start location", Unit::kNone, 0, "Where it had started."),
       [](const Row& r) -> Cell { return r.group; }},
      {info("why", "Why", Unit::kNone, 0, "What explains the largest part of the wait."),
       [](const Row& r) -> Cell { return std::string(why(r.wait)); }},
      {info("caller", "Made runnable by", Unit::kNone, 3,
            "Who woke or created it; no one if the runtime did."),
       [](const Row& r) { return text_cell(r.caller); }},
  };
  add_cause_columns<Row>(
      c, 4, [](const Row& r) -> Cell { return r.wait.all_busy; },
      [](const Row& r) -> Cell { return r.wait.stopped; },
      [](const Row& r) -> Cell { return r.wait.duration - r.wait.all_busy - r.wait.stopped; });
  do_not_grow(c);
  c.push_back({info("stack", "Stack", Unit::kNone, 5, "Where it was made runnable."),
               [](const Row& r) -> Cell { return r.stack; }});
  return c;
}

const Columns<RunRow> kLongestColumns = {
    {info("time_ns", "Time", Unit::kTime, 0, "When it got the P.", Role::kId),
     [](const RunRow& r) -> Cell { return r.run.begin; }},
    {info("run_ns", "Run", Unit::kNanoseconds, 0, "How long it ran without a break.", Role::kMax),
     [](const RunRow& r) -> Cell { return r.run.duration; }},
    {info("goroutine", "Goroutine", Unit::kId, 1, "Who ran.", Role::kId),
     [](const RunRow& r) { return count_cell(r.run.goroutine); }},
    {info("start_location", "Start location", Unit::kNone, 0, "Where it had started."),
     [](const RunRow& r) -> Cell { return r.group; }},
    {info("ended", "Ended by", Unit::kNone, 0, "What ended the run."),
     [](const RunRow& r) -> Cell { return r.ended; }},
    {info("caller", "Ended in", Unit::kNone, 2, "Function in which it ended."),
     [](const RunRow& r) { return text_cell(r.caller); }},
    {info("stack", "Stack", Unit::kNone, 5, "Where it ended."),
     [](const RunRow& r) -> Cell { return r.stack; }},
};

std::string ending(const Tables& tables, const SchedRun& run) {
  if (run.open) return "still running";
  if (run.reason != 0) return std::string(tables.string(run.reason));
  if (run.to == static_cast<uint8_t>(GoState::kSyscall)) return "system call";
  return run.to == static_cast<uint8_t>(GoState::kNotExist) ? "exit" : "no reason given";
}

}  // namespace

std::string sched_group_name(const Tables& tables, StringId name) {
  return name == 0 ? "(unknown)" : std::string(tables.string(name));
}

void add_worst_waits(const SchedResults& results, Report& report) {
  const Tables& tables = results.stacks.tables();
  const std::vector<SchedWait> waits = results.waits.sorted();
  std::vector<WaitRow> rows;
  rows.reserve(waits.size());
  for (const SchedWait& w : waits) {
    rows.push_back({w, sched_group_name(tables, w.group), std::string(caller_in(tables, w.stack)),
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
    rows.push_back({r, sched_group_name(tables, r.group), std::string(caller_in(tables, r.stack)),
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
