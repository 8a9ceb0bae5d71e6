#include "analyses/critical_tables.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analyses/stack_cell.h"
#include "analyses/stack_place.h"
#include "analyses/wait_story.h"
#include "reports/units.h"

namespace tracetool {
namespace {

constexpr int kStates = 5;

struct PathRow {
  const ExplainedPath* path;
  std::array<int64_t, kStates> time{};  // by IntervalState
};

struct StepRow {
  PathStep step;
  IntervalLog::Who who;
  std::string start, function;
  const Tables* tables;
};

struct SumRow {
  std::string what, state;
  int64_t count = 0, time = 0, longest = 0;
  double share = 0;
};

Cell count(uint64_t n) { return Cell(static_cast<int64_t>(n)); }
Cell text_or_none(const std::string& text) { return text.empty() ? Cell() : Cell(text); }

template <IntervalState state>
Cell time_in(const PathRow& row) {
  return Cell(row.time[static_cast<size_t>(state)]);
}

const Columns<PathRow> kPathColumns = {
    {{"kind", "Kind", Unit::kNone, Role::kKey, Better::kNeither, false, 0, "what is explained"},
     [](const PathRow& r) { return Cell(std::string(r.path->kind)); }},
    {{"name", "Name", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
      "type of the task or region, start location of the goroutine"},
     [](const PathRow& r) { return text_or_none(r.path->name); }},
    {{"id", "Id", Unit::kId, Role::kId, Better::kNeither, false, 1, "of the task or goroutine"},
     [](const PathRow& r) { return count(r.path->id); }},
    {{"goroutine", "Goroutine", Unit::kId, Role::kId, Better::kNeither, false, 2,
      "the one that ended it: the path is walked back from there"},
     [](const PathRow& r) { return count(r.path->goroutine); }},
    {{"begin_ns", "Begin", Unit::kTime, Role::kInfo, Better::kNeither, false, 1, "when it began"},
     [](const PathRow& r) { return Cell(r.path->begin); }},
    {{"duration_ns", "Duration", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 0,
      "the sum of the next five columns"},
     [](const PathRow& r) { return Cell(r.path->length()); }},
    {{"execution_ns", "Execution", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 0,
      "running, the goroutine itself or one that it waited for"},
     time_in<IntervalState::kRunning>},
    {{"sched_wait_ns", "Sched wait", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 0,
      "one of them waiting for a P"},
     time_in<IntervalState::kRunnable>},
    {{"block_ns", "Block", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 0,
      "blocked until the runtime (network, timer) or the capture's end ended it"},
     time_in<IntervalState::kWaiting>},
    {{"syscall_ns", "Syscall", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 1,
      "in system calls"},
     time_in<IntervalState::kSyscall>},
    {{"unknown_ns", "Unknown", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 3,
      "not known: before the capture, or dropped for lack of memory"},
     time_in<IntervalState::kUnknown>},
};

const Columns<StepRow> kStepColumns = {
    {{"from_ns", "From", Unit::kTime, Role::kId, Better::kNeither, false, 0, "begin of the step"},
     [](const StepRow& r) { return Cell(r.step.begin); }},
    {{"length_ns", "Length", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 0,
      "how long it lasted"},
     [](const StepRow& r) { return Cell(r.step.length()); }},
    {{"depth", "Depth", Unit::kNone, Role::kInfo, Better::kNeither, false, 2,
      "0: the goroutine itself, 1: whom it waited for, 2: whom that one waited for, …"},
     [](const StepRow& r) { return Cell(static_cast<int64_t>(r.step.depth)); }},
    {{"goroutine", "Goroutine", Unit::kId, Role::kId, Better::kNeither, false, 0,
      "whose step it is"},
     [](const StepRow& r) { return r.who.id == 0 ? Cell() : count(r.who.id); }},
    {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 1,
      "function in which that one started"},
     [](const StepRow& r) { return text_or_none(r.start); }},
    {{"state", "State", Unit::kNone, Role::kInfo, Better::kNeither, false, 0,
      "what that one was doing"},
     [](const StepRow& r) { return Cell(std::string(name_of(r.step.state))); }},
    {{"reason", "Reason", Unit::kNone, Role::kInfo, Better::kNeither, false, 1,
      "why it was blocked, or why it stopped running"},
     [](const StepRow& r) { return text_or_none(std::string(r.tables->string(r.step.reason))); }},
    {{"function", "Function", Unit::kNone, Role::kInfo, Better::kNeither, false, 0,
      "where: innermost function outside the runtime and the packages that merely wait"},
     [](const StepRow& r) { return text_or_none(r.function); }},
    {{"stack", "Stack", Unit::kNone, Role::kInfo, Better::kNeither, false, 3,
      "execution: where it stopped running; block, syscall: where it entered; sched wait: who "
      "woke it"},
     [](const StepRow& r) { return Cell(stack_cell(*r.tables, r.step.stack)); }},
};

Columns<SumRow> sum_columns(const char* id, const char* heading, const char* help) {
  return {
      {{id, heading, Unit::kNone, Role::kKey, Better::kNeither, false, 0, help},
       [](const SumRow& r) { return text_or_none(r.what); }},
      {{"state", "State", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "what the goroutines on the path were doing"},
       [](const SumRow& r) { return Cell(r.state); }},
      {{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, false, 0, "steps"},
       [](const SumRow& r) { return Cell(r.count); }},
      {{"time_ns", "Time", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 0,
        "length of the steps together"},
       [](const SumRow& r) { return Cell(r.time); }},
      {{"share", "Share", Unit::kRatio, Role::kStat, Better::kNeither, false, 0,
        "of the explained time"},
       [](const SumRow& r) { return Cell(r.share); }},
      {{"max_ns", "Max", Unit::kNanoseconds, Role::kMax, Better::kLower, false, 1, "longest step"},
       [](const SumRow& r) { return Cell(r.longest); }},
  };
}

using Sums = std::map<std::pair<std::string, std::string>, SumRow>;

void add(Sums& sums, std::string what, const PathStep& step) {
  const char* state = name_of(step.state);
  SumRow& row = sums[{what, state}];
  row.what = std::move(what);
  row.state = state;
  ++row.count;
  row.time += step.length();
  row.longest = std::max(row.longest, step.length());
}

std::vector<SumRow> rows_of(const Sums& sums, int64_t total) {
  std::vector<SumRow> rows;
  for (const auto& [key, row] : sums) {
    rows.push_back(row);
    if (total > 0) rows.back().share = static_cast<double>(row.time) / static_cast<double>(total);
  }
  return rows;
}

}  // namespace

