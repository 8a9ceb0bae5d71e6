#include "analyses/passes/critical_path/critical_tables.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

constexpr int kStates = 5;

struct PathRow {
  const ExplainedPath* path;
  std::array<int64_t, kStates> time{};  // by IntervalState
};

struct StepRow {
  PathStep step;
  std::string start, function;
  StackCells* stacks;
};

struct SumRow {
  std::string what, state;
  int64_t count = 0, time = 0, longest = 0;
  double share = 0;
};

template <IntervalState state>
Cell time_in(const PathRow& row) {
  return Cell(row.time[static_cast<size_t>(state)]);
}

const Columns<PathRow> kPathColumns = standing<PathRow>({
    {key("kind", "Kind", "what is explained"),
     [](const PathRow& r) { return Cell(std::string(r.path->kind)); }},
    {key("name", "Name", "type of the task or region, start location of the goroutine"),
     [](const PathRow& r) { return text_cell(r.path->name); }},
    {row_id("id", "Id", 1, "of the task or goroutine"),
     [](const PathRow& r) { return count_cell(r.path->id); }},
    {row_id("goroutine", "Goroutine", 2,
            "the one that ended it: the path is walked back from there"),
     [](const PathRow& r) { return count_cell(r.path->goroutine); }},
    {moment("begin_ns", "Begin", 1, "when it began"),
     [](const PathRow& r) { return Cell(r.path->begin); }},
    {cost("duration_ns", "Duration", 0, "the sum of the next five columns"),
     [](const PathRow& r) { return Cell(r.path->length()); }},
    {amount("execution_ns", "Execution", 0,
            "running, the goroutine itself or one that it waited for"),
     time_in<IntervalState::kRunning>},
    {cost("sched_wait_ns", "Sched wait", 0, "one of them waiting for a P"),
     time_in<IntervalState::kRunnable>},
    {amount("block_ns", "Block", 0,
            "blocked until the runtime (network, timer) or the capture's end ended it"),
     time_in<IntervalState::kWaiting>},
    {amount("syscall_ns", "Syscall", 1, "in system calls"), time_in<IntervalState::kSyscall>},
    {amount("unknown_ns", "Unknown", 3,
            "not known: before the capture, or dropped for lack of memory"),
     time_in<IntervalState::kUnknown>},
});

const Columns<StepRow> kStepColumns = standing<StepRow>({
    {row_time("from_ns", "From", "begin of the step"),
     [](const StepRow& r) { return Cell(r.step.begin); }},
    {cost("length_ns", "Length", 0, "how long it lasted"),
     [](const StepRow& r) { return Cell(r.step.length()); }},
    {text("depth", "Depth", 2,
          "0: the goroutine itself, 1: whom it waited for, 2: whom that one waited for, …"),
     [](const StepRow& r) { return number_cell(r.step.depth); }},
    {row_id("goroutine", "Goroutine", 0, "whose step it is"),
     [](const StepRow& r) { return r.step.who.id == 0 ? Cell() : count_cell(r.step.who.id); }},
    {start_location("function in which that one started", 1), text_of<&StepRow::start>},
    {text("state", "State", 0, "what that one was doing"),
     [](const StepRow& r) { return Cell(std::string(name_of(r.step.state))); }},
    {text("reason", "Reason", 1, "why it was blocked, or why it stopped running"),
     [](const StepRow& r) {
       return text_cell(std::string(r.stacks->tables().string(r.step.reason)));
     }},
    {text("function", "Function", 0,
          "where: innermost function outside the runtime and the packages that merely wait"),
     text_of<&StepRow::function>},
    {text("stack", "Stack", 3,
          "execution: where it stopped running; block, syscall: where it entered; sched wait: who "
          "woke it"),
     [](const StepRow& r) { return Cell((*r.stacks)(r.step.stack)); }},
});

Columns<SumRow> sum_columns(const char* id, const char* heading, const char* help) {
  return standing<SumRow>({
      {key(id, heading, help), text_of<&SumRow::what>},
      {key("state", "State", "what the goroutines on the path were doing"), of<&SumRow::state>},
      {count("count", "Count", 0, "steps"), of<&SumRow::count>},
      {cost("time_ns", "Time", 0, "length of the steps together"), of<&SumRow::time>},
      {share("share", "Share", 0, "of the explained time"), of<&SumRow::share>},
      {peak("max_ns", "Max", 1, "longest step"), of<&SumRow::longest>},
  });
}

/// Rows by what and state; the texts live in Tables.
using Sums = std::map<std::pair<std::string_view, IntervalState>, SumRow>;

