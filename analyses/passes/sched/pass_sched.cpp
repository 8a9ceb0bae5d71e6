// How long runnable goroutines waited for a P, why, and who did not give it up.
#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/measure/proc_clock.h"
#include "analyses/passes/sched/sched_tables.h"

namespace tracetool {
namespace {

class SchedPass final : public Pass {
 public:
  explicit SchedPass(const RunContext& context)
      : context_(context),
        tables_(context.tables),
        filtered_(context.goroutines.filter().active()),
        clock_(context.tables),
        results_{*context.stacks} {
    results_.waits = Worst<SchedWait>(context.list_rows(20));
    results_.runs = Worst<SchedRun>(context.list_rows(20));
  }

  void block(const Block& block) override {
    if (live_.size() < context_.goroutines.slots()) live_.resize(context_.goroutines.slots());
    // A slot has one owner a block, but perhaps another name than in the last one.
    for (const std::span<const uint16_t> list : {block.born_positions(), block.named_positions()})
      for (const uint16_t at : list) live_[block.events[at].subject].group = 0;
    for (const Event& e : block.all()) {
      if (e.kind == EventKind::kGoTransition) {
        if (e.closes()) transition(e);
        if (e.to() == GoState::kRunnable && e.foretells()) results_.runnable.change(e.time, 1);
      } else if (e.kind <= EventKind::kRangeEnd || e.kind == EventKind::kProcTransition ||
                 e.kind == EventKind::kGap) {
        other(e);
      }
    }
  }

  void finish(const Capture& capture, Report& report) override {
    const int64_t end = std::max(last_, capture.end);
    results_.runnable.finish(end);
    if (!known_ && part_begin_ != kNever) results_.unknown += end - lost_since_;
    results_.all_busy = clock_.spent(ProcMode::kAllBusy, end);
    results_.stopped = clock_.spent(ProcMode::kStopped, end);
    results_.some_idle =
        clock_.spent(ProcMode::kSomeIdle, end) - std::clamp<int64_t>(begin_, 0, end);
    results_.selective = selective(context_);
    add_sched_tables(results_, report);
  }

 private:
  struct Live {
    int64_t all_busy = 0, stopped = 0;  // readings of the clock when it became runnable
    int64_t head = 0;                   // of its first run: what lies before the first event
    uint32_t group = 0;                 // 1 + index of its group, 0 to be found
    bool switched = false;              // made runnable as a coroutine is
  };
  /// A coroutine that is switched to is made runnable and runs in one event, whose three
  /// transitions Go's reader puts 1 ns apart. It has no stack, and coroutines have no reason to
  /// wait.
  static constexpr int64_t kSwitch = 2;
  enum class Cause : uint8_t { kUnknown, kLatency, kYield, kPreempted };

  void transition(const Event& e) {
    last_ = e.time;
    // What is still runnable or running at the end neither comes nor goes.
    if (e.from() == GoState::kRunnable) {
      waited(e);
      if (!e.open_end()) results_.runnable.change(e.time, -1);
    } else if (e.from() == GoState::kRunning) {
      if (e.time > e.since) ran(e);
    } else if (e.from() == GoState::kUndetermined) {
      first_seen(e);
    }
    if (e.to() == GoState::kRunnable && !e.open_end()) {
      if (!e.foretold()) results_.runnable.change(e.time, 1);
      Live& g = live_[e.subject];
      g.all_busy = clock_.spent(ProcMode::kAllBusy, e.time);
      g.stopped = clock_.spent(ProcMode::kStopped, e.time);
      g.switched = e.from() == GoState::kWaiting && e.since_name == 0 && e.stack == 0;
    }
  }

  void waited(const Event& e) {
    const int64_t duration = e.time - e.since;
    if (duration <= 0 || !selected(e)) return;
    SchedGroup& group = group_of(e.subject);
    if (e.open_end()) return group.open.add(duration);
    const Cause cause = e.since_name == 0 ? Cause::kLatency : cause_of(e.since_name);
    if (cause == Cause::kYield) return group.yields.add(duration);
    if (cause == Cause::kPreempted) return group.preempted.add(duration);
    const Live& g = live_[e.subject];
    if (g.switched && duration <= kSwitch) return group.switches.add(duration);
    const int64_t all_busy = clock_.spent(ProcMode::kAllBusy, e.time) - g.all_busy;
    const int64_t stopped = clock_.spent(ProcMode::kStopped, e.time) - g.stopped;
    group.all_busy += all_busy;
    group.stopped += stopped;
    group.stats.add(duration, e.since, e.subject, context_.goroutines);
    results_.buckets.add(duration);
    if (duration > results_.waits.threshold()) [[unlikely]] {
      results_.waits.add({duration, e.since, all_busy, stopped, context_.goroutines[e.subject].id,
                          group.name, e.since_stack});
    }
  }

