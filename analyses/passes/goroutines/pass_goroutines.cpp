// Where the goroutines' time went, by the function they started in.
#include <algorithm>

#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/go/gc_names.h"
#include "analyses/measure/columns.h"
#include "analyses/passes/goroutines/goroutine_labels.h"
#include "analyses/passes/goroutines/goroutine_tables.h"

namespace tracetool {
namespace {

class GoroutinesPass final : public Pass {
 public:
  GoroutinesPass(const RunContext& context, bool each)
      : context_(context), tables_(context.tables), each_(each), labels_(context.goroutines) {}

  /// In a block each goroutine is created before it does anything, and ends after it; its slot is
  /// not used again before the next one. So the stays between can be summed up by state.
  void block(const Block& block) override {
    if (live_.size() < context_.goroutines.slots()) live_.resize(context_.goroutines.slots());
    Live* const live = live_.data();
    for (const uint16_t at : block.born_positions()) begin(block.events[at]);
    if (each_) first_runs(block);
    forever_.clear();
    for (const uint16_t at : block.left_positions(GoState::kRunning)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) ran(g, e);
    }
    for (const uint16_t at : block.left_positions(GoState::kRunnable)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) g.time.sched_wait += e.time - e.since;
    }
    for (const uint16_t at : block.left_positions(GoState::kWaiting)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e) && !reasons_.is_forever(e.since_name)) stayed(g, e);
    }
    for (const uint16_t at : block.left_positions(GoState::kSyscall)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) g.time.add(e, e.since, e.time, reasons_);
    }
    if (block.has(EventKind::kRangeBegin, EventKind::kRangeActive, EventKind::kRangeEnd)) {
      for (const uint16_t at : block.rare_positions()) {
        const Event& e = block.events[at];
        if (e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd) range(e);
      }
    }
    labels_.block(block);
    for (const Event* e : forever_) end(*e, false);
    for (const uint16_t at : block.ended_positions()) {
      const Event& e = block.events[at];
      if (!live_[e.subject].forever()) end(e, e.open_end());
    }
  }

  void finish(const Capture&, Report& report) override {
    results_.filtered = context_.goroutines.filter().active();
    add_goroutine_tables(tables_, results_, each_, report);
    labels_.add_table(tables_, report);
  }

 private:
  /// The first cache line is all that most events touch.
  struct alignas(64) Live {
    int64_t dead_since = INT64_MAX;  // blocked for good: what comes later does not count
    GoroutineTime time;
    int64_t start = kNever;  // only for --each

    bool dead(const Event& e) const { return e.time > dead_since; }
    bool forever() const { return dead_since != INT64_MAX; }
  };
  struct Sweeper {
    GoSlot slot = kNoGo;
    uint64_t serial = 0;
  };

  bool outside(const Event& e) const { return (e.flags & kFlagOutside) && !context_.scoped; }

  void begin(const Event& e) {
    Live& g = live_[e.subject];
    g.time.clear();
    g.dead_since = INT64_MAX;
    g.start = kNever;
    if (e.from() == GoState::kUndetermined) stayed(g, e);
  }
  void ran(Live& g, const Event& e) {
    g.time.exec += e.time - e.since;
    if (reasons_.is_forever(e.name)) [[unlikely]] {
      g.dead_since = e.time;
      forever_.push_back(&e);
    }
  }
  /// What lies outside the window or scope as a whole does not even count.
  void stayed(Live& g, const Event& e) {
    if ((e.flags & kFlagOutside) == 0 || e.since != e.time)
      g.time.add(e, e.since, e.time, reasons_);
  }
  void first_runs(const Block& block) {
    for (const Event& e : block.all()) {
      if (e.kind != EventKind::kGoTransition || e.to() != GoState::kRunning || !e.closes())
        continue;
      Live& g = live_[e.subject];
      if (g.start == kNever && !e.open_end() && !outside(e)) g.start = e.time;
    }
  }

  /// A range on a P belongs to the goroutine that began it, if it is still the one that ends it.
  void range(const Event& e) {
    if (e.scope() == RangeScope::kNone) return;
    if (e.scope() == RangeScope::kGoroutine) {
      if (e.kind == EventKind::kRangeEnd && e.since != kNever && !live_[e.subject].dead(e))
        live_[e.subject].time.ranges.add(e.name, e.time - e.since);
      return;
    }
    Sweeper& s = by_id(sweepers_, e.subject);
    if (e.kind != EventKind::kRangeEnd) {
      s = e.g == kNoGo ? Sweeper{} : Sweeper{e.g, context_.goroutines[e.g].serial};
    } else if (s.slot != kNoGo && e.since != kNever && (e.g == s.slot || e.open_end()) &&
               context_.goroutines[s.slot].serial == s.serial && !live_[s.slot].dead(e)) {
      live_[s.slot].time.ranges.add(e.name, e.time - e.since);
    }
  }

  void end(const Event& e, bool alive) {
    const Live& live = live_[e.subject];
    const Goroutine& g = context_.goroutines[e.subject];
    alive = alive || outside(e);
    // Its whole life lies before or after the window.
    if ((e.flags & kFlagOutside) && e.time <= g.creation) return;
    const GoroutineTime& t = live.time;
    if (!g.selected || (context_.scoped && t.accounted() == 0)) return;
    GoroutineGroup& group = group_of(g.name);
    const int64_t total =
        context_.scoped ? t.accounted() : std::max<int64_t>(0, e.time - g.creation);
    account(group.sums, t, total, &group);
    group.lifetime.add(total);
    group.sched_wait.add(t.sched_wait);
    results_.alive += alive;
    if (!each_) return;
    results_.one_by_one.push_back({g.id, g.parent, g.creation, live.start, alive ? kNever : e.time,
                                   std::string(tables_.string(g.name)), GoroutineSums()});
    account(results_.one_by_one.back().sums, t, total, nullptr);
  }
  /// Adds one goroutine to `sums`, and what it did by name to `group` if there is one.
  void account(GoroutineSums& sums, const GoroutineTime& t, int64_t total, GoroutineGroup* group) {
    ++sums.count;
    sums.total += total;
    sums.exec += t.exec;
    sums.sched_wait += t.sched_wait;
    sums.syscall += t.syscall;
    sums.syscall_block += t.syscall_block;
    int64_t unknown = total - t.exec - t.sched_wait - t.syscall - t.syscall_block;
    t.block.each([&](const NamedTime& b) {
      sums.block_of(reasons_.of(b.name)) += b.time;
      unknown -= b.time;
      if (group != nullptr) group->block.add(b.name, b.time, b.count);
    });
    sums.unknown += std::max<int64_t>(0, unknown);
    t.ranges.each([&](const NamedTime& r) {
      const GcName name = gc_names_[r.name];
      (name == GcName::kAssist  ? sums.assist
       : name == GcName::kSweep ? sums.sweep
                                : sums.stw) += r.time;
      if (group != nullptr) group->ranges.add(r.name, r.time, r.count);
    });
  }

  GoroutineGroup& group_of(StringId name) {
    return results_.groups.of(name, [&] {
      GoroutineGroup group;
      group.name = name_or_unknown(tables_, name);
      return group;
    });
  }

  const RunContext context_;
  const Tables& tables_;
  const bool each_;
  std::vector<Live> live_;         // by slot
  std::vector<Sweeper> sweepers_;  // by proc
  GoroutineResults results_;
  WaitReasons reasons_{tables_};
  GcNames gc_names_{tables_};
  std::vector<const Event*> forever_;  // blocked for good in this block
  GoroutineLabels labels_;
};

}  // namespace

extern const PassInfo goroutines_pass{
    "goroutines",
    "where the goroutines' time went, by start location",
    "Sums up execution, scheduler wait, blocking by reason, and system calls of all goroutines,\n"
    "by the function that they started in (what go tool trace calls goroutine analysis).\n"
    "Parts add up to the total; what they leave open is shown as unknown. Then the labels that "
    "the\n"
    "runtime gives goroutines, and how long they ran with them.\n"
    "\n"
    "Examples:\n"
    "  tracetool goroutines trace.out\n"
    "  tracetool goroutines trace.out --function 'server\\.' --sort sched_wait_ns\n"
    "  tracetool goroutines trace.out --each --goroutine 42 --format json\n",
    {{"--each", "", "list the goroutines one by one as well", ""}},
    [](const RunContext& context, const PassOptions& options,
       std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<GoroutinesPass>(context, options.flag("--each"));
    },
    6,
    10};

}  // namespace tracetool
