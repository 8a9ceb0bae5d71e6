// Garbage collection: its cycles, and whom it made work for it.
#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/go/gc_names.h"
#include "analyses/go/reason_lookup.h"
#include "analyses/measure/heap_value.h"
#include "analyses/passes/gc/gc_assists.h"
#include "analyses/passes/gc/gc_cycles.h"
#include "analyses/passes/gc/gc_tables.h"

namespace tracetool {
namespace {

class GcPass final : public Pass {
 public:
  explicit GcPass(const RunContext& context)
      : context_(context),
        names_(context.tables),
        assists_(context.goroutines),
        results_{*context.stacks, assists_, GcCycles(context.list_rows(GcCycles::kMost))} {}

  void block(const Block& block) override {
    assists_.room_for(context_.goroutines.slots());
    // Who ran for how long matters when a goroutine ends, which no other does before the next
    // block.
    for (const uint16_t at : block.born_positions()) {
      const Event& e = block.events[at];
      if (e.from() == GoState::kUndetermined && e.to() == GoState::kRunning)
        assists_.ran(e.subject, e.time - e.since);
    }
    for (const uint16_t at : block.left_positions(GoState::kRunning))
      assists_.ran(block.events[at].subject, block.events[at].time - block.events[at].since);
    for (const uint16_t at : block.left_positions(GoState::kWaiting)) waited(block.events[at]);
    if (busy_count_ == 0 &&
        !block.has(EventKind::kLabel, EventKind::kRangeBegin, EventKind::kRangeActive)) {
      for (const uint16_t at : block.rare_positions()) other(block.events[at]);
    } else {
      for (const Event& e : block.all()) {
        if (e.kind == EventKind::kGoTransition) {
          if (busy_count_ > 0 && e.closes()) busy(e);
        } else if (e.kind != EventKind::kProcTransition) {
          other(e);
        }
      }
    }
    for (const uint16_t at : block.ended_positions()) assists_.ended(block.events[at].subject);
  }

  void finish(const Capture& capture, Report& report) override {
    results_.length = capture.length();
    results_.selective = selective(context_);
    count_procs(std::max(last_, capture.end));
    add_gc_tables(results_, report);
  }

 private:
  /// A goroutine while it works for the collector.
  struct Busy {
    int64_t ran = 0, runs_since = kNever;  // inside the assist
    bool assisting = false, cut = false;
    bool listed = false;  // in were_busy_
    GcName mode = GcName::kUnknown;
    bool any() const { return assisting || mode != GcName::kUnknown; }
  };

  /// The runtime's own goroutines wait for work, not for the collector to be done.
  void waited(const Event& e) {
    if (e.time == e.since || reasons_.of(e.since_name, e.since_stack) != WaitClass::kGc) return;
    const Goroutine& g = context_.goroutines[e.subject];
    if (!g.selected || is_system_goroutine(context_.tables.string(g.name))) return;
    ++results_.waits;
    results_.waited += e.time - e.since;
  }

  void busy(const Event& e) {
    if (e.subject >= busy_.size() || !busy_[e.subject].any()) return;
    Busy& b = busy_[e.subject];
    if (b.runs_since != kNever && e.to() != GoState::kRunning) {
      b.ran += e.time - b.runs_since;
      b.runs_since = kNever;
    } else if (b.runs_since == kNever && e.to() == GoState::kRunning) {
      b.runs_since = e.time;
    }
    // A label counts for the run in which it is given: all of it, as it comes right at its begin.
    if (e.spent_in() != GoState::kRunning || b.mode == GcName::kUnknown) return;
    GcWork& work = results_.cycles.current();
    int64_t& time = b.mode == GcName::kDedicated    ? work.dedicated
                    : b.mode == GcName::kFractional ? work.fractional
                                                    : work.idle;
    time += e.time - e.since;
    b.mode = GcName::kUnknown;
    if (!b.any()) --busy_count_;
  }

