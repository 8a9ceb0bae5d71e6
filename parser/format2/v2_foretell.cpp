// What was so when a part of the trace began. Statuses are told when something first happens to a
// goroutine or P, or at the end of the generation; all of it lies in memory, so it is looked
// through for them before it is ordered. Whether they agree with all else Order judges when it
// comes to them.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parser/format2/v2_order_hot.h"

namespace tracetool {
namespace {

/// A status or the like, and when and where it is told.
struct Telling {
  int64_t time;
  uint8_t type;
  Context ctx;
  uint64_t args[kMostWireArgs];
};

bool is_go_status(const Telling& t) {
  return t.type == kWireGoStatus || t.type == kWireGoStatusStack;
}

/// kUnknown for a number that is no status.
ProcStatus status_of(const Telling& t) {
  return t.args[1] <= static_cast<uint64_t>(ProcStatus::kAbandoned)
             ? static_cast<ProcStatus>(t.args[1])
             : ProcStatus::kUnknown;
}

bool tells(uint8_t type) {
  switch (type) {
    case kWireProcsChange:
    case kWireProcStart:
    case kWireProcStop:
    case kWireProcSteal:
    case kWireProcStatus:
    case kWireGoDestroySyscall:
    case kWireGoStatus:
    case kWireGoStatusStack:
    case kWireGCActive:
    case kWireGCSweepActive:
    case kWireGCMarkAssistActive:
      return true;
    default:
      return false;
  }
}

const std::array<bool, 256> kTells = [] {
  std::array<bool, 256> tell{};
  for (size_t type = 0; type < tell.size(); ++type) tell[type] = tells(static_cast<uint8_t>(type));
  return tell;
}();

/// Walks one thread's events and keeps what tells of the begin.
class Looker {
 public:
  /// `most`: how many tellings are kept.
  Looker(const Generation& generation, const Tables& tables, uint64_t most)
      : g_(generation), tables_(tables), most_(most) {}

  void look(const ThreadStream& stream) {
    ctx_ = {stream.m, kNoProc, kNoGo};
    for (uint32_t b = stream.first; b != kNoBatch; b = g_.batch(b).next)
      if (!look(g_.batch(b))) return;
  }
  /// In the order of their times; nothing if there were too many.
  std::vector<Telling> take() {
    if (too_many_) return {};
    std::ranges::stable_sort(found_, {}, &Telling::time);
    return std::move(found_);
  }

 private:
  /// False where it is damaged: what comes behind that is not ordered either.
  bool look(const BatchRef& batch) {
    const uint8_t* p = batch.data;
    const uint8_t* const end = p + batch.size;
    int64_t time = g_.clock().ns(batch.time);
    while (p != end) {
      const uint8_t type = *p++;
      const int count = int{kTimedArgs[type]};
      if (count < 0) return false;
      uint64_t values[1 + kMostWireArgs] = {};
      if (end - p >= kMostEventBytes) [[likely]] {
        for (int i = 0; i <= count && p != nullptr; ++i) p = varint_fast(p, values[i]);
        if (p == nullptr) return false;
      } else {
        VarintError error = VarintError::kNone;
        for (int i = 0; i <= count; ++i) values[i] = varint_checked(p, end, error);
        if (error != VarintError::kNone) return false;
      }
      time += g_.clock().ns(values[0]);
      if (time >= Clock::kTimeLimit) return false;
      if (kTells[type]) [[unlikely]]
        see(type, time, values + 1);
    }
    return true;
  }

  void see(uint8_t type, int64_t time, const uint64_t* args) {
    const auto proc = [&] {
      return args[0] < kMaxProcs ? static_cast<ProcIndex>(args[0]) : kNoProc;
    };
    switch (type) {
      case kWireProcStart:
        ctx_.p = proc();
        return;
      case kWireProcStop:
      case kWireGoDestroySyscall:
        ctx_.p = kNoProc;
        return;
      case kWireProcSteal:
        if (static_cast<int64_t>(args[2]) == tables_.thread_id(ctx_.m)) ctx_.p = kNoProc;
        return;
      default:
        break;
    }
    too_many_ = too_many_ || found_.size() == most_;
    if (too_many_) return;
    Telling t{time, type, ctx_, {}};
    std::copy_n(args, kTimedArgs[type], t.args);
    found_.push_back(t);
    const ProcStatus status = status_of(t);
    if (type == kWireProcStatus &&
        (status == ProcStatus::kRunning || status == ProcStatus::kSyscall))
      ctx_.p = proc();
  }

