// How many Ps run the program at once, what the others do, and who runs alone while work waits.
#include <algorithm>
#include <array>
#include <map>

#include "analyses/engine/by_id.h"
#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/go/gc_names.h"
#include "analyses/measure/proc_clock.h"
#include "analyses/passes/parallelism/blocked_by.h"
#include "analyses/passes/parallelism/parallelism_tables.h"
#include "analyses/passes/parallelism/serial_causes.h"

namespace tracetool {
namespace {

bool executes(GoState s) { return s == GoState::kRunning || s == GoState::kSyscall; }

class ParallelismPass final : public Pass {
 public:
  ParallelismPass(const RunContext& context, int64_t shortest)
      : context_(context),
        shortest_(shortest),
        clock_(context.tables),
        gc_names_(context.tables),
        serial_(context.goroutines, shortest),
        blocked_by_(context.tables) {}

  void block(const Block& block) override {
    if (live_.size() < context_.goroutines.slots()) live_.resize(context_.goroutines.slots());
    for (const uint16_t at : block.foretold_positions()) live_[block.events[at].subject] = {};
    for (const uint16_t at : block.born_positions()) {
      const Event& e = block.events[at];
      e.foretold() ? named(e) : void(live_[e.subject] = {});
    }
    for (const uint16_t at : block.named_positions()) named(block.events[at]);
    events_ += block.count;
    for (const Event& e : block.all()) {
      if (e.open_end()) {
        closed(e);
        continue;
      }
      if (serial_.serial() && e.g == serial_.runner() && e.stack > kEmptyStack)
        serial_.seen(e.time, e.stack);
      if (e.kind == EventKind::kGoTransition) {
        if ((e.closes() || e.foretells()) && !e.foretold()) transition(e);
      } else if (e.kind == EventKind::kRegionBegin || e.kind == EventKind::kRegionEnd) {
        if (context_.scoped && e.g != kNoGo) scope(e);
      } else if (e.kind <= EventKind::kRangeEnd || e.kind == EventKind::kProcTransition ||
                 e.kind == EventKind::kGap) {
        other(e);
      }
    }
  }

  void finish(const Capture& capture, Report& report) override;

 private:
  /// A goroutine, as long as it lives.
  struct Live {
    int64_t wait_begin = kNever, wait_end = kNever;  // of its last wait; no end: still waiting
    StackId stack = 0;
    StringId reason = 0;
    ProcIndex p = kNoProc;                        // on which it executes
    ProcUse use = ProcUse::kAbsent;               // what its runs count as, kAbsent to be found
    bool counted = false;                         // in waiting_
    bool assisting = false;                       // in a mark assist
    SerialCause blocked = SerialCause::kNothing;  // in blocked_, unless kNothing
    bool heir = false;    // inside of what --task selects for as long as it lives
    uint32_t inside = 0;  // open regions inside of what --task and --region select
  };

  int64_t stopped(int64_t now) const { return clock_.spent(ProcMode::kStopped, now); }
  void named(const Event& e) {
    Live& g = live_[e.subject];
    if ((e.flags & kFlagNames) && g.use != ProcUse::kGc) g.use = ProcUse::kAbsent;
  }
  /// Accounts the time until now: before any of busy_, idle Ps, "somebody is runnable" and "work
  /// waits" changes.
  void tick(int64_t now) {
    const int64_t time = now - last_;
    if (time == 0) return;
    last_ = now;
    levels_.pass(time, busy_, procs_.idle(), runnable_ > 0, clock_.stopped());
    if (busy_ <= 1 && work_waits()) work_waited_ += time;
  }

