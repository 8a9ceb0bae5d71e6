// The tables of the gc pass: totals and cycles.
#include "analyses/passes/gc/gc_tables.h"

#include "analyses/measure/duration_stats.h"
#include "analyses/measure/gc_columns.h"

namespace tracetool {
namespace {

struct Totals : GcWork {
  uint64_t cycles = 0;
  const GcResults* results = nullptr;
};

double real(int64_t n) { return static_cast<double>(n); }
Cell size_cell(const std::optional<int64_t>& bytes) { return bytes ? Cell(*bytes) : Cell(); }
Cell max_cell(int64_t longest) { return longest == 0 ? Cell() : Cell(longest); }

template <class Row>
void add_worker_columns(Columns<Row>& c, int rank) {
  c.push_back(
      {amount("mark_dedicated_ns", "Dedicated", rank, "Mark workers that had a P of their own."),
       [](const Row& r) -> Cell { return r.dedicated; }});
  c.push_back({amount("mark_fractional_ns", "Fractional", rank,
                      "Mark workers that had part of a P's time."),
               [](const Row& r) -> Cell { return r.fractional; }});
  c.push_back(
      {amount("mark_idle_ns", "Idle", rank, "Mark workers on Ps that had nothing else to do."),
       [](const Row& r) -> Cell { return r.idle; }});
}

template <class Row>
void add_assist_columns(Columns<Row>& c, int rank) {
  c.push_back(
      {cost("assist_count", "Assists", rank,
            "Times that an allocating goroutine had to mark (gcAssistAlloc).", Unit::kCount),
       [](const Row& r) { return count_cell(r.assists); }});
  c.push_back({cost("assist_ns", "Assist", rank, "Length of assists, waits inside them included."),
               [](const Row& r) -> Cell { return r.assist; }});
  c.push_back({cost("assist_running_ns", "Assist, ran", rank == 0 ? 0 : rank + 1,
                    "Part of it in which the goroutine ran."),
               [](const Row& r) -> Cell { return r.assist_running; }});
}

template <class Row>
void add_sweep_columns(Columns<Row>& c, int rank) {
  c.push_back({cost("sweep_ns", "Sweep", rank,
                    "Sweeping by goroutines that allocate, until the next cycle begins."),
               [](const Row& r) -> Cell { return r.sweep; }});
  c.push_back({amount("sweep_count", "Sweeps", rank == 0 ? 0 : rank + 2, "Number of such sweeps.",
                      Unit::kCount),
               [](const Row& r) { return count_cell(r.sweeps); }});
  c.push_back({amount("swept_bytes", "Swept", rank == 0 ? 0 : rank + 2, "What they went over.",
                      Unit::kBytes),
               [](const Row& r) { return size_cell(r.swept.bytes()); }});
  c.push_back({amount("reclaimed_bytes", "Reclaimed", rank == 0 ? 0 : rank + 2, "What they freed.",
                      Unit::kBytes),
               [](const Row& r) { return size_cell(r.reclaimed.bytes()); }});
}

Columns<Totals> total_columns() {
  using Row = Totals;
  Columns<Row> c = {
      {amount("cycles", "Cycles", 0, "Collections that were under way in the capture.",
              Unit::kCount),
       [](const Row& r) { return count_cell(r.cycles); }},
      {cost("gc_time_ns", "Collecting", 0, "Length of all mark phases."),
       [](const Row& r) -> Cell { return r.length; }},
      {level("gc_share", "share of the capture", Unit::kRatio, 0,
             "Part of the capture in which the collector marked."),
       [](const Row& r) { return ratio_cell(real(r.length), real(r.results->length)); }},
      {cost("pause_count", "Pauses", 0, "Stops of the world for the collector.", Unit::kCount),
       [](const Row& r) { return count_cell(r.pauses); }},
      {cost("pause_total_ns", "Paused", 0, "Their length, from the request on."),
       [](const Row& r) -> Cell { return r.pause(); }},
      {level("pause_max_ns", "longest pause", Unit::kNanoseconds, 0, "The longest one.",
             Role::kMax),
       [](const Row& r) { return max_cell(r.results->pause_max); }},
      {info("pause_max_at_ns", "longest pause at", Unit::kTime, 0, "When it began."),
       [](const Row& r) { return time_cell(r.results->pause_max_at); }},
  };
  add_worker_columns(c, 0);
  c.push_back({level("mark_worker_share", "Workers' share", Unit::kRatio, 0,
                     "Part of all Ps' time that mark workers took."),
               [](const Row& r) { return ratio_cell(real(r.workers()), r.results->p_time); }});
  add_assist_columns(c, 0);
  c.push_back({amount("running_ns", "Running", 0, "Time that goroutines ran."),
               [](const Row& r) -> Cell { return r.results->assists.running(); }});
  c.push_back({level("assist_share", "Assists' share", Unit::kRatio, 0,
                     "Part of the running time that went to assists."),
               [](const Row& r) {
                 return ratio_cell(real(r.assist_running), real(r.results->assists.running()));
               }});
  c.push_back({level("worst_assist_ns", "longest assist", Unit::kNanoseconds, 0, "The longest one.",
                     Role::kMax),
               [](const Row& r) { return max_cell(r.results->assists.total().longest); }});
  c.push_back({info("worst_assist_at_ns", "longest assist at", Unit::kTime, 0, "When it began."),
               [](const Row& r) { return time_cell(r.results->assists.total().longest_at); }});
  c.push_back({info("worst_assist_goroutine", "longest assist by", Unit::kId, 0, "Whose it was."),
               [](const Row& r) {
                 const AssistSums& a = r.results->assists.total();
                 return a.count == 0 ? Cell() : count_cell(a.longest_goroutine);
               }});
  c.push_back({cost("wait_count", "Waits", 0,
                    "Waits of the program's goroutines for the collector: for assist credit, for a "
                    "cycle to begin or end.",
                    Unit::kCount),
               [](const Row& r) { return count_cell(r.results->waits); }});
  c.push_back({cost("wait_ns", "Waited", 0, "Their length."),
               [](const Row& r) -> Cell { return r.results->waited; }});
  add_sweep_columns(c, 0);
  return c;
}

Columns<GcCycle> cycle_columns() {
  using Row = GcCycle;
  Columns<Row> c = {
      {info("cycle", "#", Unit::kId, 0, "Counted from the begin of the capture.", Role::kId),
       [](const Row& r) { return r.number == 0 ? Cell() : count_cell(r.number); }},
      {info("begin_ns", "Begin", Unit::kTime, 0, "Begin of the mark phase."),
       [](const Row& r) { return time_cell(r.begin); }},
      {cost("length_ns", "Length", 0, "Mark phase, stops in it included."),
       [](const Row& r) -> Cell { return r.length; }},
      {cost("mark_ns", "Marking", 5, "Part of the mark phase in which the world was not stopped."),
       [](const Row& r) -> Cell { return r.length - r.stopped; }},
      {cost("pause_ns", "Paused", 0, "Both stops, from request to end."),
       [](const Row& r) -> Cell { return r.pause(); }},
      {cost("sweep_termination_ns", "Sweep term.", 4, "The stop at the begin."),
       [](const Row& r) -> Cell { return r.sweep_termination; }},
      {cost("mark_termination_ns", "Mark term.", 4,
            "The stop at the end; it lasts longer than the mark phase."),
       [](const Row& r) -> Cell { return r.mark_termination; }},
  };
  add_worker_columns(c, 3);
  add_assist_columns(c, 1);
  add_sweep_columns(c, 4);
  const auto heap = [&](const char* id, const char* heading, int rank, const char* help,
                        Cell (*get)(const Row&)) {
    c.push_back({info(id, heading, Unit::kBytes, rank, help), get});
  };
  heap("heap_begin_bytes", "Heap", 2, "Live heap when it began.",
       [](const Row& r) { return size_cell(r.heap_begin); });
  heap("heap_end_bytes", "to", 2, "Live heap when it ended: what was marked.",
       [](const Row& r) { return size_cell(r.heap_end); });
  heap("goal_bytes", "Goal", 5, "Heap goal when it began; none before the first cycle is over.",
       [](const Row& r) { return size_cell(r.goal); });
  heap("next_goal_bytes", "Next goal", 3, "Heap goal that followed from it.",
       [](const Row& r) { return size_cell(r.next_goal); });
  c.push_back({info("cut", "Cut", Unit::kNone, 7,
                    "\"yes\" if the capture or the time window holds only a part of it."),
               [](const Row& r) { return r.cut ? Cell(std::string("yes")) : Cell(); }});
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
