// Where CPU samples fell, and how the same goroutines spent the time in which there are none.
#include <algorithm>
#include <array>
#include <map>

#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/go/reason_lookup.h"
#include "analyses/passes/cpu/cpu_tables.h"
#include "reports/model/values.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr uint64_t kMostRate = 9'999'999;

class CpuPass final : public Pass {
 public:
  CpuPass(const RunContext& context, uint64_t rate)
      : context_(context),
        filtered_(context.goroutines.filter().active()),
        results_{*context.stacks, rate} {}

  void block(const Block& block) override {
    if (home_.size() < context_.goroutines.slots()) home_.resize(context_.goroutines.slots());
    for (const uint16_t at : block.born_positions()) begin(block.events[at].subject);
    for (const uint16_t at : block.named_positions()) settle(block.events[at].subject);
    for (const uint16_t at : block.rare_positions()) {
      const Event& e = block.events[at];
      if (e.kind != EventKind::kStackSample) continue;
      see_gap(e);
      if (!(e.flags & kFlagOutside)) sample(e);
    }
    for (const uint16_t at : block.born_positions())
      if (block.events[at].from() == GoState::kUndetermined) spent(block.events[at]);
    for (const GoState state :
         {GoState::kRunnable, GoState::kRunning, GoState::kWaiting, GoState::kSyscall}) {
      for (const uint16_t at : block.left_positions(state)) spent(block.events[at]);
    }
    for (const uint16_t at : block.ended_positions())
      if (!block.events[at].open_end()) settle(block.events[at].subject);
  }

  void finish(const Capture& capture, Report& report) override {
    for (GoSlot slot = 0; slot < home_.size(); ++slot) settle(slot);
    for (const Home& home : homes_)
      if (home.settled) results_.groups.push_back(home.group);
    if (capture.facts.sums_overflow) {
      // What most of the time went to cannot be told.
      for (CpuGroup& group : results_.groups) group.parts = {};
    }
    add_cpu_tables(results_, report);
  }

 private:
  /// Where a goroutine's time goes: to its group at once, or, until its name is known, to a place
  /// of its own.
  struct Home {
    CpuGroup group;
    bool settled = false;
  };
  /// Takes what nobody wants.
  static constexpr uint32_t kNowhere = 0;

  void begin(GoSlot slot) {
    if (context_.goroutines[slot].named) {
      home_[slot] = home_of_group(slot);
    } else if (!spare_.empty()) {
      home_[slot] = spare_.back();
      spare_.pop_back();
    } else {
      home_[slot] = static_cast<uint32_t>(homes_.size());
      homes_.push_back({});
    }
    ++homes_[home_[slot]].group.goroutines;
  }

  /// Moves in with its group, if it has not before.
  void settle(GoSlot slot) {
    const uint32_t old = home_[slot];
    if (old == kNowhere || homes_[old].settled) return;
    home_[slot] = home_of_group(slot);
    CpuGroup& to = homes_[home_[slot]].group;
    CpuGroup& from = homes_[old].group;
    to.goroutines += from.goroutines;
    to.samples += from.samples;
    for (size_t i = 0; i < to.parts.size(); ++i) to.parts[i] += from.parts[i];
    from = {};
    spare_.push_back(old);
  }

  uint32_t home_of_group(GoSlot slot) {
    const Goroutine& g = context_.goroutines[slot];
    if (!g.selected) return kNowhere;
    uint32_t& index = by_id(group_index_, g.name);
    if (index == 0) {
      index = static_cast<uint32_t>(homes_.size());
      homes_.push_back({{g.name}, true});
    }
    return index;
  }

  void sample(const Event& e) {
    // A goroutine that is not alive any more cannot be told to be one that the user wants.
    if (filtered_ && (e.g == kNoGo || !context_.goroutines[e.g].selected)) return;
    ++by_id(results_.samples, e.stack);
    ++(e.g == kNoGo ? results_.nobody : homes_[home_[e.g]].group.samples);
  }

  /// A thread that computes without a break is sampled at the profile's own rate. That is of the
  /// capture: all samples tell it, whatever is selected.
  void see_gap(const Event& e) {
    // Format 1 does not name the thread; the P does nearly as well.
    const size_t lane = e.m != kNoThread ? e.m : size_t{kNoThread} + e.p;
    int64_t& last = by_id(last_, lane, kNever);
    const int64_t time = e.since == kNever ? e.time : e.since;
    if (last != kNever) results_.gaps.add(time - last);
    last = time;
  }

  void spent(const Event& e) {
    if (e.since == kNever || !e.closes()) return;
    CpuParts& parts = homes_[home_[e.subject]].group.parts;
    const int64_t duration = e.time - e.since;
    switch (e.spent_in()) {
      case GoState::kRunning:
        parts[kCpuExecution] += duration;
        break;
      case GoState::kRunnable:
        parts[kCpuSched] += duration;
        break;
      case GoState::kWaiting: {
        const bool first = e.from() == GoState::kUndetermined;
        const WaitClass c = first ? reasons_.of(e.name) : reasons_.of(e.since_name, e.since_stack);
        parts[kCpuBlock + static_cast<size_t>(c)] += duration;
        break;
      }
      case GoState::kSyscall: {
        const int64_t lost = e.p_lost() == kNever ? e.time : std::max(e.p_lost(), e.since);
        parts[kCpuSyscall] += lost - e.since;
        parts[kCpuSyscallBlock] += e.time - lost;
        break;
      }
      case GoState::kUndetermined:
      case GoState::kNotExist:
        break;
    }
  }

  const RunContext context_;
  const bool filtered_;
  CpuResults results_;
  std::vector<Home> homes_{1};
  std::vector<uint32_t> home_;         // by slot: index in homes_
  std::vector<uint32_t> spare_;        // homes that are free again
  std::vector<uint32_t> group_index_;  // by name
  WaitReasons reasons_{context_.tables};
  std::vector<int64_t> last_;  // by thread: time of its last sample
};

}  // namespace

extern const PassInfo cpu_pass{
    "cpu",
    "CPU samples by function and stack, beside what the goroutines did otherwise",
    "If a CPU profile was taken during the trace (pprof.StartCPUProfile), its samples are in the\n"
    "trace: by function, flat and cumulative, and by stack. Beside them stands how the goroutines\n"
    "of each start location spent their time: a profile says nothing of the time in which they\n"
    "did not run. CPU time is estimated from the number of samples and their rate. The trace does\n"
    "not tell the rate: it is 100 a second unless the samples lie nearer to each other.\n"
    "\n"
    "Examples:\n"
    "  tracetool cpu trace.out\n"
    "  tracetool cpu trace.out --table cpu_stacks --stacks --function 'server\\.'\n",
    {{"--rate", "HZ", "samples a second of CPU time, if known better", "auto"}},
    [](const RunContext& context, const PassOptions& options,
       std::string& error) -> std::unique_ptr<Pass> {
      const std::string& text = options.get("--rate");
      uint64_t rate = 0;
      if (text != "auto" && (parse_number(text, rate) || rate == 0 || rate > kMostRate)) {
        error = "--rate: \"" + clean(text) +
                "\" is neither auto nor a number of samples a second, such as 100";
        return nullptr;
      }
      return std::make_unique<CpuPass>(context, rate);
    },
    6,
    49};

}  // namespace tracetool