  void other(const Event& e) {
    switch (e.kind) {
      case EventKind::kMetric:
        metric(e);
        break;
      case EventKind::kLabel:
        if (e.g != kNoGo && is_worker(names_[e.name]))
          watch(e.g, [&](Busy& b) { b.mode = names_[e.name]; });
        break;
      case EventKind::kRangeBegin:
      case EventKind::kRangeActive:
        range_begin(e);
        break;
      case EventKind::kRangeEnd:
        range_end(e);
        break;
      case EventKind::kGap:
        results_.cycles.forget();
        for (const GoSlot slot : were_busy_) busy_[slot] = {};
        were_busy_.clear();
        busy_count_ = 0;
        stopped_since_ = kNever;
        live_.reset();
        break;
      default:
        break;
    }
    last_ = e.time;
    if (first_ == kNever) first_ = e.time;
  }

  void range_begin(const Event& e) {
    const bool active = e.kind == EventKind::kRangeActive;
    const GcName name = names_[e.name];
    // What goes on in a later generation is announced again, but begins only once.
    if (name == GcName::kMarkPhase && !results_.cycles.marking()) {
      results_.cycles.begin(e.time, active || (e.flags & kFlagOutside));
      results_.cycles.current().heap_begin = live_;
      results_.cycles.current().goal = goal_;
    } else if (is_stop(name)) {
      if (stopped_since_ == kNever) stopped_since_ = e.time;
    } else if (name == GcName::kAssist && e.scope() == RangeScope::kGoroutine) {
      // Announced by somebody else, the goroutine does not run.
      const bool runs = !active || (e.g == e.subject && e.p != kNoProc);
      watch(e.subject, [&](Busy& b) {
        if (b.assisting) return;
        b.assisting = true;
        b.cut = active || (e.flags & kFlagOutside);
        b.ran = 0;
        b.runs_since = runs ? e.time : kNever;
      });
    }
  }

  void range_end(const Event& e) {
    const GcName name = names_[e.name];
    const int64_t length = e.since == kNever ? 0 : e.time - e.since;
    if (name == GcName::kMarkPhase) {
      mark_end(e, length);
    } else if (is_stop(name)) {
      stop_end(e, name);
    } else if (name == GcName::kAssist && e.scope() == RangeScope::kGoroutine) {
      assist_end(e, length);
    } else if (name == GcName::kSweep && length > 0 && sweeper_selected(e)) {
      GcWork& work = results_.cycles.current();
      ++work.sweeps;
      work.sweep += length;
      // Ranges that the capture or the time window cuts off have no sums, or too large ones.
      if (e.flags & (kFlagOpenEnd | kFlagOutside)) return;
      work.swept.add(e.swept());
      work.reclaimed.add(e.reclaimed());
    }
  }

  /// A sweep belongs to a P; who sweeps is who runs on it.
  bool sweeper_selected(const Event& e) const {
    if (!context_.goroutines.filter().active()) return true;
    return e.g != kNoGo && context_.goroutines[e.g].selected;
  }

  void mark_end(const Event& e, int64_t length) {
    if (!results_.cycles.marking()) return;
    const bool cut = e.flags & (kFlagOpenEnd | kFlagOutside);
    GcCycle& cycle = results_.cycles.current();
    if (stopped_since_ != kNever) cycle.stopped += e.time - std::max(stopped_since_, cycle.begin);
    if (!cut) cycle.heap_end = live_;
    results_.cycles.end(length, cut);
  }

  /// Stops concern all goroutines, so that a filter by regions does not shorten them.
  void stop_end(const Event& e, GcName name) {
    const int64_t since = stopped_since_;
    stopped_since_ = kNever;
    if (since == kNever || since == e.time) return;
    const int64_t length = e.time - since;
    GcCycle& cycle = results_.cycles.current();
    if (results_.cycles.marking()) cycle.stopped += e.time - std::max(since, cycle.begin);
    if (!is_gc_stop(name)) return;
    (name == GcName::kSweepTermination ? cycle.sweep_termination : cycle.mark_termination) +=
        length;
    ++cycle.pauses;
    if (length <= results_.pause_max) return;
    results_.pause_max = length;
    results_.pause_max_at = since;
  }

