// What goroutines waited for: where, how long, and who ended it.
#include <algorithm>
#include <unordered_map>

#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/go/waker_class.h"
#include "analyses/measure/stack_chains.h"
#include "analyses/passes/blocking/blocking_tables.h"
#include "parser/model/hash.h"
#include "reports/model/values.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr uint32_t kAllClasses = (1u << kWaitClasses) - 1;

class BlockingPass final : public Pass {
 public:
  BlockingPass(const RunContext& context, uint32_t wanted, bool open)
      : context_(context),
        tables_(context.tables),
        filtered_(context.goroutines.filter().active()),
        results_{*context.stacks, wanted, open} {}

  void block(const Block& block) override {
    for (const uint16_t at : block.born_positions()) {
      const Event& e = block.events[at];
      if (e.from() == GoState::kUndetermined && e.closes() && wanted(e)) first_seen(e);
    }
    const auto ended = [this](const Event& e) {
      if (wanted(e)) wait(e);
    };
    for (const uint16_t at : block.left_positions(GoState::kRunnable)) ended(block.events[at]);
    wakers_.each_left(block, ended);
    for (const uint16_t at : block.left_positions(GoState::kSyscall)) ended(block.events[at]);
  }

  void finish(const Capture&, Report& report) override { add_blocking_tables(results_, report); }

 private:
  /// 1 + index in results_.records of what began on a stack; 0 none yet.
  struct Heads {
    uint32_t sched = 0, syscall = 0;
  };

  bool wanted(const Event& e) const {
    return !filtered_ || context_.goroutines[e.subject].selected;
  }

  /// What the transition closes is only what lay between trace begin and first event.
  void first_seen(const Event& e) {
    const int64_t duration = e.time - e.since;
    if (e.to() == GoState::kRunning) return;
    WaitRecord& r = results_.records[record_of(e.to(), e.stack, e.name, true)];
    if (e.to() == GoState::kWaiting) {
      if (duration > 0) r.open_start.add(duration);
    } else {
      r.open_start.add_first(e);
    }
  }

  void wait(const Event& e) {
    const int64_t duration = e.time - e.since;
    if (duration <= 0) return;
    const bool unknown = e.open_start() && e.from() == GoState::kWaiting && e.since_name == 0;
    const uint32_t index = record_of(e.from(), e.since_stack, e.since_name, unknown);
    WaitRecord& r = results_.records[index];
    if (e.open_end()) {
      r.open_end.add(duration);
    } else if (unknown) {
      r.open_start.time += duration;
    } else {
      if (!results_.wants(r.cls)) return;
      r.stats.add(duration, e.since, e.subject, context_.goroutines);
      if (e.from() == GoState::kWaiting) wake(index, e, duration);
    }
  }

  void wake(uint32_t index, const Event& e, int64_t duration) {
    WaitRecord& r = results_.records[index];
    const WakerClass kind = wakers_.classify(e);
    if (r.last_waker != kNoRecord) [[likely]] {
      WakerRecord& w = results_.wakers[r.last_waker];
      if (w.stack == e.stack && w.kind == kind) return w.ended.add(duration);
    }
    const uint64_t key =
        uint64_t{index} << 35 | uint64_t{e.stack} << 3 | static_cast<uint64_t>(kind);
    const auto [it, fresh] = waker_index_.try_emplace(key, results_.wakers.size());
    if (fresh) results_.wakers.push_back({index, e.stack, kind});
    r.last_waker = it->second;
    results_.wakers[it->second].ended.add(duration);
  }

  uint32_t record_of(GoState state, StackId stack, StringId reason, bool unknown) {
    uint32_t& record = state == GoState::kWaiting    ? blocked_.find(stack, {reason})
                       : state == GoState::kRunnable ? by_id(heads_, stack).sched
                                                     : by_id(heads_, stack).syscall;
    if (record == 0) record = make(state, stack, reason, unknown);
    return record - 1;
  }

  uint32_t make(GoState state, StackId stack, StringId reason, bool unknown) {
    const std::string_view text = tables_.string(reason);
    WaitRecord r{.reason = reason, .stack = stack};
    if (state == GoState::kSyscall) {
      r.cls = WaitClass::kSyscall;
      r.what = syscall_name(tables_, stack);
    } else if (state == GoState::kRunnable) {
      r.cls = WaitClass::kSched;
      r.what = reason != 0 ? text : stack > kEmptyStack ? "made runnable" : "by the runtime";
    } else {
      r.cls = reasons_.of(reason, stack);
      r.what = waited_for(tables_, text, stack);
      if (reason == 0) r.what = unknown ? "since before" : "coroutine switch";
    }
    results_.records.push_back(std::move(r));
    return static_cast<uint32_t>(results_.records.size());
  }

  const RunContext context_;
  const Tables& tables_;
  const bool filtered_;
  std::vector<Heads> heads_;  // by stack
  StackChains<1> blocked_;    // the same for each stack and reason of blocking
  BlockingResults results_;
  WaitReasons reasons_{tables_};
  WakerClasses wakers_{tables_};
  std::unordered_map<uint64_t, uint32_t, IdHash> waker_index_;
};

/// Classes of a list such as "net,sync"; 0 and `error` for a name that is none.
uint32_t wanted_classes(std::string_view list, std::string& error) {
  uint32_t wanted = 0;
  for (const std::string& name : split_list(list)) {
    const uint32_t bits = name == "all" ? kAllClasses : class_bits(name);
    if (bits == 0) {
      error = "--profile: there is no profile \"" + clean(name) +
              "\"; there are net, sync, chan, select, sleep, gc, other, syscall, sched and all";
      return 0;
    }
    wanted |= bits;
  }
  if (wanted == 0) error = "--profile: which? net, sync, syscall, sched, … or all";
  return wanted;
}

}  // namespace

extern const PassInfo blocking_pass{
    "blocking",
    "what goroutines waited for, by stack, and who woke them",
    "Every wait of every goroutine, by the stack on which it began: network, synchronization,\n"
    "channels, select, sleep, GC, system calls, and the wait for a P. net, sync, syscall and\n"
    "sched are the blocking profiles of go tool trace (GoBlockNet, GoBlockSync, GoBlockSyscall,\n"
    "and scheduler latency).\n"
    "\n"
    "Examples:\n"
    "  tracetool blocking trace.out\n"
    "  tracetool blocking sync trace.out --stacks\n"
    "  tracetool blocking trace.out --profile net,select --sort p99_ns\n",
    {{"--profile",
      "LIST",
      "of net, sync (with chan, select), chan, select, sleep, gc, other, syscall, sched, all",
      "all",
      {"net", "sync", "chan", "select", "sleep", "gc", "other", "syscall", "sched", "all"}},
     {"--open", "", "list the waits that an end of the trace cut off", ""}},
    [](const RunContext& context, const PassOptions& options,
       std::string& error) -> std::unique_ptr<Pass> {
      const uint32_t wanted = wanted_classes(options.get("--profile"), error);
      if (wanted == 0) return nullptr;
      return std::make_unique<BlockingPass>(context, wanted, options.flag("--open"));
    },
    9,
    15};

}  // namespace tracetool
