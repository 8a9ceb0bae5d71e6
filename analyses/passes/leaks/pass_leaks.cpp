// Whether goroutines become more and more, and which ones: by where they were created.
#include <algorithm>
#include <map>
#include <tuple>

#include "analyses/engine/pass.h"
#include "analyses/passes/leaks/leak_tables.h"

namespace tracetool {
namespace {

class LeaksPass final : public Pass {
 public:
  explicit LeaksPass(const RunContext& context) : context_(context) {}

  void block(const Block& block) override {
    if (live_.size() < context_.goroutines.slots()) live_.resize(context_.goroutines.slots());
    if (plain(block)) {
      for (const uint16_t at : block.foretold_positions()) {
        appear(block.events[at], false);
        count(block.events[at]);
      }
      for (const uint16_t at : block.born_positions()) {
        appear(block.events[at], false);
        run(block.events[at], GoState::kUndetermined);
      }
      for (const uint16_t at : block.left_positions(GoState::kRunnable))
        run(block.events[at], GoState::kRunnable);
      block.each_life([this](const Event& e) { change(e, false, false); });
      return;
    }
    for (const Event& e : block.all()) {
      if (e.kind == EventKind::kGoTransition) {
        transition(e);
      } else if (e.kind == EventKind::kSync || e.kind == EventKind::kGap) {
        part(e);
      }
      inside_ = inside_ || !(e.flags & (kFlagOutside | kFlagOpenEnd));
    }
  }

  void finish(const Capture& capture, Report& report) override {
    curve_.finish(capture.end);
    add_leak_tables(
        {*context_.stacks, groups_, curve_, at_begin_, capture.length(), gaps_, context_.scoped},
        report);
  }

 private:
  struct Live {
    uint32_t runs = 0;
    bool alive = false;
    bool older = false;    // than the trace or the time window
    bool again = false;    // announced anew after a gap
    bool counted = false;  // in the curve
    int64_t since = 0;     // when it was created, or first known
  };

  /// All of it lies within the window, and in one part of the trace: then only births, deaths and
  /// runs count, and runs in any order, as no slot changes hands within a block.
  bool plain(const Block& block) const {
    if (!inside_ || block.count == 0 || block.has(EventKind::kSync, EventKind::kGap)) return false;
    const uint8_t edges = block.events[0].flags | block.all().back().flags;
    return context_.scoped || !(edges & kFlagOutside);
  }

  void transition(const Event& e) {
    // Tasks and regions do not tell where the time window ends.
    const bool outside = (e.flags & kFlagOutside) && !context_.scoped;
    const bool behind = outside && inside_;
    if (!behind) appear(e, outside);
    if (!live_[e.subject].alive) return;
    if (!outside && e.from() != GoState::kSyscall) run(e, e.from());
    change(e, outside, behind);
  }

  void appear(const Event& e, bool outside) {
    if (e.from() > GoState::kNotExist || e.open_end() || e.foretold()) return;
    const bool old = e.from() == GoState::kUndetermined;
    live_[e.subject] = {.alive = true, .older = old || outside, .again = gaps_, .since = e.time};
  }

  /// Counts the transition if it is one from `from` that begins a run. Who had to give up its P for
  /// a while, and has a reason for being runnable, goes on with the run before.
  void run(const Event& e, GoState from) {
    live_[e.subject].runs += e.from() == from && e.to() == GoState::kRunning &&
                             from != GoState::kRunning && e.since_name == 0;
  }

  void change(const Event& e, bool outside, bool behind) {
    if (!live_[e.subject].alive) return;
    const bool ends = e.to() == GoState::kNotExist || e.open_end();
    if (e.from() <= GoState::kNotExist || (e.flags & kFlagNames)) count(e);
    if (outside && ends && !behind) {
      forget(e);
    } else if (e.open_end() || (behind && e.closes())) {
      // What happens behind the window tells how the goroutine was at its end.
      stay(e);
    } else if (ends) {
      end(e);
    }
  }