void add_critical_tables(const std::vector<ExplainedPath>& paths, const IntervalLog& log,
                         const Tables& tables, uint64_t limit, std::vector<std::string> notes,
                         Report& report) {
  Table table{.id = "critical_paths",
              .title = "What is explained",
              .help =
                  "Time from begin to end, along the chain of goroutines that it waited for. "
                  "Duration = execution + sched wait + block + syscall + unknown.",
              .notes = std::move(notes)};
  Table steps{.id = "critical_path",
              .title = "Critical path of the slowest",
              .help =
                  "In order of time: what the goroutine did, and in place of each wait what "
                  "the goroutine did that ended it."};
  Table functions{.id = "critical_path_functions",
                  .title = "Critical path by function",
                  .help = "All paths together.",
                  .sort_by = "time_ns"};
  Table reasons{.id = "critical_path_reasons",
                .title = "Critical path by reason",
                .help = "All paths together.",
                .sort_by = "time_ns"};
  const auto function_of = [&](const PathStep& step, const std::string& start) {
    // Nobody is to blame for a wait for a P but the scheduler: say who waited.
    if (step.state == IntervalState::kRunnable || step.stack == 0) return start;
    return std::string(caller_in(tables, step.stack));
  };
  std::vector<PathRow> rows;
  std::vector<StepRow> step_rows;
  Sums by_function, by_reason;
  int64_t total = 0;
  for (const ExplainedPath& path : paths) {
    PathRow row{&path, {}};
    for (const PathStep& step : path.steps) {
      row.time[static_cast<size_t>(step.state)] += step.length();
      const IntervalLog::Who who = log.who(step.who);
      std::string start(tables.string(who.name));
      std::string function = function_of(step, start);
      add(by_function, function, step);
      const bool blocked = step.state == IntervalState::kWaiting;
      add(by_reason, blocked ? std::string(tables.string(step.reason)) : "", step);
      if (rows.empty())
        step_rows.push_back({step, who, std::move(start), std::move(function), &tables});
    }
    total += path.length();
    rows.push_back(row);
  }
  if (step_rows.size() > limit) {
    std::vector<int64_t> lengths;
    for (const StepRow& row : step_rows) lengths.push_back(row.step.length());
    std::ranges::sort(lengths, std::ranges::greater());
    const int64_t least = limit == 0 ? INT64_MAX : lengths[limit - 1];
    uint64_t equal = limit - static_cast<uint64_t>(std::ranges::count_if(
                                 lengths, [&](int64_t l) { return l > least; }));
    int64_t left_out = 0;
    size_t kept = 0;
    for (StepRow& row : step_rows) {
      const int64_t length = row.step.length();
      if (length > least || (length == least && equal > 0)) {
        equal -= length == least;
        if (&step_rows[kept] != &row) step_rows[kept] = std::move(row);
        ++kept;
      } else {
        left_out += length;
      }
    }
    steps.notes.push_back(std::to_string(step_rows.size() - kept) + " shorter steps, " +
                          format_duration(static_cast<double>(left_out)) +
                          " in all, are left out (--limit shows more)");
    step_rows.erase(step_rows.begin() + static_cast<std::ptrdiff_t>(kept), step_rows.end());
  }
  fill(table, kPathColumns, rows);
  fill(steps, kStepColumns, step_rows);
  fill(functions,
       sum_columns("function", "Function",
                   "where: innermost function outside the runtime and the packages that merely "
                   "wait; of sched waits the start location of who waited"),
       rows_of(by_function, total));
  fill(reasons, sum_columns("reason", "Reason", "why it was blocked"), rows_of(by_reason, total));
  for (Table* t : {&table, &steps, &functions, &reasons}) report.tables.push_back(std::move(*t));
}

}  // namespace tracetool
