// The heap over time: its size, its goal, how fast it is filled and whether it grows.
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/go/gc_names.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/measure/heap_value.h"
#include "analyses/passes/heap/heap_account.h"

namespace tracetool {
namespace {

struct StepRow {
  int64_t time;
  HeapCurve::Step step;
};

Columns<HeapAccount> record_columns() {
  using Row = HeapAccount;
  Columns<Row> c;
  c.push_back({count("samples", "Samples", 0, "Times that the heap's size was written."),
               count_of<&Row::samples>});
  append(
      c,
      {{count("collections", "Collections", 0, "That ended in the capture."),
        count_of<&Row::collections>},
       {info("first_bytes", "First", Unit::kBytes, 0, "Live heap at the begin.", Role::kStat),
        size_of<&Row::first>},
       {cost("allocated_bytes", "+ allocated", 0, "Change between collections.", Unit::kBytes),
        of<&Row::allocated>},
       {amount("freed_bytes", "- freed", 0, "Drops at the end of collections.", Unit::kBytes),
        of<&Row::freed>},
       {amount("unknown_bytes", "+ unknown", 0, "Change where a damaged capture has gaps.",
               Unit::kBytes),
        of<&Row::unknown>},
       {level("last_bytes", "= last", 0, "Live heap at the end.", Unit::kBytes),
        size_of<&Row::last>},
       {peak("peak_bytes", "Peak", 0, "Largest live heap.", Unit::kBytes), size_of<&Row::peak>},
       {moment("peak_at_ns", "Peak at", 0, "When that was."), time_of<&Row::peak_at>},
       {least("min_bytes", "Least", 0, "Smallest live heap.", Unit::kBytes), size_of<&Row::least>},
       {moment("min_at_ns", "Least at", 0, "When that was."), time_of<&Row::least_at>},
       {info("goal_bytes", "Goal", Unit::kBytes, 0,
             "Heap goal at the end; none if there was none yet, or if only a limit starts "
             "collections.",
             Role::kStat),
        size_of<&Row::last_goal>},
       {cost("over_goal_ns", "Above goal", 0, "Time with a larger live heap than the goal."),
        of<&Row::over_goal>},
       {level("alloc_rate", "Allocation rate", 0,
              "What was allocated, by the time since the first sample.", Unit::kBytesPerSecond),
        [](const Row& r) {
          // The runtime lowers its estimates; what it lowered by is no allocation.
          if (r.allocated < 0) return Cell();
          return ratio_cell(real(r.allocated) * 1e9, real(r.observed));
        }},
       {level("growth_rate", "Growth rate", 0, "Trend of what collections left; needs two of them.",
              Unit::kBytesPerSecond),
        [](const Row& r) {
          const std::optional<double> growth = r.growth();
          return growth ? Cell(*growth) : Cell();
        }}});
  return c;
}

const Columns<StepRow> kCurveColumns = {
    {step_time("Where the step begins."), of<&StepRow::time>},
    {peak("live_bytes", "Live heap", 0, "Most of the step.", Unit::kBytes),
     [](const StepRow& r) { return optional_cell(r.step.most); }},
    {level("live_last_bytes", "at its end", 1, "Live heap where the step ends.", Unit::kBytes),
     [](const StepRow& r) { return optional_cell(r.step.last); }},
    {info("goal_bytes", "Goal", Unit::kBytes, 1, "Heap goal where the step ends."),
     [](const StepRow& r) { return optional_cell(r.step.goal); }},
    {cost("allocated_bytes", "Allocated", 2, "Change in the step without that by collections.",
          Unit::kBytes),
     [](const StepRow& r) -> Cell { return r.step.allocated; }},
};

class HeapPass final : public Pass {
 public:
  explicit HeapPass(const RunContext& context)
      : names_(context.tables), selective_(selective(context)) {}

  void block(const Block& block) override {
    for (const uint16_t at : block.rare_positions()) event(block.events[at]);
  }

  void finish(const Capture& capture, Report& report) override;

 private:
  void event(const Event& e) {
    if (begin_ == kNever) {
      begin_ = e.time;
      heap_.begin(e.time);
    }
    // What lies behind the time window only tells whether its last sample was a collection's.
    const bool outside = e.flags & kFlagOutside, behind = outside && e.time > begin_;
    last_ = e.time;
    switch (e.kind) {
      case EventKind::kMetric:
        if (behind) closed_ = true;
        if (behind) return;
        if (e.metric() == Metric::kHeapAlloc) heap_.live(e.time, heap_bytes(e.value()), outside);
        if (e.metric() == Metric::kHeapGoal) heap_.goal(e.time, heap_goal(e.value()));
        return;
      case EventKind::kRangeEnd:
        if (e.open_end() || closed_ || names_[e.name] != GcName::kMarkPhase) return;
        return heap_.collected(e.time, !outside);
      case EventKind::kGap:
        return heap_.gap(e.time);
      default:
        return;
    }
  }

  GcNames names_;
  HeapAccount heap_;
  const bool selective_;
  int64_t begin_ = kNever, last_ = 0;
  bool closed_ = false;
};

void HeapPass::finish(const Capture& capture, Report& report) {
  std::vector<StepRow> steps;
  if (begin_ != kNever) {
    heap_.finish(std::max(last_, capture.end));
    int64_t time = heap_.curve.begin();
    for (const HeapCurve::Step& step : heap_.curve.steps()) {
      if (heap_.first) steps.push_back({time, step});
      time += heap_.curve.width();
    }
  }
  Table record{.id = "heap",
               .title = "Heap",
               .help = "First + allocated - freed + unknown = last.",
               .layout = Layout::kRecord};
  fill(record, record_columns(), std::vector<HeapAccount>{heap_});
  if (begin_ != kNever && !heap_.first)
    record.notes.emplace_back("the heap's size is not in this capture: nothing was allocated");
  if (selective_)
    record.notes.emplace_back(
        "filters by goroutine, task or region do not apply: the heap is everybody's");
  if (heap_.nonsense > 0) {
    record.notes.push_back(std::to_string(heap_.nonsense) +
                           " sizes above 1 PiB are nonsense and were left out");
  }
  report.tables.push_back(std::move(record));
  Table curve{.id = "heap_curve",
              .title = "Live heap over time",
              .help = "At most 128 equal steps.",
              .layout = Layout::kPlot};
  fill(curve, kCurveColumns, steps);
  report.tables.push_back(std::move(curve));
}

}  // namespace

extern const PassInfo heap_pass{
    "heap",
    "the heap over time: size, goal, allocation rate and growth",
    "The live heap as the runtime estimates it, from begin to end: its peak, what was allocated\n"
    "between collections and what these freed, how fast, and its trend after collections, which\n"
    "tells a leak from the saw-tooth of normal use. Then its curve over time; other formats than\n"
    "text also give the goal and what was allocated in each step.\n"
    "\n"
    "Examples:\n"
    "  tracetool heap trace.out\n"
    "  tracetool heap trace.out --from 1s --to 2s\n"
    "  tracetool heap trace.out --table heap_curve --format csv\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<HeapPass>(context);
    },
    1,
    38,
    Filters::kNone};

}  // namespace tracetool