  /// Only with its name, which may come later, is it known whether the user wants it.
  void count(const Event& e) {
    Live& g = live_[e.subject];
    const bool wanted = context_.goroutines[e.subject].selected;
    if (wanted == g.counted) return;
    g.counted = wanted;
    const int by = wanted ? 1 : -1;
    if (g.since < e.time) {
      curve_.raise(g.since, e.time, by);
    } else {
      curve_.change(e.time, by);
    }
  }
  void forget(const Event& e) {
    Live& g = live_[e.subject];
    if (g.counted) curve_.change(e.time, -1);
    g.alive = g.counted = false;
  }

  void end(const Event& e) {
    count(e);
    const Live& g = live_[e.subject];
    if (g.counted) {
      LeakGroup& group = begun(e.subject);
      ++group.ended;
      group.longest_life = std::max(group.longest_life, e.time - g.since);
    }
    forget(e);
  }

  void stay(const Event& e) {
    count(e);
    Live& g = live_[e.subject];
    g.alive = false;
    if (!g.counted) return;
    LeakGroup& group = begun(e.subject);
    staying_.push_back(static_cast<size_t>(&group - groups_.data()));
    ++group.there;
    group.ages.push_back(e.time - g.since);
    group.never_ran += !g.older && g.runs == 0;
    const GoState state = e.spent_in();
    if (state != GoState::kWaiting && state != GoState::kSyscall) return;
    // An older one has to have been blocked all the time, a new one since its only run.
    group.stuck +=
        g.older ? g.runs == 0 && ((e.flags & kFlagOpenStart) || e.since <= g.since) : g.runs <= 1;
    ++group.waits[{state == GoState::kSyscall ? kInSyscall : e.since_name, e.since_stack}];
  }

  LeakGroup& begun(GoSlot slot) {
    const Live& g = live_[slot];
    LeakGroup& group = group_of(context_.goroutines[slot], g.older);
    ++(g.older ? group.existed : group.created);
    at_begin_ += g.older && !g.again;
    return group;
  }

  void part(const Event& e) {
    if (e.kind == EventKind::kSync) {
      return curve_.change(e.time, 0);
    }
    if (e.flags & kFlagOutside) return;
    gaps_ = true;
    curve_.set(e.time, 0);
    // Those that were closed before it are not there but lost.
    for (const size_t index : staying_) {
      LeakGroup& group = groups_[index];
      --group.there;
      ++group.lost;
      group.never_ran = group.stuck = 0;
      group.ages.clear();
      group.waits.clear();
    }
    staying_.clear();
  }

  LeakGroup& group_of(const Goroutine& g, bool older) {
    const auto [it, added] =
        index_.try_emplace({g.name, older ? 0 : g.creation_stack, older}, groups_.size());
    if (added) {
      groups_.push_back({.name = g.name, .creation = older ? 0 : g.creation_stack, .older = older});
    }
    return groups_[it->second];
  }

  const RunContext context_;
  LoadCurve curve_;
  std::vector<Live> live_;  // by slot
  std::vector<LeakGroup> groups_;
  std::map<std::tuple<StringId, StackId, bool>, size_t> index_;
  std::vector<size_t> staying_;  // groups of those that are there at the end, or before a gap
  int64_t at_begin_ = 0;
  bool inside_ = false, gaps_ = false;
};

}  // namespace

extern const PassInfo leaks_pass{
    "leaks",
    "whether goroutines become more and more, and which ones",
    "How many goroutines there are over time, and by where they were created: how many were\n"
    "created, ended and are still there at the end, where those are blocked, and how many never\n"
    "ran or are blocked since their first run.\n"
    "Of goroutines that existed before the capture it is not known where they were created.\n"
    "A capture shows what grows while it lasts; compare captures to see what does not come back.\n"
    "\n"
    "Examples:\n"
    "  tracetool leaks trace.out\n"
    "  tracetool leaks trace.out --no-system --table leaks --stacks\n"
    "  tracetool leaks trace.out --sort still_there --format csv --table leaks\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<LeaksPass>(context);
    },
    3,
    33,
    Filters::kGoroutines};

}  // namespace tracetool