  const Generation& g_;
  const Tables& tables_;
  const uint64_t most_;
  bool too_many_ = false;
  Context ctx_;
  std::vector<Telling> found_;
};

/// What is told twice and not alike is a contradiction, and is not foretold.
template <class Value>
class Told {
 public:
  void add(uint64_t id, Value value) {
    const auto [it, fresh] = values_.try_emplace(id, value);
    if (!fresh && it->second != value) it->second = Value{};
  }
  /// Once; nothing if it is told otherwise elsewhere, or was taken.
  Value take(uint64_t id) { return std::exchange(values_.at(id), Value{}); }

 private:
  std::unordered_map<uint64_t, Value, IdHash> values_;
};

}  // namespace

void Order::foretell() {
  Looker looker(*generation_, tables_, most_tellings_);
  for (const ThreadStream& stream : generation_->threads()) looker.look(stream);
  const std::vector<Telling> tellings = looker.take();
  Told<ProcState> procs;
  Told<GoState> goroutines;
  for (const Telling& t : tellings) {
    if (t.type == kWireProcStatus) procs.add(t.args[0], shown(status_of(t)));
    if (is_go_status(t)) goroutines.add(t.args[0], go_state(t.args[2]));
  }
  const auto count = std::ranges::find(tellings, kWireProcsChange, &Telling::type);
  if (count != tellings.end()) recorder_.foretell_gomaxprocs(count->ctx, count->args[0]);
  for (const Telling& t : tellings) {
    if (recorder_.full()) return;
    if (t.type == kWireProcStatus) {
      const ProcState state = procs.take(t.args[0]);
      if (state != ProcState::kUndetermined && t.args[0] < kMaxProcs)
        recorder_.foretell(t.ctx, static_cast<ProcIndex>(t.args[0]), state);
    } else if (is_go_status(t)) {
      if (goroutines.take(t.args[0]) == GoState::kUndetermined) continue;
      const StackId stack =
          t.type == kWireGoStatusStack ? generation_->stack(t.args[3]) : StackId{0};
      foretell_goroutine(t.ctx, t.args, stack == Generation::kDangling ? 0 : stack);
    }
  }
  for (const Telling& t : tellings) {
    if (t.type == kWireGCActive) {
      foretell_range(t.ctx, RangeScope::kNone, 0, gc_name_);
    } else if (t.type == kWireGCSweepActive && t.args[0] < kMaxProcs) {
      foretell_range(t.ctx, RangeScope::kProc, static_cast<uint32_t>(t.args[0]), sweep_name_);
    } else if (t.type == kWireGCMarkAssistActive) {
      const GoRecord* g = recorder_.goroutines().record(t.args[0]);
      if (g == nullptr) continue;
      // It is told with its status, so by itself if it runs.
      const bool runs = g->state == GoState::kRunning;
      foretell_range({t.ctx.m, t.ctx.p, runs ? g->slot : kNoGo}, RangeScope::kGoroutine, g->slot,
                     assist_name_);
    }
  }
}

void Order::foretell_range(Context ctx, RangeScope scope, uint32_t subject, StringId name) {
  if (!recorder_.range_open(scope, subject, name)) recorder_.foretell(ctx, scope, subject, name);
}

/// Of a goroutine in a syscall another thread may tell.
void Order::foretell_goroutine(Context ctx, const uint64_t* args, StackId stack) {
  const GoState state = go_state(args[2]);
  const auto m = static_cast<int64_t>(args[1]);
  if (state == GoState::kSyscall && m != tables_.thread_id(ctx.m)) {
    if (m == -1) return;
    ctx.m = tables_.intern_thread(m);
  }
  if (exists(args[0])) return;
  recorder_.foretell(ctx, recorder_.goroutines().insert(args[0]), state, stack);
}

bool Order::exists(uint64_t id) {
  GoRecord* g = recorder_.goroutines().record(id);
  if (g == nullptr) return false;
  if (g->told() != GoState::kUndetermined) return true;
  recorder_.take_back(*g);
  return false;
}

}  // namespace tracetool
