// The longest single stops, and for whom they had to wait.
#include <algorithm>

#include "analyses/engine/pass.h"
#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"
#include "analyses/passes/stw/stw_tables.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

struct StopRow {
  const WorstStop& stop;
  std::string kind, group, caller, last_group, last_caller;
  StackCell stack, last_stack;
};

Cell part(const WorstStop& s, int64_t time) { return s.spread_known ? Cell(time) : Cell(); }

const Columns<StopRow> kColumns = {
    {row_time("time_ns", "Time", "When it was requested."),
     [](const StopRow& r) -> Cell { return r.stop.begin; }},
    {info("length_ns", "Length", Unit::kNanoseconds, 0, "From the request to the end.", Role::kMax),
     [](const StopRow& r) -> Cell { return r.stop.duration; }},
    {text("kind", "Kind", 0, "What the world was stopped for."), of<&StopRow::kind>},
    {row_id("goroutine", "Goroutine", 3, "Who requested it."),
     [](const StopRow& r) { return goroutine_cell(r.stop.goroutine); }},
    {text("start_location", "Start location", 5, "Where that had started."),
     text_of<&StopRow::group>},
    {text("caller", "Requested by", 1,
          "Innermost function of its stack outside the standard library's plumbing."),
     text_of<&StopRow::caller>},
    {info("stopping_ns", "Stopping", Unit::kNanoseconds, 0, "Until the last other P stopped."),
     [](const StopRow& r) { return part(r.stop, r.stop.stopping); }},
    {info("stopped_ns", "Stopped", Unit::kNanoseconds, 2, "While only the requester ran."),
     [](const StopRow& r) { return part(r.stop, r.stop.stopped()); }},
    {info("resuming_ns", "Resuming", Unit::kNanoseconds, 2,
          "From the first P that ran again to the end."),
     [](const StopRow& r) { return part(r.stop, r.stop.resuming); }},
    {row_id("waited_for", "Waited for", 4,
            "Goroutine that ran on the P that stopped last; none if no goroutine did."),
     [](const StopRow& r) {
       return r.stop.last.known ? count_cell(r.stop.last.goroutine) : Cell();
     }},
    {text("waited_for_location", "its start", 6, "Where that had started."),
     text_of<&StopRow::last_group>},
    {text("waited_in", "Stopped in", 4, "Function in which it stopped."),
     text_of<&StopRow::last_caller>},
    {text("stack", "Stack", 7, "Of the requester."), of<&StopRow::stack>},
    {text("waited_stack", "Waited at", 8, "Where the one waited for stopped."),
     of<&StopRow::last_stack>},
};

void explain(const std::vector<StopRow>& rows, Table& table) {
  const auto slow =
      std::ranges::max_element(rows, {}, [](const StopRow& r) { return r.stop.stopping; });
  if (slow == rows.end() || !slow->stop.last.known) return;
  const LastRunner& last = slow->stop.last;
  table.notes.push_back("the stop at " + format_time(slow->stop.begin) + " took " +
                        format_duration(static_cast<double>(slow->stop.stopping)) +
                        " to take effect: goroutine " + std::to_string(last.goroutine) +
                        (slow->last_group.empty() ? "" : " (" + slow->last_group + ")") +
                        " stopped last" +
                        (slow->last_caller.empty() ? "" : ", in " + slow->last_caller));
}

}  // namespace

void add_worst_stops(const StwResults& results, Report& report) {
  const Tables& tables = results.stacks.tables();
  const std::vector<WorstStop> stops = results.worst.sorted();
  std::vector<StopRow> rows;
  rows.reserve(stops.size());
  for (const WorstStop& s : stops) {
    rows.push_back({s, stop_kind(tables, s.kind), std::string(tables.string(s.group)),
                    std::string(caller_in(tables, s.stack)),
                    std::string(tables.string(s.last.group)),
                    std::string(caller_in(tables, s.last.stack)), results.stacks(s.stack),
                    results.stacks(s.last.stack)});
  }
  Table table{.id = "stw_worst",
              .detail = true,
              .title = "Longest stops",
              .help = "Length = stopping + stopped + resuming.",
              .sort_by = "length_ns"};
  fill(table, kColumns, rows);
  if (stops.size() == kMostRows) table.notes.emplace_back(kRowsLeftOut);
  explain(rows, table);
  report.tables.push_back(std::move(table));
}

}  // namespace tracetool
