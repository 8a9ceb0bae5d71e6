// The tables of the gc pass: totals and cycles.
#include "analyses/passes/gc/gc_tables.h"

#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

struct Totals : GcWork {
  uint64_t cycles = 0;
  const GcResults* results = nullptr;
};

Cell max_cell(int64_t longest) { return longest == 0 ? Cell() : Cell(longest); }

template <class Row>
void add_worker_columns(Columns<Row>& c, int rank) {
  c.push_back(
      {amount("mark_dedicated_ns", "Dedicated", rank, "Mark workers that had a P of their own."),
       of<&Row::dedicated>});
  c.push_back({amount("mark_fractional_ns", "Fractional", rank,
                      "Mark workers that had part of a P's time."),
               of<&Row::fractional>});
  c.push_back(
      {amount("mark_idle_ns", "Idle", rank, "Mark workers on Ps that had nothing else to do."),
       of<&Row::idle>});
}

template <class Row>
void add_assist_columns(Columns<Row>& c, int rank) {
  c.push_back({cost_count("assist_count", "Assists", rank,
                          "Times that an allocating goroutine had to mark (gcAssistAlloc)."),
               count_of<&Row::assists>});
  append(c, {{cost("assist_ns", "Assist", rank, "Length of assists, waits inside them included."),
              of<&Row::assist>},
             {cost("assist_running_ns", "Assist, ran", rank == 0 ? 0 : rank + 1,
                   "Part of it in which the goroutine ran."),
              of<&Row::assist_running>}});
}

template <class Row>
void add_sweep_columns(Columns<Row>& c, int rank) {
  append(c, {{cost("sweep_ns", "Sweep", rank,
                   "Sweeping by goroutines that allocate, until the next cycle begins."),
              of<&Row::sweep>},
             {count("sweep_count", "Sweeps", rank == 0 ? 0 : rank + 2, "Number of such sweeps."),
              count_of<&Row::sweeps>},
             {amount("swept_bytes", "Swept", rank == 0 ? 0 : rank + 2, "What they went over.",
                     Unit::kBytes),
              [](const Row& r) { return optional_cell(r.swept.bytes()); }},
             {amount("reclaimed_bytes", "Reclaimed", rank == 0 ? 0 : rank + 2, "What they freed.",
                     Unit::kBytes),
              [](const Row& r) { return optional_cell(r.reclaimed.bytes()); }}});
}

Columns<Totals> total_columns() {
  using Row = Totals;
  Columns<Row> c = {
      {count("cycles", "Cycles", 0, "Collections that were under way in the capture."),
       count_of<&Row::cycles>},
      {cost("gc_time_ns", "Collecting", 0, "Length of all mark phases."), of<&Row::length>},
      {level("gc_share", "share of the capture", 0,
             "Part of the capture in which the collector marked.", Unit::kRatio),
       [](const Row& r) { return ratio_cell(real(r.length), real(r.results->length)); }},
      {cost_count("pause_count", "Pauses", 0, "Stops of the world for the collector."),
       count_of<&Row::pauses>},
      {cost("pause_total_ns", "Paused", 0, "Their length, from the request on."),
       [](const Row& r) -> Cell { return r.pause(); }},
      {peak("pause_max_ns", "longest pause", 0, "The longest one."),
       [](const Row& r) { return max_cell(r.results->pause_max); }},
      {moment("pause_max_at_ns", "longest pause at", 0, "When it began."),
       [](const Row& r) { return time_cell(r.results->pause_max_at); }},
  };
  add_worker_columns(c, 0);
  c.push_back({level("mark_worker_share", "Workers' share", 0,
                     "Part of all Ps' time that mark workers took.", Unit::kRatio),
               [](const Row& r) { return ratio_cell(real(r.workers()), r.results->p_time); }});
  add_assist_columns(c, 0);
  append(c, {{amount("running_ns", "Running", 0, "Time that goroutines ran."),
              [](const Row& r) -> Cell { return r.results->assists.running(); }},
             {level("assist_share", "Assists' share", 0,
                    "Part of the running time that went to assists.", Unit::kRatio),
              [](const Row& r) {
                return ratio_cell(real(r.assist_running), real(r.results->assists.running()));
              }},
             {peak("worst_assist_ns", "longest assist", 0, "The longest one."),
              [](const Row& r) { return max_cell(r.results->assists.total().longest); }},
             {moment("worst_assist_at_ns", "longest assist at", 0, "When it began."),
              [](const Row& r) { return time_cell(r.results->assists.total().longest_at); }},
             {info("worst_assist_goroutine", "longest assist by", Unit::kId, 0, "Whose it was."),
              [](const Row& r) {
                const AssistSums& a = r.results->assists.total();
                return a.count == 0 ? Cell() : count_cell(a.longest_goroutine);
              }},
             {cost_count("wait_count", "Waits", 0,
                         "Waits of the program's goroutines for the collector: for assist credit, "
                         "for a cycle to begin or end."),
              [](const Row& r) { return count_cell(r.results->waits); }},
             {cost("wait_ns", "Waited", 0, "Their length."),
              [](const Row& r) -> Cell { return r.results->waited; }}});
  add_sweep_columns(c, 0);
  return c;
}