  /// One jump for the frequent ones, in place of a branch for each question about the states.
  void transition(const Event& e) {
    using enum GoState;
    switch (e.from_to) {
      case pack_states(kRunnable, kRunning):
        return move(e, kRunnable, kRunning);
      case pack_states(kRunning, kRunnable):
        return move(e, kRunning, kRunnable);
      case pack_states(kRunning, kWaiting):
        return move(e, kRunning, kWaiting);
      case pack_states(kRunning, kNotExist):
        return move(e, kRunning, kNotExist);
      case pack_states(kWaiting, kRunnable):
        return move(e, kWaiting, kRunnable);
      case pack_states(kNotExist, kRunnable):
        return move(e, kNotExist, kRunnable);
      default:
        return e.from() == kUndetermined ? first_seen(e) : move(e, e.from(), e.to());
    }
  }
  [[gnu::always_inline]] void move(const Event& e, GoState from, GoState to) {
    Live& g = live_[e.subject];
    if (e.flags & kFlagInside) g.heir = true;
    if (from == GoState::kRunnable) {
      if (runnable_ == 1) tick(e.time);
      --runnable_;
      runnable_curve_.change(e.time, -1);
    } else if (from == GoState::kWaiting) {
      if (g.counted) {
        if (waiting_ + runnable_ == 1) tick(e.time);
        --waiting_;
        g.counted = false;
      }
      --blocked_[static_cast<size_t>(g.blocked)];
      g.blocked = SerialCause::kNothing;
      g.wait_end = e.time;
    }
    if (executes(to)) {
      const bool before = executes(from) && g.p != kNoProc;
      occupy(before ? g.p : e.p, e.subject, to, e.time);
    } else if (executes(from)) {
      if (g.p != kNoProc) release(procs_.at(g.p), ProcUse::kSchedule, e.time);
      if (from == GoState::kRunning) {
        update(e.time);
        serial_.stopped(e.subject, e.stack > kEmptyStack ? e.stack : 0);
      }
    }
    if (to == GoState::kRunnable) {
      if (runnable_ == 0) tick(e.time);
      ++runnable_;
      runnable_curve_.change(e.time, 1);
    } else if (to == GoState::kWaiting) {
      wait(e.subject, e.time, e.name, e.stack);
    } else if (to == GoState::kNotExist) {
      g.wait_begin = kNever;
    }
    update(e.time);
  }

  /// It has been in its state since the known part of the trace began, or nothing is known of it
  /// before.
  void first_seen(const Event& e) {
    if (e.to() == GoState::kRunnable) {
      if (runnable_ == 0) tick(e.time);
      ++runnable_;
      runnable_curve_.change(e.time, 1);
    } else if (e.to() == GoState::kWaiting) {
      wait(e.subject, e.time, e.name, e.stack > kEmptyStack ? e.stack : e.transition_stack());
    } else if (executes(e.to())) {
      occupy(e.p, e.subject, e.to(), e.time);
    }
    update(e.time);
  }

  void wait(GoSlot slot, int64_t now, StringId reason, StackId stack) {
    Live& g = live_[slot];
    g.wait_begin = now;
    g.wait_end = kNever;
    g.reason = reason;
    g.stack = stack > kEmptyStack ? stack : 0;
    const bool user = use_of(slot, GoState::kRunning) == ProcUse::kUser;
    g.blocked = user ? blocked_by_.cause(reason, g.stack) : SerialCause::kNothing;
    ++blocked_[static_cast<size_t>(g.blocked)];
    g.counted = user && blocked_by_.for_others(reason, g.stack);
    if (!g.counted) return;
    if (waiting_ + runnable_ == 0) tick(now);
    ++waiting_;
  }
  /// What most holds up the others, if exactly one P runs the program.
  SerialCause cause() const {
    if (blocked_[static_cast<size_t>(SerialCause::kLock)] > 0) return SerialCause::kLock;
    if (blocked_[static_cast<size_t>(SerialCause::kCollector)] > 0 ||
        (busy_ == 1 && live_[runners_].assisting))
      return SerialCause::kCollector;
    if (gomaxprocs_ > 0 && 1 + runnable_ >= kWellUsed * gomaxprocs_) return SerialCause::kProc;
    return waiting_ + runnable_ > 0 ? SerialCause::kOthers : SerialCause::kNothing;
  }

