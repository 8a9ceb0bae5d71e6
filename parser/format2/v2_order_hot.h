// The part of Order that runs for every event, inlined into the merge loop: the rules of the
// frequent events. Everything else is out of line, to keep that loop in the cache.
//
// A rule takes its arguments from wherever they stand: straight from the bytes in the merge loop,
// so that one jump on the type decodes and applies an event, or from the cursor where somebody had
// to decode them before (a head that waits, the last events of a batch).
#pragma once

#include <iterator>

#include "parser/format2/v2_order.h"

namespace tracetool {

using ProcStatus = SchedulerState::ProcStatus;

/// What a status means to passes.
inline ProcState shown(ProcStatus status) {
  switch (status) {
    case ProcStatus::kRunning:
    case ProcStatus::kSyscall:
      return ProcState::kRunning;
    case ProcStatus::kIdle:
    case ProcStatus::kAbandoned:
      return ProcState::kIdle;
    case ProcStatus::kUnknown:
      break;
  }
  return ProcState::kUndetermined;
}

/// kUndetermined for a number that is no status.
inline GoState go_state(uint64_t wire) {
  using enum GoState;
  constexpr GoState kStates[] = {kUndetermined, kRunnable, kRunning, kSyscall, kWaiting};
  return wire < std::size(kStates) ? kStates[wire] : kUndetermined;
}

/// Arguments in the bytes, where the longest possible event surely lies within the batch.
struct Order::ByteArgs {
  const uint8_t* p;
  [[gnu::always_inline]] bool read(uint64_t& value) {
    p = varint_fast(p, value);
    return p != nullptr;
  }
  template <class... Values>
  [[gnu::always_inline]] bool read(uint64_t& first, Values&... more) {
    return read(first) && read(more...);
  }
};

/// Arguments that were decoded before.
struct Order::CursorArgs {
  const uint64_t* next;
  template <class... Values>
  bool read(Values&... values) {
    ((values = *next++), ...);
    return true;
  }
};

[[gnu::always_inline]] inline bool Order::ids(uint64_t stack, StackId& out) {
  out = generation_->stack(stack);
  if (out == Generation::kDangling) [[unlikely]]
    out = missing_stack(stack);
  return out != Generation::kDangling;
}

[[gnu::always_inline]] inline bool Order::ids(uint64_t string, StringId& name, uint64_t stack,
                                              StackId& out) {
  name = generation_->string(string);
  if (name == Generation::kDangling) [[unlikely]]
    name = missing_string(string);
  return name != Generation::kDangling && ids(stack, out);
}

[[gnu::always_inline]] inline Order::Step Order::go_create(const SchedulerState::Thread& t,
                                                           int64_t time, GoState to, uint64_t id,
                                                           uint64_t start_id, uint64_t stack_id) {
  if (t.p == kNoProc) return bad("a goroutine is created on a thread without a P");
  GoTable& goroutines = recorder_.goroutines();
  if (t.g != nullptr && t.g->state != GoState::kRunning)
    return bad("a goroutine is created by one that is not running");
  if (goroutines.record(id) != nullptr && exists(id)) [[unlikely]]
    return bad("goroutine " + std::to_string(id) + " is created but exists already");
  if (recorder_.full()) [[unlikely]]
    return no_room();
  StackId start, stack;
  if (!ids(stack_id, stack) || !ids(start_id, start)) return Step::kBad;
  const Context ctx = context(t);
  GoRecord& g = goroutines.insert(id);
  g.generation = number_;
  recorder_.go(time, ctx, g, GoState::kNotExist, to, 0, stack, start);
  return Step::kOk;
}

/// The running goroutine of the thread gives up its P.
[[gnu::always_inline]] inline Order::Step Order::go_stop(SchedulerState::Thread& t, int64_t time,
                                                         GoState to, uint64_t reason,
                                                         uint64_t stack_id) {
  GoRecord* g = running(t);
  if (g == nullptr) return bad("a goroutine stops on a thread where none is running");
  StringId name = 0;
  StackId stack = 0;
  if (to != GoState::kNotExist && !ids(reason, name, stack_id, stack)) return Step::kBad;
  t.g = nullptr;
  recorder_.go(time, {t.m, t.p, g->slot}, *g, GoState::kRunning, to, name, stack, stack);
  return Step::kOk;
}

/// kRare for all other events, and where the arguments cannot be read: nothing has happened then.
template <class Args>
[[gnu::always_inline]] inline Order::Step Order::frequent(SchedulerState::Thread& t, uint8_t type,
                                                          int64_t time, Args& args) {
  GoTable& goroutines = recorder_.goroutines();
  uint64_t id, seq, reason, stack_id, start;
  switch (type) {
    case kWireGoStart: {
      if (!args.read(id, seq)) [[unlikely]]
        return Step::kRare;
      GoRecord* g = goroutines.record(id);
      if (g == nullptr || g->state != GoState::kRunnable || !follows(*g, seq)) return Step::kWait;
      if (t.p == kNoProc || t.g != nullptr)
        return bad("a goroutine starts on a thread without a free P");
      g->seq = seq;
      t.g = g;
      recorder_.go(time, {t.m, t.p, kNoGo}, *g, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
      return Step::kOk;
    }
    case kWireGoBlock:
      if (!args.read(reason, stack_id)) [[unlikely]]
        return Step::kRare;
      return go_stop(t, time, GoState::kWaiting, reason, stack_id);
    case kWireGoStop:
      if (!args.read(reason, stack_id)) [[unlikely]]
        return Step::kRare;
      return go_stop(t, time, GoState::kRunnable, reason, stack_id);
    case kWireGoDestroy:
      return go_stop(t, time, GoState::kNotExist, 0, 0);
    case kWireGoUnblock: {
      if (!args.read(id, seq, stack_id)) [[unlikely]]
        return Step::kRare;
      GoRecord* g = goroutines.record(id);
      if (g == nullptr || g->state != GoState::kWaiting || !follows(*g, seq)) return Step::kWait;
      StackId stack;
      if (!ids(stack_id, stack)) return Step::kBad;
      g->seq = seq;
      recorder_.go(time, context(t), *g, GoState::kWaiting, GoState::kRunnable, 0, stack, 0);
      return Step::kOk;
    }
    case kWireGoCreate:
      if (!args.read(id, start, stack_id)) [[unlikely]]
        return Step::kRare;
      return go_create(t, time, GoState::kRunnable, id, start, stack_id);
    case kWireGoSyscallBegin: {
      if (!args.read(seq, stack_id)) [[unlikely]]
        return Step::kRare;
      GoRecord* g = running(t);
      if (g == nullptr) return bad("a syscall begins on a thread without a running goroutine");
      SchedulerState::Proc* p = proc(t.p);
      if (p == nullptr || !follows(*p, seq))
        return bad("the syscall's number does not follow the last one of its P");
      StackId stack;
      if (!ids(stack_id, stack)) return Step::kBad;
      p->status = ProcStatus::kSyscall;
      p->seq = seq;
      recorder_.go(time, {t.m, t.p, g->slot}, *g, GoState::kRunning, GoState::kSyscall, 0, stack,
                   stack);
      return Step::kOk;
    }
    case kWireGoSyscallEnd: {
      if (t.p == kNoProc || t.g == nullptr)
        return bad("a syscall ends on a thread without P and goroutine");
      SchedulerState::Proc* p = proc(t.p);
      if (t.g->state != GoState::kSyscall || p == nullptr || p->status != ProcStatus::kSyscall)
        return bad("a syscall ends that did not begin");
      p->status = ProcStatus::kRunning;
      recorder_.go(time, {t.m, t.p, t.g->slot}, *t.g, GoState::kSyscall, GoState::kRunning, 0, 0,
                   0);
      return Step::kOk;
    }
    case kWireProcStart: {
      if (!args.read(id, seq)) [[unlikely]]
        return Step::kRare;
      SchedulerState::Proc* p = proc(id);
      if (p == nullptr || p->status != ProcStatus::kIdle || !follows(*p, seq) || t.p != kNoProc)
        return Step::kWait;
      if (t.m == kNoThread) return bad("a P starts without a thread");
      const Context ctx = context(t);
      p->status = ProcStatus::kRunning;
      p->seq = seq;
      hold(t, id);
      recorder_.proc(time, ctx, t.p, ProcState::kIdle, ProcState::kRunning);
      return Step::kOk;
    }
    case kWireProcStop: {
      SchedulerState::Proc* p = t.p == kNoProc ? nullptr : proc(t.p);
      if (p == nullptr || (p->status != ProcStatus::kRunning && p->status != ProcStatus::kSyscall))
        return bad("a P stops that is not running on this thread");
      const Context ctx = context(t);
      p->status = ProcStatus::kIdle;
      t.p = kNoProc;
      recorder_.proc(time, ctx, ctx.p, ProcState::kRunning, ProcState::kIdle);
      return Step::kOk;
    }
    default:
      return Step::kRare;
  }
}

}  // namespace tracetool
