// The tables of the sched pass.
#include "analyses/passes/sched/sched_tables.h"

#include <cmath>

#include "analyses/measure/columns.h"
#include "analyses/passes/sched/sched_columns.h"

namespace tracetool {

DurationBuckets::DurationBuckets() {
  for (size_t b = 1; b < kBuckets; ++b) {
    const double exact = std::pow(10.0, static_cast<double>(b) / 5);
    lower_[b] = std::llround(std::ceil(exact - 1e-6));
  }
  // The last one takes all that there may be.
  lower_[kBuckets] = INT64_MAX;
  for (size_t bits = 1; bits < first_.size(); ++bits) {
    const uint64_t smallest = uint64_t{1} << (bits - 1);
    size_t b = first_[bits - 1];
    while (b + 1 < kBuckets && smallest >= static_cast<uint64_t>(lower_[b + 1])) ++b;
    first_[bits] = static_cast<uint8_t>(b);
  }
}

namespace {

struct Summary {
  DurationStats stats = {};
  int64_t all_busy = 0, stopped = 0;
  CountTime yields = {}, preempted = {}, switches = {}, open = {};
  LoadCurve::Step load = {};
  double load_most = 0;
  const SchedResults* results = nullptr;
  double known() const { return static_cast<double>(load.length - results->unknown); }
  double wall() const {
    return static_cast<double>(results->all_busy + results->stopped + results->some_idle);
  }
};

/// A group, and its name as text.
struct GroupRow : SchedGroup {
  std::string text;
};

struct StepRow {
  int64_t time;
  LoadCurve::Step step;
};

struct BucketRow {
  int64_t from, below;
  uint64_t count;
  double share, below_share;
};

double per_p(const LoadCurve::Step& s) { return s.capacity == 0 ? 0 : s.area / s.capacity; }

template <class Row>
void add_apart_columns(Columns<Row>& c, int rank) {
  append(c, {{cost_count("yield_count", "Yields", rank,
                         "Waits after runtime.Gosched; not in the other columns."),
              [](const Row& r) { return count_cell(r.yields.count); }},
             {cost("yield_ns", "Yield wait", rank, "Their time."),
              [](const Row& r) -> Cell { return r.yields.time; }},
             {cost_count("preempted_count", "Preempted", rank,
                         "Waits after a preemption; not in the other columns."),
              [](const Row& r) { return count_cell(r.preempted.count); }},
             {cost("preempted_ns", "Preempted wait", rank, "Their time."),
              [](const Row& r) -> Cell { return r.preempted.time; }},
             {cost_count("switch_count", "Switches", rank + 1,
                         "Coroutines (iter.Pull) that were switched to without waiting; not in the "
                         "other columns."),
              [](const Row& r) { return count_cell(r.switches.count); }},
             {cost("switch_ns", "Switch time", rank + 1, "2 ns each: only their order is told."),
              [](const Row& r) -> Cell { return r.switches.time; }}});
  add_open_columns(c, rank + 1);
}

Columns<Summary> summary_columns() {
  using Row = Summary;
  Columns<Row> c;
  add_sum_columns(c, "Waits for a P, from being made runnable to running.");
  add_distribution_columns(c, true);
  add_cause_columns<Row>(c, 0, of<&Row::all_busy>, of<&Row::stopped>, [](const Row& r) -> Cell {
    return r.stats.durations.sum() - r.all_busy - r.stopped;
  });
  add_apart_columns(c, 0);
  append(
      c,
      {{info("gomaxprocs_mean", "GOMAXPROCS", Unit::kCount, 0, "Mean over time.", Role::kStat),
        [](const Row& r) { return ratio_cell(r.load.capacity, r.known()); }},
       {level("runnable_mean", "Runnable, mean", 0,
              "Goroutines that waited for a P, mean over time, all goroutines of the program.",
              Unit::kCount),
        [](const Row& r) { return ratio_cell(r.load.area, r.known()); }},
       {level("runnable_max", "Runnable, most", 0, "The most at any time.", Unit::kCount),
        [](const Row& r) -> Cell { return r.load.peak; }},
       {level("runnable_per_p_mean", "Runnable per P", 0,
              "Mean over time; from about 1 on the program has more to do than Ps to do it.",
              Unit::kCount),
        [](const Row& r) { return ratio_cell(r.load.area, r.load.capacity); }},
       {level("runnable_per_p_max", "Runnable per P, most", 0,
              "Highest mean of any step of the curve.", Unit::kCount),
        of<&Row::load_most>},
       {share("time_all_busy", "Time with all Ps busy", 0, "Share of the capture."),
        [](const Row& r) { return ratio_cell(real(r.results->all_busy), r.wall()); }},
       {level("time_stw", "Time with the world stopped", 0, "Share of the capture.", Unit::kRatio),
        [](const Row& r) { return ratio_cell(real(r.results->stopped), r.wall()); }},
       {share("time_idle", "Time with a P idle", 0, "Share of the capture."),
        [](const Row& r) { return ratio_cell(real(r.results->some_idle), r.wall()); }}});
  return c;
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {{start_location(), of<&Row::text>}};
  add_sum_columns(c, "Waits for a P, from being made runnable to running.");
  add_distribution_columns(c, true);
  add_cause_columns<Row>(c, 5, of<&Row::all_busy>, of<&Row::stopped>, [](const Row& r) -> Cell {
    return r.stats.durations.sum() - r.all_busy - r.stopped;
  });
  add_apart_columns(c, 6);
  return c;
}

Columns<GroupRow> run_columns() {
  using Row = GroupRow;
  Columns<Row> c = {{start_location(), of<&Row::text>}};
  append(c, {{count("runs", "Runs", 0, "Times that they ran, from getting a P to giving it up."),
              [](const Row& r) { return count_cell(r.runs.count); }},
             {amount("execution_ns", "Execution", 0, "Time of all runs."),
              [](const Row& r) -> Cell { return r.runs.time; }}});
  append(c,
         {{cost_count("preempted_runs", "Preempted", 1,
                      "Runs that ended because the runtime took the P away."),
           count_of<&Row::preempted_runs>},
          {info("mean_ns", "Mean", Unit::kNanoseconds, 2, "Execution a run.", Role::kStat),
           [](const Row& r) {
             return ratio_cell(real(r.runs.time), real(static_cast<int64_t>(r.runs.count)));
           }},
          {peak("longest_ns", "Longest", 0, "The longest run."), of<&Row::longest_run>},
          {moment("longest_at_ns", "Longest at", 3, "When it began."),
           time_of<&Row::longest_run_begin>},
          {info("longest_goroutine", "Goroutine", Unit::kId, 3, "Whose it was."), [](const Row& r) {
             return r.longest_run == 0 ? Cell() : count_cell(r.longest_run_goroutine);
           }}});
  return c;
}

const Columns<StepRow> kStepColumns = {
    {step_time(), of<&StepRow::time>},
    {info("runnable_per_p", "Runnable per P", Unit::kNone, 0,
          "Goroutines that wait for a P, per P, mean over the step.", Role::kStat),
     [](const StepRow& r) -> Cell { return per_p(r.step); }},
    {info("runnable_mean", "Runnable", Unit::kCount, 1, "Mean over the step.", Role::kStat),
     [](const StepRow& r) { return ratio_cell(r.step.area, real(r.step.length)); }},
    {info("runnable_max", "Most", Unit::kCount, 2, "The most at any time of the step.", Role::kMax),
     [](const StepRow& r) -> Cell { return r.step.peak; }},
};

const Columns<BucketRow> kBucketColumns = {
    {info("from_ns", "From", Unit::kNanoseconds, 0, "Shortest wait that falls into the bucket.",
          Role::kKey),
     of<&BucketRow::from>},
    {info("below_ns", "Below", Unit::kNanoseconds, 1, "Waits are shorter than this."),
     of<&BucketRow::below>},
    {count("count", "Count", 0, "Waits of that length."), count_of<&BucketRow::count>},
    {share("share", "Share", 0, "Of all waits."), of<&BucketRow::share>},
    {share("cumulative", "Up to here", 0, "Share of the waits in this bucket or in a shorter one."),
     of<&BucketRow::below_share>},
};

Summary summarize(const SchedResults& results) {
  Summary sum{.load = results.runnable.total(), .results = &results};
  for (const SchedGroup& g : results.groups.rows()) {
    sum.stats.merge(g.stats);
    sum.all_busy += g.all_busy;
    sum.stopped += g.stopped;
    sum.yields.merge(g.yields);
    sum.preempted.merge(g.preempted);
    sum.switches.merge(g.switches);
    sum.open.merge(g.open);
  }
  for (const LoadCurve::Step& step : results.runnable.steps())
    sum.load_most = std::max(sum.load_most, per_p(step));
  return sum;
}

void add_groups(const SchedResults& results, Report& report) {
  std::vector<GroupRow> rows;
  for (const SchedGroup& g : results.groups.rows())
    rows.push_back({g, name_or_unknown(results.stacks.tables(), g.name)});
  Table waits{.id = "sched",
              .title = "Waits for a P by start location",
              .help = "Total = Ps busy + STW + P idle.",
              .sort_by = "total_ns"};
  fill(waits, group_columns(), rows);
  report.tables.push_back(std::move(waits));
  Table runs{.id = "sched_runs",
             .detail = true,
             .title = "Runs by start location",
             .help = "How long goroutines kept a P before they blocked or were preempted.",
             .sort_by = "longest_ns"};
  fill(runs, run_columns(), rows);
  report.tables.push_back(std::move(runs));
}

void add_histogram(const SchedResults& results, uint64_t all, Report& report) {
  const DurationBuckets& buckets = results.buckets;
  std::vector<BucketRow> rows;
  uint64_t below = 0;
  for (size_t b = 0; b < DurationBuckets::kBuckets; ++b) {
    if (buckets[b] == 0) continue;
    below += buckets[b];
    rows.push_back({buckets.lower(b), buckets.lower(b + 1), buckets[b],
                    static_cast<double>(buckets[b]) / static_cast<double>(all),
                    static_cast<double>(below) / static_cast<double>(all)});
  }
  Table table{.id = "sched_histogram",
              .detail = true,
              .title = "Distribution of the waits for a P",
              .help = "Five buckets a decade; empty ones are left out."};
  fill(table, kBucketColumns, rows);
  report.tables.push_back(std::move(table));
}

void add_curve(const SchedResults& results, Report& report) {
  std::vector<StepRow> rows;
  int64_t time = results.runnable.begin();
  for (const LoadCurve::Step& step : results.runnable.steps()) {
    rows.push_back({time, step});
    time += step.length;
  }
  Table table{.id = "sched_runnable",
              .title = "Oversubscription: runnable goroutines per P over time",
              .help =
                  "Goroutines that wait for a P, those that run not counted; all goroutines of "
                  "the program, whatever the filters.",
              .layout = Layout::kPlot};
  fill(table, kStepColumns, rows);
  report.tables.push_back(std::move(table));
}

}  // namespace

void add_sched_tables(const SchedResults& results, Report& report) {
  const Summary sum = summarize(results);
  Table summary{.id = "sched_summary",
                .title = "Scheduler latency",
                .help = "The wait for a P, from being made runnable to running.",
                .layout = Layout::kRecord};
  fill(summary, summary_columns(), std::vector<Summary>{sum});
  if (results.selective) {
    summary.notes.emplace_back(
        "filters by goroutine, task or region select waits and runs; what is runnable and how the "
        "Ps' time passed is the program's");
  }
  report.tables.push_back(std::move(summary));
  add_groups(results, report);
  add_histogram(results, sum.stats.durations.count(), report);
  add_worst_waits(results, report);
  add_curve(results, report);
  add_longest_runs(results, report);
}

}  // namespace tracetool