  void assist_end(const Event& e, int64_t length) {
    if (e.subject >= busy_.size() || !busy_[e.subject].assisting) return;
    Busy& b = busy_[e.subject];
    if (b.runs_since != kNever) b.ran += e.time - b.runs_since;
    const int64_t ran = b.ran;
    b.assisting = false;
    b.runs_since = kNever;
    if (!b.any()) --busy_count_;
    const Goroutine& g = context_.goroutines[e.subject];
    if (length <= 0 || !g.selected) return;
    GcWork& work = results_.cycles.current();
    ++work.assists;
    work.assist += length;
    work.assist_running += ran;
    AssistSums one;
    one.add(length, ran, e.since, g.id, b.cut || (e.flags & (kFlagOpenEnd | kFlagOutside)));
    assists_.assisted(e.subject, e.since_stack, one);
  }

  template <class Change>
  void watch(GoSlot slot, Change change) {
    Busy& b = by_id(busy_, slot);
    const bool before = b.any();
    change(b);
    if (b.any() && !before) ++busy_count_;
    if (!b.listed) were_busy_.push_back(slot);
    b.listed = true;
  }

  void metric(const Event& e) {
    switch (e.metric()) {
      case Metric::kHeapAlloc:
        live_ = heap_bytes(e.value());
        break;
      case Metric::kHeapGoal:
        goal_ = heap_goal(e.value());
        if ((e.flags & kFlagOutside) == 0) results_.cycles.current().next_goal = goal_;
        break;
      case Metric::kGomaxprocs:
        if (!tells_gomaxprocs(e)) break;
        count_procs(e.time);
        procs_since_ = e.time;
        procs_ = e.value();
        break;
    }
  }
  void count_procs(int64_t now) {
    if (procs_since_ == kNever) return;
    results_.p_time += static_cast<double>(procs_) * static_cast<double>(now - procs_since_);
    procs_since_ = now;
  }

  const RunContext context_;
  GcNames names_;
  WaitReasons reasons_{context_.tables};
  GcAssists assists_;
  GcResults results_;
  std::vector<Busy> busy_;         // by slot
  std::vector<GoSlot> were_busy_;  // slots in busy_ that are not as they were at first
  uint32_t busy_count_ = 0;
  std::optional<int64_t> live_, goal_;
  int64_t stopped_since_ = kNever;
  int64_t first_ = kNever, last_ = 0;
  int64_t procs_since_ = kNever;
  uint64_t procs_ = 0;
};

}  // namespace

extern const PassInfo gc_pass{
    "gc",
    "garbage collection: cycles, pauses, mark workers, and who had to assist",
    "Every cycle of the garbage collector: its mark phase, its two pauses, what the mark workers\n"
    "took (dedicated, fractional, idle), how long goroutines had to assist, sweeping, and the "
    "heap\n"
    "before and after. Then assist detection: who was conscripted to mark while allocating\n"
    "(gcAssistAlloc), by start location and by stack, for how long, and which part of their "
    "running\n"
    "time that took. The length of an assist includes time in which the goroutine waited inside\n"
    "it; the share counts only what it ran.\n"
    "\n"
    "Examples:\n"
    "  tracetool gc trace.out\n"
    "  tracetool gc trace.out --table gc_assist --function 'server\\.'\n"
    "  tracetool gc trace.out --table gc_assist_stacks --stacks\n"
    "  tracetool gc trace.out --table gc_cycles --format csv --top 0\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<GcPass>(context);
    },
    3,
    35};

}  // namespace tracetool