  bool in_scope(const Live& g) const { return !context_.scoped || g.heir || g.inside > 0; }
  ProcUse use_of(GoSlot slot, GoState state) {
    if (state == GoState::kSyscall) return ProcUse::kSyscall;
    ProcUse& use = live_[slot].use;
    if (use == ProcUse::kAbsent) use = find_use(slot);
    return use;
  }
  ProcUse find_use(GoSlot slot) {
    const Goroutine& g = context_.goroutines[slot];
    ProcUse& use = by_id(use_by_name_, g.name, ProcUse::kAbsent);
    if (use == ProcUse::kAbsent) {
      const std::string_view name = context_.tables.string(g.name);
      use = name == "runtime.gcBgMarkWorker"           ? ProcUse::kGc
            : g.name != 0 && is_system_goroutine(name) ? ProcUse::kOther
                                                       : ProcUse::kUser;
    }
    const bool wanted = g.selected && in_scope(live_[slot]);
    return use == ProcUse::kUser && !wanted ? ProcUse::kOther : use;
  }

  void occupy(ProcIndex index, GoSlot slot, GoState state, int64_t now) {
    if (index >= kFirstPseudoProc) return;
    if (index >= procs_.all().size()) tick(now);
    ProcUsage::Proc& p = procs_.at(index);
    if (p.g != kNoGo && p.g != slot) release(p, ProcUse::kSchedule, now);
    p.g = slot;
    live_[slot].p = index;
    turn(p, use_of(slot, state), now);
  }
  void release(ProcUsage::Proc& p, ProcUse use, int64_t now) {
    turn(p, use, now);
    if (p.g != kNoGo) live_[p.g].p = kNoProc;
    p.g = kNoGo;
  }
  /// Whoever is or gets on it is in `g` already.
  void turn(ProcUsage::Proc& p, ProcUse use, int64_t now) {
    const bool before = p.use == ProcUse::kUser, after = use == ProcUse::kUser;
    const bool was_idle = p.use == ProcUse::kIdle, is_idle = use == ProcUse::kIdle;
    if (before != after || was_idle != is_idle) tick(now);
    // Stops count for idle Ps only.
    procs_.turn(p, use, now, was_idle || is_idle ? stopped(now) : 0);
    if (before == after) return;
    const int by = after ? 1 : -1;
    busy_ += by;
    runners_ ^= p.g;
    busy_curve_.change(now, by);
    changed_ = true;
  }
  /// Tells who runs alone from now on.
  void update(int64_t now) {
    if (busy_ < 2 || changed_) causes_.see(now, busy_, busy_ < 2 ? cause() : SerialCause::kNothing);
    if (!changed_) return;
    changed_ = false;
    if (serial_.level(now, busy_, busy_ == 1 ? runners_ : kNoGo, work_waited_)) keep_phase();
  }
  bool work_waits() const { return procs_.count() > 1 && waiting_ + runnable_ > 0; }
  [[gnu::noinline]] void closed(const Event& e) {
    if (e.kind == EventKind::kGoTransition) closed_.push_back(e.subject);
  }
  void keep_phase();
  void look_who_waited(SerialPhase& phase);

  void other(const Event& e);
  void label(const Event& e);
  void scope(const Event& e);
  /// Its run counts as something else from now on.
  void use_changed(GoSlot slot, int64_t now);