void add(Sums& sums, std::string_view what, const PathPart& part) {
  SumRow& row = sums[{what, part.like.state}];
  row.count += part.count;
  row.time += part.time;
  row.longest = std::max(row.longest, part.longest);
}

/// Says where a step was, looking at each stack once.
class Places {
 public:
  explicit Places(const Tables& tables) : tables_(tables) {}
  std::string_view operator()(const PathStep& step) {
    // Nobody is to blame for a wait for a P but the scheduler: say who waited.
    if (step.state == IntervalState::kRunnable || step.stack == 0)
      return tables_.string(step.who.name);
    const auto [it, fresh] = known_.try_emplace(step.stack);
    if (fresh) it->second = caller_in(tables_, step.stack);
    return it->second;
  }

 private:
  const Tables& tables_;
  std::unordered_map<StackId, std::string_view> known_;
};

/// The `limit` longest steps stay, in order of time; says what the others took.
std::vector<PathStep> longest(const std::vector<PathStep>& steps, uint64_t limit, Table& table) {
  if (steps.size() <= limit) return steps;
  std::vector<int64_t> lengths;
  lengths.reserve(steps.size());
  for (const PathStep& step : steps) lengths.push_back(step.length());
  // Of the steps as long as the shortest one to stay only so many stay.
  const auto border = lengths.begin() + static_cast<std::ptrdiff_t>(limit);
  std::ranges::nth_element(lengths, border, std::ranges::greater());
  const int64_t least = *border;
  auto equal = limit - static_cast<uint64_t>(std::ranges::count_if(
                           steps, [&](const PathStep& s) { return s.length() > least; }));
  std::vector<PathStep> kept;
  int64_t left_out = 0;
  for (const PathStep& step : steps) {
    if (step.length() > least || (step.length() == least && equal > 0)) {
      equal -= step.length() == least;
      kept.push_back(step);
    } else {
      left_out += step.length();
    }
  }
  table.notes.push_back(std::to_string(steps.size() - kept.size()) + " shorter steps, " +
                        format_duration(static_cast<double>(left_out)) +
                        " in all, are left out (--limit shows more)");
  return kept;
}

std::vector<SumRow> rows_of(const Sums& sums, int64_t total) {
  std::vector<SumRow> rows;
  for (const auto& [key, row] : sums) {
    rows.push_back(row);
    rows.back().what = key.first;
    rows.back().state = name_of(key.second);
    if (total > 0) rows.back().share = static_cast<double>(row.time) / static_cast<double>(total);
  }
  return rows;
}

}  // namespace

std::vector<PathPart> parts_of(const std::vector<PathStep>& steps) {
  std::map<std::tuple<StringId, StackId, StringId, IntervalState>, PathPart> parts;
  for (const PathStep& step : steps) {
    PathPart& part = parts[{step.who.name, step.stack, step.reason, step.state}];
    part.like = step;
    ++part.count;
    part.time += step.length();
    part.longest = std::max(part.longest, step.length());
  }
  std::vector<PathPart> out;
  out.reserve(parts.size());
  for (const auto& [key, part] : parts) out.push_back(part);
  return out;
}

void add_critical_tables(const std::vector<ExplainedPath>& paths, StackCells& stacks,
                         uint64_t limit, std::vector<std::string> notes, Report& report) {
  Table table{.id = "critical_paths",
              .title = "What is explained",
              .help =
                  "Time from begin to end, along the chain of goroutines that it waited for. "
                  "Duration = execution + sched wait + block + syscall + unknown.",
              .notes = std::move(notes)};
  Table steps{.id = "critical_path",
              .detail = true,
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
  const Tables& tables = stacks.tables();
  Places places(tables);
  std::vector<PathRow> rows;
  std::vector<StepRow> step_rows;
  Sums by_function, by_reason;
  int64_t total = 0;
  for (const ExplainedPath& path : paths) {
    PathRow row{&path, {}};
    for (const PathPart& part : path.parts) {
      row.time[static_cast<size_t>(part.like.state)] += part.time;
      add(by_function, places(part.like), part);
      const bool blocked = part.like.state == IntervalState::kWaiting;
      add(by_reason, blocked ? tables.string(part.like.reason) : "", part);
    }
    total += path.length();
    rows.push_back(row);
  }
  if (!paths.empty()) {
    for (const PathStep& step : longest(paths[0].steps, limit, steps)) {
      step_rows.push_back(
          {step, std::string(tables.string(step.who.name)), std::string(places(step)), &stacks});
    }
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
