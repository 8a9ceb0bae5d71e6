// Stops of the world: how often, for what, how long, and for whom they had to wait.
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/passes/stw/stop_watch.h"
#include "analyses/passes/stw/stw_tables.h"

namespace tracetool {
namespace {

class StwPass final : public Pass {
 public:
  explicit StwPass(const RunContext& context)
      : context_(context), watch_(context.tables, context.goroutines), results_{*context.stacks} {
    results_.worst = Worst<WorstStop>(context.list_rows(20));
  }

  void block(const Block& block) override {
    // Goroutines matter only while a stop waits for some; most blocks are far from any.
    if (!watch_.waiting() && !block.has(EventKind::kRangeBegin, EventKind::kRangeActive))
      return block.each_other([this](const Event& e) { other(e); });
    for (const Event& e : block.all()) {
      if (e.kind == EventKind::kGoTransition) {
        if (watch_.waiting()) watch_.go(e);
      } else {
        other(e);
      }
    }
  }

  void finish(const Capture& capture, Report& report) override {
    results_.length = capture.length();
    results_.selective = selective(context_);
    add_stw_tables(results_, report);
  }

 private:
  void other(const Event& e) {
    switch (e.kind) {
      case EventKind::kProcTransition:
        return watch_.proc(e);
      case EventKind::kMetric:
        return watch_.metric(e);
      case EventKind::kRangeBegin:
      case EventKind::kRangeActive:
        return watch_.range_begin(e);
      case EventKind::kRangeEnd:
        if (Stop stop; watch_.range_end(e, stop)) ended(stop);
        return;
      case EventKind::kGap:
        return watch_.forget();
      default:
        return;
    }
  }

  void ended(const Stop& stop) {
    results_.stops[{stop.kind, stop.stack}].add(stop, context_.goroutines);
    if (stop.duration <= results_.worst.threshold()) return;
    WorstStop worst{stop, 0, 0};
    if (stop.requester != kNoGo) {
      worst.goroutine = context_.goroutines[stop.requester].id;
      worst.group = context_.goroutines[stop.requester].name;
    }
    results_.worst.add(worst);
  }

  const RunContext context_;
  StopWatch watch_;
  StwResults results_;
};

}  // namespace

extern const PassInfo stw_pass{
    "stw",
    "stops of the world: kinds, lengths, who asked for them and who held them up",
    "Every stop-the-world by its kind: how often, how long in all, how long at most, and who "
    "asked\n"
    "for it. A stop has three parts: until the last other P stopped (stopping), while nobody but\n"
    "the requester ran (stopped), and from the first P that runs again to the end (resuming). "
    "Long\n"
    "stopping means that a goroutine did not yield: the list of the longest stops names it.\n"
    "Goroutine filters do not apply, as a stop concerns everybody.\n"
    "\n"
    "Examples:\n"
    "  tracetool stw trace.out\n"
    "  tracetool stw trace.out --table stw_worst --stacks\n"
    "  tracetool stw trace.out --table stw_stacks --sort longest_ns\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<StwPass>(context);
    },
    1,
    36,
    Filters::kNone};

}  // namespace tracetool
