// Assist detection: the tables by start location and by stack, and the verdict.
#include <algorithm>
#include <map>

#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/passes/gc/gc_tables.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

/// From these shares of their running time on, assists are worth a look, or trouble.
constexpr double kNoticeable = 0.01, kHeavy = 0.10;

struct GroupRow {
  std::string name;
  uint64_t goroutines;
  int64_t running;
  AssistSums assists;
};

struct StackRow {
  std::string caller;
  StackCell stack;
  AssistSums assists;
};

template <class Row>
void add_sums(Columns<Row>& c) {
  append(c, {{cost_count("count", "Assists", 0, "Times that they had to mark."),
              [](const Row& r) { return count_cell(r.assists.count); }},
             {cost("assist_ns", "Length", 0, "Of all assists, waits inside them included."),
              [](const Row& r) -> Cell { return r.assists.elapsed; }},
             {cost("assist_running_ns", "Ran", 1, "Part of it in which the goroutine ran."),
              [](const Row& r) -> Cell { return r.assists.running; }}});
}

template <class Row>
void add_longest(Columns<Row>& c) {
  append(c, {{level("mean_ns", "Mean", 3, "Length each."),
              [](const Row& r) {
                return ratio_cell(real(r.assists.elapsed),
                                  real(static_cast<int64_t>(r.assists.count)));
              }},
             {peak("max_ns", "Longest", 0, "The longest one."),
              [](const Row& r) -> Cell { return r.assists.longest; }},
             {moment("max_at_ns", "at", 2, "When the longest one began."),
              [](const Row& r) { return time_cell(r.assists.longest_at); }},
             {info("max_goroutine", "by", Unit::kId, 2, "Goroutine of the longest one."),
              [](const Row& r) { return count_cell(r.assists.longest_goroutine); }}});
  // As many as there were at its ends.
  c.push_back(
      {standing(cost_count("cut_count", "Cut", 5,
                           "Of them cut off by an end of the capture or of the time window.")),
       [](const Row& r) { return count_cell(r.assists.cut); }});
  c.back().column.better = Better::kNeither;
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {{start_location(), of<&Row::name>},
                    {count("goroutines", "Goroutines", 4, "How many of them assisted."),
                     count_of<&Row::goroutines>}};
  add_sums(c);
  append(c, {{amount("running_ns", "Running", 3, "Running time of all goroutines of the group."),
              of<&Row::running>},
             {level("share", "Share", 0, "Part of it that went to assists.", Unit::kRatio),
              [](const Row& r) { return ratio_cell(real(r.assists.running), real(r.running)); }}});
  add_longest(c);
  return c;
}

Columns<StackRow> stack_columns() {
  using Row = StackRow;
  Columns<Row> c = {{caller(), of<&Row::caller>}};
  add_sums(c);
  add_longest(c);
  c.push_back({stack("Where the allocation was made."), of<&Row::stack>});
  return c;
}

std::vector<StackRow> stack_rows(const GcResults& results) {
  // Stacks that differ in nothing but their addresses are one to the reader.
  std::map<StackCell, StackRow> stacks;
  const auto& all = results.assists.stacks();
  for (StackId id = 0; id < all.size(); ++id) {
    if (all[id].count == 0) continue;
    StackCell stack = results.stacks(id);
    std::string caller(caller_in(results.stacks.tables(), id));
    if (caller.empty()) caller = "(no stack)";
    const StackRow row{std::move(caller), stack, {}};
    stacks.try_emplace(std::move(stack), row).first->second.assists.merge(all[id]);
  }
  std::vector<StackRow> rows;
  rows.reserve(stacks.size());
  for (auto& [stack, row] : stacks) rows.push_back(std::move(row));
  return rows;
}

/// What the figures mean, in two sentences.
void add_verdict(const GcResults& results, const std::vector<GroupRow>& rows, Table& table) {
  const AssistSums& all = results.assists.total();
  if (all.count == 0) {
    table.notes.emplace_back(results.cycles.count() == 0
                                 ? "no collection in this capture"
                                 : "no goroutine had to assist: the mark workers kept up");
    return;
  }
  const double share = real(all.running) / std::max(1.0, real(results.assists.running()));
  const auto worst =
      std::ranges::max_element(rows, {}, [](const GroupRow& r) { return r.assists.running; });
  table.notes.push_back(
      std::string(share >= kHeavy        ? "heavy: allocation outruns the mark workers; "
                  : share >= kNoticeable ? "noticeable: "
                                         : "light: ") +
      "assists took " + format_ratio(share) + " of all running time, most in " + worst->name +
      " (" + format_ratio(real(worst->assists.running) / std::max(1.0, real(worst->running))) +
      " of its own)");
  table.notes.push_back("the longest kept goroutine " + std::to_string(all.longest_goroutine) +
                        " for " + format_duration(real(all.longest)) + ", at " +
                        format_time(all.longest_at));
}

}  // namespace

void add_gc_assists(const GcResults& results, Report& report) {
  std::vector<GroupRow> rows;
  for (const AssistGroup& g : results.assists.groups()) {
    if (g.assists.count == 0) continue;
    rows.push_back(
        {name_or_unknown(results.stacks.tables(), g.name), g.goroutines, g.running, g.assists});
  }
  Table groups{.id = "gc_assist",
               .title = "Assists by start location",
               .help =
                   "Whom the collector conscripted (gcAssistAlloc), and what part of their "
                   "running time that took.",
               .sort_by = "assist_ns"};
  fill(groups, group_columns(), rows);
  add_verdict(results, rows, groups);
  report.tables.push_back(std::move(groups));

  Table stacks{.id = "gc_assist_stacks",
               .detail = true,
               .title = "Assists by stack",
               .help = "Where the allocations were made.",
               .sort_by = "assist_ns"};
  fill(stacks, stack_columns(), stack_rows(results));
  report.tables.push_back(std::move(stacks));
}

}  // namespace tracetool
