// The part of Order that runs for every event, inlined into the merge loop: decoding, and the rules
// of the frequent events. Everything else is out of line, to keep that loop in the cache.
#pragma once

#include "parser/v2_order.h"

namespace tracetool {

using ProcStatus = SchedulerState::ProcStatus;

/// Decodes where the longest possible event surely lies within the batch; decode_tail() does the
/// rest, and finds out what is wrong with damage.
[[gnu::always_inline]] inline bool Order::decode(Cursor& c) {
  const uint8_t* p = c.p;
  if (c.end - p < margin_) [[unlikely]]
    return decode_tail(c);
  const uint8_t type = *p++;
  uint64_t dt;
  if ((p = varint_fast(p, dt)) == nullptr) [[unlikely]]
    return decode_tail(c);
  switch (kTimedArgs[type]) {
    case 0:
      break;
    case 1:
      if ((p = varint_fast(p, c.args[0])) == nullptr) [[unlikely]]
        return decode_tail(c);
      break;
    case 2:
      if ((p = varint_fast(p, c.args[0])) == nullptr || (p = varint_fast(p, c.args[1])) == nullptr)
          [[unlikely]]
        return decode_tail(c);
      break;
    case 3:
      if ((p = varint_fast(p, c.args[0])) == nullptr ||
          (p = varint_fast(p, c.args[1])) == nullptr || (p = varint_fast(p, c.args[2])) == nullptr)
          [[unlikely]]
        return decode_tail(c);
      break;
    case 4:
      if ((p = varint_fast(p, c.args[0])) == nullptr ||
          (p = varint_fast(p, c.args[1])) == nullptr ||
          (p = varint_fast(p, c.args[2])) == nullptr || (p = varint_fast(p, c.args[3])) == nullptr)
          [[unlikely]]
        return decode_tail(c);
      break;
    default:
      return decode_tail(c);
  }
  // Neither is above the limit before, so the sum cannot overflow.
  const int64_t delta = clock_.ns(dt);
  if (c.time + delta >= Clock::kTimeLimit) [[unlikely]]
    return decode_tail(c);
  c.time += delta;
  c.type = type;
  c.at = c.p;
  c.p = p;
  return true;
}

[[gnu::always_inline]] inline bool Order::next_hot(Cursor& c) {
  if (c.p == c.end) [[unlikely]]
    if (!next_batch(c)) return false;
  return decode(c);
}

[[gnu::always_inline]] inline bool Order::ids(uint64_t stack, StackId& out) {
  out = generation_->stack(stack);
  if (out != Generation::kDangling) [[likely]]
    return true;
  dangling("stack", stack);
  return false;
}

[[gnu::always_inline]] inline bool Order::ids(uint64_t string, StringId& name, uint64_t stack,
                                              StackId& out) {
  name = generation_->string(string);
  if (name == Generation::kDangling) {
    dangling("string", string);
    return false;
  }
  return ids(stack, out);
}

[[gnu::always_inline]] inline Order::Step Order::go_create(Cursor& c, Context ctx, GoState to) {
  if (ctx.p == kNoProc) return bad("a goroutine is created on a thread without a P");
  GoTable& goroutines = recorder_.goroutines();
  if (c.thread->g != nullptr && c.thread->g->state != GoState::kRunning)
    return bad("a goroutine is created by one that is not running");
  if (goroutines.record(c.args[0]) != nullptr)
    return bad("goroutine " + std::to_string(c.args[0]) + " is created but exists already");
  StackId start, stack;
  if (!ids(c.args[2], stack) || !ids(c.args[1], start)) return Step::kBad;
  const GoSlot slot = goroutines.insert(c.args[0]);
  GoRecord& g = goroutines[slot];
  g.generation = number_;
  recorder_.go(c.time, ctx, g, GoState::kNotExist, to, 0, stack, start);
  return Step::kOk;
}

[[gnu::always_inline]] inline Order::Step Order::go_stop(Cursor& c, Context ctx, GoState to,
                                                         uint64_t reason, uint64_t stack_id) {
  GoRecord* g = running(*c.thread);
  if (g == nullptr) return bad("a goroutine stops on a thread where none is running");
  StringId name = 0;
  StackId stack = 0;
  if (to != GoState::kNotExist && !ids(reason, name, stack_id, stack)) return Step::kBad;
  c.thread->g = nullptr;
  recorder_.go(c.time, ctx, *g, GoState::kRunning, to, name, stack, stack);
  return Step::kOk;
}

[[gnu::always_inline]] inline Order::Step Order::advance_hot(Cursor& c) {
  SchedulerState::Thread& t = *c.thread;
  if (state_.initial_generation == 0) [[unlikely]]
    state_.initial_generation = number_;
  t.known = true;
  const Context ctx{t.m, t.p, t.g == nullptr ? kNoGo : t.g->slot};
  GoTable& goroutines = recorder_.goroutines();
  switch (c.type) {
    case kWireGoStart: {
      GoRecord* g = goroutines.record(c.args[0]);
      if (g == nullptr || g->state != GoState::kRunnable || !follows(*g, c.args[1]))
        return Step::kWait;
      if (t.p == kNoProc || t.g != nullptr)
        return bad("a goroutine starts on a thread without a free P");
      g->seq = c.args[1];
      t.g = g;
      recorder_.go(c.time, ctx, *g, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
      return Step::kOk;
    }
    case kWireGoBlock:
      return go_stop(c, ctx, GoState::kWaiting, c.args[0], c.args[1]);
    case kWireGoStop:
      return go_stop(c, ctx, GoState::kRunnable, c.args[0], c.args[1]);
    case kWireGoDestroy:
      return go_stop(c, ctx, GoState::kNotExist, 0, 0);
    case kWireGoUnblock: {
      GoRecord* g = goroutines.record(c.args[0]);
      if (g == nullptr || g->state != GoState::kWaiting || !follows(*g, c.args[1]))
        return Step::kWait;
      StackId stack;
      if (!ids(c.args[2], stack)) return Step::kBad;
      g->seq = c.args[1];
      recorder_.go(c.time, ctx, *g, GoState::kWaiting, GoState::kRunnable, 0, stack, 0);
      return Step::kOk;
    }
    case kWireGoCreate:
      return go_create(c, ctx, GoState::kRunnable);
    case kWireGoSyscallBegin: {
      GoRecord* g = running(t);
      if (g == nullptr) return bad("a syscall begins on a thread without a running goroutine");
      SchedulerState::Proc* p = proc(ctx.p);
      if (p == nullptr || !follows(*p, c.args[0]))
        return bad("the syscall's number does not follow the last one of its P");
      StackId stack;
      if (!ids(c.args[1], stack)) return Step::kBad;
      p->status = ProcStatus::kSyscall;
      p->seq = c.args[0];
      recorder_.go(c.time, ctx, *g, GoState::kRunning, GoState::kSyscall, 0, stack, stack);
      return Step::kOk;
    }
    case kWireGoSyscallEnd: {
      if (t.p == kNoProc || t.g == nullptr)
        return bad("a syscall ends on a thread without P and goroutine");
      SchedulerState::Proc* p = proc(ctx.p);
      if (t.g->state != GoState::kSyscall || p == nullptr || p->status != ProcStatus::kSyscall)
        return bad("a syscall ends that did not begin");
      p->status = ProcStatus::kRunning;
      recorder_.go(c.time, ctx, *t.g, GoState::kSyscall, GoState::kRunning, 0, 0, 0);
      return Step::kOk;
    }
    case kWireProcStart: {
      SchedulerState::Proc* p = proc(c.args[0]);
      if (p == nullptr || p->status != ProcStatus::kIdle || !follows(*p, c.args[1]) ||
          t.p != kNoProc)
        return Step::kWait;
      if (t.m == kNoThread) return bad("a P starts without a thread");
      p->status = ProcStatus::kRunning;
      p->seq = c.args[1];
      hold(t, c.args[0]);
      recorder_.proc(c.time, ctx, t.p, ProcState::kIdle, ProcState::kRunning);
      return Step::kOk;
    }
    case kWireProcStop: {
      SchedulerState::Proc* p = ctx.p == kNoProc ? nullptr : proc(ctx.p);
      if (p == nullptr || (p->status != ProcStatus::kRunning && p->status != ProcStatus::kSyscall))
        return bad("a P stops that is not running on this thread");
      p->status = ProcStatus::kIdle;
      t.p = kNoProc;
      recorder_.proc(c.time, ctx, ctx.p, ProcState::kRunning, ProcState::kIdle);
      return Step::kOk;
    }
    default: {
      const Step result = advance_rare(c, ctx);
      if (&t == &nobody_) nobody_ = {};
      return result;
    }
  }
}

}  // namespace tracetool
