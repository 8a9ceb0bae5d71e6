// The tables of the stw pass: sums by kind and by stack.
#include "analyses/passes/stw/stw_tables.h"

#include <algorithm>

#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"

namespace tracetool {

void StopSums::add(const Stop& stop, const GoroutineIndex& goroutines) {
  if (stop.open) return open.add(stop.duration);
  if (stop.duration > stats.durations.max()) longest_stack = stop.stack;
  stats.add(stop.duration, stop.begin, stop.requester, goroutines);
  if (!stop.spread_known) {
    unclear += stop.duration;
    return;
  }
  ++clear_count;
  stopping += stop.stopping;
  resuming += stop.resuming;
  slowest = std::max(slowest, stop.stopping);
}

void StopSums::merge(const StopSums& other) {
  if (other.stats.durations.max() > stats.durations.max()) longest_stack = other.longest_stack;
  stats.merge(other.stats);
  open.merge(other.open);
  stopping += other.stopping;
  resuming += other.resuming;
  unclear += other.unclear;
  slowest = std::max(slowest, other.slowest);
  clear_count += other.clear_count;
}

std::string stop_kind(const Tables& tables, StringId name) {
  std::string_view text = tables.string(name);
  const size_t open = text.find('(');
  if (open == text.npos || !text.ends_with(')')) return std::string(text);
  text = text.substr(open + 1, text.size() - open - 2);
  return text.empty() ? "unknown" : std::string(text);
}

namespace {

struct GroupedStops : StopSums {
  std::string kind;
  std::string caller = {};
  StackCell stack = {};
  int64_t length = 0;  // of the capture
};

void add_share(Columns<GroupedStops>& c) {
  c.push_back(
      {level("share", "Share", 1, "Part of the capture.", Unit::kRatio), [](const GroupedStops& r) {
         return ratio_cell(real(r.stats.durations.sum() + r.open.time), real(r.length));
       }});
}

void add_spread_columns(Columns<GroupedStops>& c, int rank) {
  c.push_back({cost("stopping_ns", "Stopping", rank,
                    "Part of the total from the request until the last other P stopped."),
               of<&GroupedStops::stopping>});
  c.push_back(
      {cost("stopped_ns", "Stopped", rank, "Part of the total in which only the requester ran."),
       [](const GroupedStops& r) -> Cell { return r.stopped(); }});
  append(c,
         {{cost("resuming_ns", "Resuming", rank,
                "Part of the total from the first P that ran again to the end."),
           of<&GroupedStops::resuming>},
          {amount("unclear_ns", "Unclear", rank == 0 ? 0 : rank + 1,
                  "Part of the total of stops whose parts the events do not tell."),
           of<&GroupedStops::unclear>},
          {peak("stopping_max_ns", "Slowest to stop", rank,
                "The longest that it took the other Ps to stop."),
           [](const GroupedStops& r) { return r.clear_count == 0 ? Cell() : Cell(r.slowest); }}});
}

Column kind_column() { return key("kind", "Kind", "What the world was stopped for."); }

Columns<GroupedStops> kind_columns() {
  Columns<GroupedStops> c = {{kind_column(), of<&GroupedStops::kind>}};
  add_sum_columns(c, "Stops of that kind.");
  add_share(c);
  add_distribution_columns(c);
  add_spread_columns(c, 3);
  c.push_back({text("longest_stack", "Longest by", 6, "Stack of the requester of the longest one."),
               of<&GroupedStops::stack>});
  add_open_columns(c, 7);
  return c;
}

Columns<GroupedStops> stack_columns() {
  Columns<GroupedStops> c = {{kind_column(), of<&GroupedStops::kind>},
                             {caller("Requested by"), of<&GroupedStops::caller>}};
  add_sum_columns(c, "Stops requested there.");
  add_distribution_columns(c);
  add_spread_columns(c, 4);
  add_open_columns(c, 7);
  c.push_back({stack("Of the requester."), of<&GroupedStops::stack>});
  return c;
}

Columns<GroupedStops> total_columns() {
  Columns<GroupedStops> c;
  add_sum_columns(c, "Stops of any kind.");
  add_share(c);
  append(c, {{level("mean_ns", "Mean", 0, "Length each."),
              [](const GroupedStops& r) { return measured(r.stats.durations, &Histogram::mean); }},
             {level("p50_ns", "p50", 0, "Half of them took no longer."),
              [](const GroupedStops& r) { return percentile(r.stats.durations, 0.50); }},
             {level("p99_ns", "p99", 0, "99 % of them took no longer."),
              [](const GroupedStops& r) { return percentile(r.stats.durations, 0.99); }},
             {peak("max_ns", "Longest", 0, "The longest one."),
              [](const GroupedStops& r) { return measured(r.stats.durations, &Histogram::max); }},
             {moment("max_at_ns", "Longest at", 0, "When it was requested."),
              [](const GroupedStops& r) { return time_cell(r.stats.longest_begin); }}});
  add_spread_columns(c, 0);
  add_open_columns(c, 0);
  return c;
}

}  // namespace

void add_stw_tables(const StwResults& results, Report& report) {
  const Tables& tables = results.stacks.tables();
  std::map<StringId, GroupedStops> kinds;
  // Stacks that differ in nothing but their addresses are one to the reader.
  std::map<std::pair<StringId, StackCell>, GroupedStops> stacks;
  GroupedStops total;
  total.length = results.length;
  for (const auto& [place, sums] : results.stops) {
    const auto& [name, id] = place;
    const GroupedStops empty{{}, stop_kind(tables, name), {}, {}, results.length};
    total.merge(sums);
    kinds.try_emplace(name, empty).first->second.merge(sums);
    StackCell stack = results.stacks(id);
    GroupedStops& row = stacks.try_emplace({name, stack}, empty).first->second;
    row.merge(sums);
    row.caller = caller_in(tables, id);
    if (row.caller.empty()) row.caller = "(no stack)";
    row.stack = std::move(stack);
  }
  const auto rows_of = [](const auto& map) {
    std::vector<GroupedStops> rows;
    rows.reserve(map.size());
    for (const auto& [key, row] : map) rows.push_back(row);
    return rows;
  };
  Table record{.id = "stw_totals",
               .title = "Stops of the world",
               .help = "Total = stopping + stopped + resuming + unclear.",
               .layout = Layout::kRecord};
  fill(record, total_columns(), std::vector<GroupedStops>{total});
  if (results.selective) {
    record.notes.emplace_back(
        "filters by goroutine, task or region do not apply: a stop concerns everybody");
  }
  report.tables.push_back(std::move(record));

  for (auto& [name, row] : kinds) row.stack = results.stacks(row.longest_stack);
  Table by_kind{.id = "stw",
                .title = "Stops by kind",
                .help = "Total = stopping + stopped + resuming + unclear.",
                .sort_by = "total_ns"};
  fill(by_kind, kind_columns(), rows_of(kinds));
  report.tables.push_back(std::move(by_kind));

  add_worst_stops(results, report);

  Table by_stack{.id = "stw_stacks",
                 .detail = true,
                 .title = "Stops by the requester's stack",
                 .help = "Total = stopping + stopped + resuming + unclear.",
                 .sort_by = "total_ns"};
  fill(by_stack, stack_columns(), rows_of(stacks));
  report.tables.push_back(std::move(by_stack));
}

}  // namespace tracetool