Columns<GcCycle> cycle_columns() {
  using Row = GcCycle;
  Columns<Row> c = {
      {row_id("cycle", "#", 0, "Counted from the begin of the capture."),
       [](const Row& r) { return r.number == 0 ? Cell() : count_cell(r.number); }},
      {moment("begin_ns", "Begin", 0, "Begin of the mark phase."), time_of<&Row::begin>},
      {cost("length_ns", "Length", 0, "Mark phase, stops in it included."), of<&Row::length>},
      {cost("mark_ns", "Marking", 5, "Part of the mark phase in which the world was not stopped."),
       [](const Row& r) -> Cell { return r.length - r.stopped; }},
      {cost("pause_ns", "Paused", 0, "Both stops, from request to end."),
       [](const Row& r) -> Cell { return r.pause(); }},
      {cost("sweep_termination_ns", "Sweep term.", 4, "The stop at the begin."),
       of<&Row::sweep_termination>},
      {cost("mark_termination_ns", "Mark term.", 4,
            "The stop at the end; it lasts longer than the mark phase."),
       of<&Row::mark_termination>},
  };
  add_worker_columns(c, 3);
  add_assist_columns(c, 1);
  add_sweep_columns(c, 4);
  append(
      c,
      {{info("heap_begin_bytes", "Heap", Unit::kBytes, 2, "Live heap when it began."),
        size_of<&Row::heap_begin>},
       {info("heap_end_bytes", "to", Unit::kBytes, 2, "Live heap when it ended: what was marked."),
        size_of<&Row::heap_end>},
       {info("goal_bytes", "Goal", Unit::kBytes, 5,
             "Heap goal when it began; none before the first cycle is over."),
        size_of<&Row::goal>},
       {info("next_goal_bytes", "Next goal", Unit::kBytes, 3, "Heap goal that followed from it."),
        size_of<&Row::next_goal>},
       {text("cut", "Cut", 7, "\"yes\" if the capture or the time window holds only a part of it."),
        [](const Row& r) { return r.cut ? Cell(std::string("yes")) : Cell(); }}});
  return c;
}

}  // namespace

void add_gc_cycles(const std::vector<GcCycle>& cycles, uint64_t summed_up, Report& report) {
  Table table{.id = "gc_cycles",
              .detail = true,
              .title = "Collection cycles",
              .help =
                  "Marking + the stopped part of the mark phase = length. Workers, assists and "
                  "sweeping count for the cycle that began last."};
  fill(table, cycle_columns(), cycles);
  if (!cycles.empty() && cycles.front().number == 0)
    table.notes.emplace_back("the row without a number is the rest of a cycle before the capture");
  if (summed_up > 0) {
    table.notes.push_back("the last row is the sum of the " + std::to_string(summed_up) +
                          " shortest cycles");
  }
  report.tables.push_back(std::move(table));
}

void add_gc_tables(GcResults& results, Report& report) {
  const std::vector<GcCycle> cycles = results.cycles.finish();
  Totals totals;
  for (const GcCycle& cycle : cycles) totals.add(cycle);
  totals.cycles = results.cycles.count();
  totals.results = &results;
  Table table{.id = "gc_totals",
              .title = "Garbage collection",
              .help = "Sums over all cycles.",
              .layout = Layout::kRecord};
  fill(table, total_columns(), std::vector<Totals>{totals});
  if (results.selective) {
    table.notes.emplace_back(
        "filters by goroutine, task or region select assists, sweeping and running time: all the "
        "rest is the program's");
  }
  report.tables.push_back(std::move(table));
  add_gc_assists(results, report);
  add_gc_cycles(cycles, results.cycles.summed_up(), report);
}

}  // namespace tracetool