  const RunContext context_;
  const int64_t shortest_;
  ProcClock clock_;
  ProcUsage procs_;
  BusyLevels levels_;
  GcNames gc_names_;
  SerialTime serial_;
  SerialCauses causes_;
  LoadCurve busy_curve_, runnable_curve_;
  std::vector<Live> live_;            // by slot
  std::vector<GoSlot> closed_;        // by the end of a part of the trace
  std::vector<ProcUse> use_by_name_;  // of the runtime's, or the program's; kAbsent not looked at
  BlockedBy blocked_by_;
  std::array<int, kSerialCauses> blocked_{};  // goroutines of the program that wait
  int busy_ = 0, runnable_ = 0, waiting_ = 0, gomaxprocs_ = 0;
  GoSlot runners_ = 0;  // slots of all that run the program, xored: of the one if there is one
  bool changed_ = false;
  bool known_ = false;  // not before the first event, nor in a gap
  int64_t last_ = kNever, unknown_ = 0;
  int64_t work_waited_ = 0;  // with at most one P busy
  uint64_t events_ = 0, looked_at_ = 0;
};

void ParallelismPass::other(const Event& e) {
  switch (e.kind) {
    case EventKind::kSync:
      if (known_) return;
      if (last_ != kNever) unknown_ += e.time - last_;
      last_ = e.time;
      known_ = true;
      procs_.begin(e.time);
      busy_curve_.change(e.time, 0);
      runnable_curve_.change(e.time, 0);
      return;
    case EventKind::kLabel:
      return label(e);
    case EventKind::kStackSample:
      return;
    case EventKind::kProcTransition: {
      if (e.subject >= kFirstPseudoProc || e.foretold() || !(e.closes() || e.foretells())) break;
      const auto p = static_cast<ProcIndex>(e.subject);
      tick(e.time);
      const bool running = e.proc_to() == ProcState::kRunning;
      if (running && procs_.at(p).g != kNoGo) break;
      release(procs_.at(p),
              running                           ? ProcUse::kSchedule
              : e.proc_to() == ProcState::kIdle ? ProcUse::kIdle
                                                : ProcUse::kAbsent,
              e.time);
      break;
    }
    default:
      break;
  }
  tick(e.time);
  clock_.see(e);
  if (e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd &&
      e.scope() == RangeScope::kGoroutine && gc_names_[e.name] == GcName::kAssist)
    live_[e.subject].assisting = e.kind != EventKind::kRangeEnd;
  if (tells_gomaxprocs(e)) {
    procs_.resize(e.value(), e.time, stopped(e.time));
    busy_curve_.set_capacity(e.time, procs_.count());
    gomaxprocs_ = procs_.count();
  } else if (e.kind == EventKind::kGap) {
    if (serial_.finish(e.time, work_waited_)) keep_phase();
    serial_.settle_all();
    causes_.settle(e.time);
    blocked_ = {};
    procs_.forget(e.time, stopped(e.time));
    busy_curve_.set(e.time, 0);
    busy_curve_.set_capacity(e.time, 0);
    runnable_curve_.set(e.time, 0);
    busy_ = runnable_ = waiting_ = gomaxprocs_ = 0;
    runners_ = 0;
    changed_ = known_ = false;
    for (const GoSlot slot : closed_) live_[slot] = {};
    closed_.clear();
  }
  update(e.time);
}

/// A mark worker tells that it is one each time that it begins to run.
void ParallelismPass::label(const Event& e) {
  if (e.g == kNoGo) return;
  Live& g = live_[e.g];
  if (!works_for_gc(gc_names_[e.name]) || g.use == ProcUse::kGc) return;
  g.use = ProcUse::kGc;
  use_changed(e.g, e.time);
}

/// A region begins or ends: with --task and --region only what is inside of some counts.
void ParallelismPass::scope(const Event& e) {
  Live& g = live_[e.g];
  const bool before = in_scope(g);
  if (e.kind == EventKind::kRegionBegin) {
    g.inside += (e.flags & kFlagInside) != 0;
  } else {
    g.inside -= (e.flags & kFlagInside) != 0 && g.inside > 0;
  }
  if (in_scope(g) == before || g.use == ProcUse::kGc) return;
  g.use = ProcUse::kAbsent;
  use_changed(e.g, e.time);
}

void ParallelismPass::use_changed(GoSlot slot, int64_t now) {
  const Live& g = live_[slot];
  if (g.p == kNoProc || procs_.at(g.p).g != slot) return;
  tick(now);
  turn(procs_.at(g.p), use_of(slot, GoState::kRunning), now);
  update(now);
}

/// Seldom, as only the longest phases get here. If one is longer than the other, again and again,
/// of not all of them it can be told who waited.
void ParallelismPass::keep_phase() {
  constexpr uint64_t kFreeLooks = 1 << 20, kLooksAnEvent = 4;
  SerialPhase& phase = serial_.candidate();
  phase.looked = looked_at_ <= kFreeLooks + kLooksAnEvent * events_;
  if (phase.looked) look_who_waited(phase);
  phase.runnable = static_cast<uint32_t>(runnable_);
  serial_.keep();
}

void ParallelismPass::look_who_waited(SerialPhase& phase) {
  looked_at_ += live_.size();
  std::map<std::pair<StringId, StackId>, uint32_t> waits;
  for (GoSlot slot = 0; slot < live_.size(); ++slot) {
    const Live& g = live_[slot];
    if (g.wait_begin == kNever || !blocked_by_.for_others(g.reason, g.stack) ||
        use_of(slot, GoState::kRunning) != ProcUse::kUser)
      continue;
    const int64_t end = g.wait_end == kNever ? phase.end : std::min(phase.end, g.wait_end);
    if (2 * (end - std::max(phase.begin, g.wait_begin)) < phase.length()) continue;
    ++phase.waiting;
    const uint32_t alike = ++waits[{g.reason, g.stack}];
    if (alike <= phase.alike) continue;
    phase.alike = alike;
    phase.reason = g.reason;
    phase.wait_stack = g.stack;
  }
}

void ParallelismPass::finish(const Capture& capture, Report& report) {
  const int64_t end = std::max(last_, capture.end);
  if (known_) {
    tick(end);
    if (serial_.finish(end, work_waited_)) keep_phase();
    serial_.settle_all();
    causes_.settle(end);
  } else {
    unknown_ += end - std::max(last_, capture.begin);
  }
  procs_.finish(end, stopped(end));
  busy_curve_.finish(end);
  runnable_curve_.finish(end);
  add_parallelism_tables({*context_.stacks, levels_, procs_, serial_, causes_.times(), busy_curve_,
                          runnable_curve_, capture.length(), unknown_, shortest_},
                         report);
}

}  // namespace

extern const PassInfo parallelism_pass{
    "parallelism",
    "how many Ps run the program at once, and who runs alone while work waits",
    "For how long exactly 0, 1, 2, ... Ps ran the program's goroutines, what each P was used for\n"
    "otherwise, and the serial phases: stretches in which exactly one P ran the program while "
    "other\n"
    "goroutines were runnable or waited for others (channels, locks, select). For these it tells\n"
    "who ran and up to which stack, and what most of the others waited for.\n"
    "Goroutines of the runtime, mark workers and system calls do not count as running the "
    "program.\n"
    "With --function, --goroutine, --task or --region only what they select does.\n"
    "\n"
    "Examples:\n"
    "  tracetool parallelism trace.out\n"
    "  tracetool parallelism trace.out --shortest 1ms --table serial_phases --stacks\n"
    "  tracetool parallelism trace.out --function 'main\\.worker'\n",
    {{.name = "--shortest",
      .value = "DURATION",
      .help = "serial time from which on a phase counts as one",
      .default_value = "100us"}},
    [](const RunContext& context, const PassOptions& options,
       std::string& error) -> std::unique_ptr<Pass> {
      int64_t shortest = 100'000;
      if (!read_duration(options, "--shortest", shortest, error)) return nullptr;
      return std::make_unique<ParallelismPass>(context, shortest);
    },
    20,
    25};

}  // namespace tracetool