  void ran(const Event& e) {
    if (!selected(e)) return;
    const int64_t head = e.open_start() ? live_[e.subject].head : 0;
    SchedGroup& group = group_of(e.subject);
    if (e.name != 0 && e.to() == GoState::kRunnable && cause_of(e.name) == Cause::kPreempted)
      ++group.preempted_runs;
    add_run(group, e, e.since - head, e.open_end());
  }

  void add_run(SchedGroup& group, const Event& e, int64_t begin, bool open) {
    const int64_t duration = e.time - begin;
    group.runs.add(duration);
    if (duration > group.longest_run) [[unlikely]] {
      group.longest_run = duration;
      group.longest_run_begin = begin;
      group.longest_run_goroutine = context_.goroutines[e.subject].id;
    }
    if (duration > results_.runs.threshold()) [[unlikely]] {
      results_.runs.add({duration, begin, context_.goroutines[e.subject].id, group.name, e.stack,
                         e.name, static_cast<uint8_t>(e.to()), open});
    }
  }

  /// It has been in its state since the trace began. Its wait is counted from now on, as in Go's
  /// tools; its run is counted whole.
  void first_seen(const Event& e) {
    live_[e.subject].head = e.time - e.since;
    if (!selected(e)) return;
    if (e.to() == GoState::kRunnable) group_of(e.subject).open.add_first(e);
    // What ends it lies behind the window as well.
    if (e.to() == GoState::kRunning && e.first_seen_behind())
      add_run(group_of(e.subject), e, e.since, true);
  }

  void other(const Event& e) {
    if (begin_ == kNever) begin_ = e.time;
    LoadCurve& runnable = results_.runnable;
    if (e.kind == EventKind::kSync) return begin_part(e.time);
    clock_.see(e);
    if (e.kind == EventKind::kGap) {
      runnable.set(e.time, 0);
      runnable.set_capacity(e.time, 0);
      known_ = false;
      lost_since_ = e.time;
    } else if (tells_gomaxprocs(e)) {
      runnable.set_capacity(e.time, clock_.procs());
    }
  }
  /// After what was lost, and at the begin of the capture.
  void begin_part(int64_t now) {
    if (known_) return;
    if (part_begin_ != kNever) results_.unknown += now - lost_since_;
    results_.runnable.change(now, 0);
    part_begin_ = now;
    known_ = true;
  }

  bool selected(const Event& e) const {
    return !filtered_ || context_.goroutines[e.subject].selected;
  }

  SchedGroup& group_of(GoSlot slot) {
    uint32_t& index = live_[slot].group;
    if (index == 0) {
      const StringId name = context_.goroutines[slot].name;
      index = results_.groups.index(name, [&] { return SchedGroup{.name = name}; });
    }
    return results_.groups[index];
  }

  Cause cause_of(StringId reason) {
    Cause& cause = by_id(causes_, reason);
    if (cause == Cause::kUnknown) {
      const std::string_view text = tables_.string(reason);
      cause = text == "runtime.Gosched" ? Cause::kYield
              : text == "preempted"     ? Cause::kPreempted
                                        : Cause::kLatency;
    }
    return cause;
  }

  const RunContext context_;
  const Tables& tables_;
  const bool filtered_;
  ProcClock clock_;
  SchedResults results_;
  std::vector<Live> live_;     // by slot
  std::vector<Cause> causes_;  // by reason
  int64_t begin_ = kNever, last_ = 0;
  int64_t part_begin_ = kNever, lost_since_ = 0;  // of the part without losses
  bool known_ = false;
};

}  // namespace

extern const PassInfo sched_pass{
    "sched",
    "how long runnable goroutines waited for a P, and why",
    "Scheduler latency: the time from being made runnable to running, by start location, with the\n"
    "worst single waits. Each wait is split into time with all Ps busy, time with the world\n"
    "stopped, and time with a P idle that had yet to be woken. Waits after runtime.Gosched and\n"
    "after a preemption are kept apart: somebody else was simply given the P. So are switches\n"
    "between coroutines (iter.Pull), which wait for nothing. Then how many goroutines wanted a P\n"
    "over time, and who ran longest without giving it up.\n"
    "\n"
    "Examples:\n"
    "  tracetool sched trace.out\n"
    "  tracetool sched trace.out --no-system --sort p99_ns\n"
    "  tracetool sched trace.out --format csv --table sched_worst --top 0\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<SchedPass>(context);
    },
    11,
    20};

}  // namespace tracetool
