// Order's rules for the events that are too rare to matter for speed.
#include <algorithm>
#include <string_view>

#include "parser/format2/v2_order_hot.h"

namespace tracetool {

namespace {

/// More kinds of stop-the-world at once on one goroutine than any runtime has.
constexpr size_t kMostOpenRanges = 64;

GoSlot slot_of(const GoRecord* g) { return g == nullptr ? kNoGo : g->slot; }

}  // namespace

Order::Step Order::advance_rare(Cursor& c, Context ctx) {
  switch (c.type) {
    case kWireProcSteal:
      return proc_steal(c, ctx);
    case kWireProcStatus:
      return proc_status(c, ctx);
    case kWireGoCreateBlocked:
      return go_create(*c.thread, c.time, GoState::kWaiting, c.args[0], c.args[1], c.args[2]);
    case kWireGoCreateSyscall: {
      if (ctx.m == kNoThread || ctx.g != kNoGo)
        return bad("a goroutine appears in a syscall on a thread that has one already");
      if (exists(c.args[0]))
        return bad("goroutine " + std::to_string(c.args[0]) + " is created but exists already");
      if (recorder_.full()) return no_room();
      GoRecord& g = recorder_.goroutines().insert(c.args[0]);
      g.generation = number_;
      c.thread->g = &g;
      recorder_.go(c.time, ctx, g, GoState::kNotExist, GoState::kSyscall, 0, 0, 0);
      return Step::kOk;
    }
    case kWireGoSyscallEndBlocked: {
      if (ctx.p != kNoProc) {
        const SchedulerState::Proc* p = proc(ctx.p);
        if (p == nullptr) return bad("a syscall ends on a P that was never announced");
        if (p->status == ProcStatus::kSyscall) return Step::kWait;
      }
      if (ctx.m == kNoThread || ctx.g == kNoGo ||
          recorder_.goroutines()[ctx.g].state != GoState::kSyscall)
        return bad("a syscall ends that did not begin");
      c.thread->g = nullptr;
      recorder_.go(c.time, ctx, ctx.g, GoState::kSyscall, GoState::kRunnable, 0, 0, 0);
      return Step::kOk;
    }
    case kWireGoDestroySyscall:
      return go_destroy_syscall(c, ctx);
    case kWireGoSwitch:
      return go_switch(c, ctx, GoState::kWaiting);
    case kWireGoSwitchDestroy:
      return go_switch(c, ctx, GoState::kNotExist);
    case kWireGoStatus:
      return go_status(c, ctx, 0);
    case kWireGoStatusStack:
      return go_status(c, ctx, c.args[3]);
    case kWireSTWBegin:
      return stop_the_world(c, ctx, true);
    case kWireSTWEnd:
      return stop_the_world(c, ctx, false);
    case kWireGCActive:
    case kWireGCBegin:
    case kWireGCEnd:
      return gc_phase(c, ctx);
    case kWireGCSweepActive:
    case kWireGCSweepBegin:
    case kWireGCSweepEnd:
      return gc_sweep(c, ctx);
    case kWireGCMarkAssistActive:
    case kWireGCMarkAssistBegin:
    case kWireGCMarkAssistEnd:
      return gc_assist(c, ctx);
    case kWireHeapAlloc:
    case kWireHeapGoal:
      if (ctx.p == kNoProc) return bad("a heap size without a P");
      recorder_.metric(c.time, ctx,
                       c.type == kWireHeapAlloc ? Metric::kHeapAlloc : Metric::kHeapGoal, c.args[0],
                       0);
      return Step::kOk;
    default:
      break;
  }
  if (c.type >= kWireSpan && c.type <= kWireGoroutineStackFree) {
    if (ctx.m == kNoThread) return bad("an allocation event without a thread");
    return alloc_event(c, ctx);
  }
  return user_event(c, ctx);
}

static_assert(static_cast<int>(AllocEvent::kSpan) == kWireSpan &&
              static_cast<int>(AllocEvent::kObject) == kWireHeapObject &&
              static_cast<int>(AllocEvent::kStack) == kWireGoroutineStack &&
              static_cast<int>(AllocEvent::kStackFree) == kWireGoroutineStackFree);

Order::Step Order::alloc_event(const Cursor& c, Context ctx) {
  const int args = wire_spec(c.type).arg_count();
  ObjectType type;
  if (c.type == kWireHeapObject || c.type == kWireHeapObjectAlloc)
    type = generation_->object_type(c.args[1]);
  if (args > 2) type.bytes = ObjectType::bytes_of(c.args[2]);
  recorder_.experimental(c.time, ctx, c.type, c.args[0], args > 1 ? c.args[1] : 0, type.name,
                         type.bytes);
  return Step::kOk;
}

Order::Step Order::proc_steal(Cursor& c, Context ctx) {
  SchedulerState::Proc* p = proc(c.args[0]);
  if (p == nullptr || (p->status != ProcStatus::kSyscall && p->status != ProcStatus::kAbandoned) ||
      !follows(*p, c.args[1]))
    return Step::kWait;
  if (ctx.m == kNoThread) return bad("a P is stolen by no thread");
  const auto index = static_cast<ProcIndex>(c.args[0]);
  const bool abandoned = p->status == ProcStatus::kAbandoned;
  SchedulerState::Thread* victim = nullptr;
  if (!abandoned) {
    victim = static_cast<int64_t>(c.args[2]) == tables_.thread_id(ctx.m) ? c.thread
                                                                         : known_thread(c.args[2]);
    if (victim == nullptr || victim->p != index)
      return bad("P " + std::to_string(index) + " is stolen from thread " +
                 std::to_string(static_cast<int64_t>(c.args[2])) + ", which does not have it");
    victim->p = kNoProc;
  }
  p->status = ProcStatus::kIdle;
  p->seq = c.args[1];
  recorder_.proc(c.time, ctx, index, abandoned ? ProcState::kIdle : ProcState::kRunning,
                 ProcState::kIdle);
  return Step::kOk;
}

Order::Step Order::proc_status(Cursor& c, Context ctx) {
  const uint64_t id = c.args[0], wire = c.args[1];
  if (wire == 0 || wire > 4) return bad("proc status " + std::to_string(wire) + " does not exist");
  if (id >= kMaxProcs) return bad("P " + std::to_string(id) + " is out of range");
  const auto status = static_cast<ProcStatus>(wire);
  const auto index = static_cast<ProcIndex>(id);
  if (id >= state_.procs.size()) state_.procs.resize(id + 1);
  SchedulerState::Proc& p = state_.procs[id];
  ProcState from = initial() ? ProcState::kUndetermined : ProcState::kNotExist;
  ProcState to = shown(status);
  if (p.status == ProcStatus::kUnknown) {
    state_.used_procs.push_back(index);
    p.status = status;
  } else if (p.status == status) {
    from = to;
  } else if (status == ProcStatus::kAbandoned && p.status == ProcStatus::kSyscall) {
    // The last generation told who holds it: the event belongs to that thread.
    if (p.holder == kNoThread || state_.threads[p.holder].p != index) {
      p.holder = kNoThread;
      if (!spend(state_.threads.size())) return bad("Ps change their threads too often");
      for (size_t m = 0; m < state_.threads.size() && p.holder == kNoThread; ++m)
        if (state_.threads[m].p == index) p.holder = static_cast<ThreadIndex>(m);
      if (p.holder == kNoThread)
        return bad("P " + std::to_string(id) + " is in a syscall, but no thread holds it");
    }
    ctx = {p.holder, index, slot_of(state_.threads[p.holder].g)};
    from = to = ProcState::kRunning;
  } else {
    return bad("the status of P " + std::to_string(id) + " contradicts what is known of it");
  }
  p.generation = number_;
  p.seq = 0;
  if (status == ProcStatus::kRunning || status == ProcStatus::kSyscall) hold(*c.thread, id);
  recorder_.proc(c.time, ctx, index, from, to);
  return Step::kOk;
}

Order::Step Order::go_status(Cursor& c, Context ctx, uint64_t stack_id) {
  const uint64_t id = c.args[0], wire = c.args[2];
  const auto m = static_cast<int64_t>(c.args[1]);
  const GoState state = go_state(wire);
  if (state == GoState::kUndetermined)
    return bad("goroutine status " + std::to_string(wire) + " does not exist");
  GoTable& goroutines = recorder_.goroutines();
  GoSlot slot = goroutines.find(id);
  const bool known = slot != kNoGo && goroutines[slot].told() != GoState::kUndetermined;
  if (known ? goroutines[slot].state != state : !initial())
    return bad(known ? "the status of goroutine " + std::to_string(id) +
                           " contradicts what is known of it (" + name_of(goroutines[slot].state) +
                           ", now " + name_of(state) + ")"
                     : "goroutine " + std::to_string(id) + " turns up out of nowhere");
  SchedulerState::Thread& t = *c.thread;
  if (state == GoState::kSyscall) {
    if (m == -1) return bad("a goroutine is in a syscall on no thread");
    if (m == tables_.thread_id(t.m)) {
      if (!initial() && (!known || slot_of(t.g) != slot))
        return bad("goroutine " + std::to_string(id) +
                   " is not the one in a syscall on this thread");
    } else if (const SchedulerState::Thread* other = known_thread(c.args[1])) {
      if (!known || slot_of(other->g) != slot)
        return bad("thread " + std::to_string(m) + " has another goroutine than " +
                   std::to_string(id));
    }
  }
  if (!known && recorder_.full()) return no_room();
  StackId stack;
  if (!ids(stack_id, stack)) return Step::kBad;
  if (slot == kNoGo) slot = goroutines.insert(id).slot;
  goroutines[slot].generation = number_;
  goroutines[slot].seq = 0;
  if (state == GoState::kRunning) {
    t.g = &goroutines[slot];
  } else if (state == GoState::kSyscall) {
    if (m == tables_.thread_id(t.m)) {
      t.g = &goroutines[slot];
    } else {
      const ThreadIndex index = tables_.intern_thread(m);
      if (index == kNoThread) return bad("more than 65,535 threads");
      SchedulerState::Thread& other = thread(index);
      ctx.m = index;
      if (other.known) {
        ctx.g = slot;
      } else {
        other.known = true;
        other.g = &goroutines[slot];
      }
    }
  }
  recorder_.go(c.time, ctx, slot, known ? state : GoState::kUndetermined, state, 0, stack, stack);
  return Step::kOk;
}

Order::Step Order::go_switch(Cursor& c, Context ctx, GoState old_to) {
  if (running(*c.thread) == nullptr) return bad("a coroutine switch without a running goroutine");
  GoTable& goroutines = recorder_.goroutines();
  const GoSlot slot = goroutines.find(c.args[0]);
  if (slot == kNoGo) return Step::kWait;
  GoRecord& g = goroutines[slot];
  if (g.state != GoState::kWaiting || !follows(g, c.args[1])) return Step::kWait;
  g.seq = c.args[1];
  c.thread->g = &g;
  recorder_.go(c.time, ctx, slot, GoState::kWaiting, GoState::kRunnable, 0, 0, 0);
  recorder_.go(c.time, ctx, ctx.g, GoState::kRunning, old_to, 0, 0, 0);
  recorder_.go(c.time, {ctx.m, ctx.p, kNoGo}, slot, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
  return Step::kOk;
}

Order::Step Order::go_destroy_syscall(Cursor& c, Context ctx) {
  if (ctx.m == kNoThread || ctx.g == kNoGo ||
      recorder_.goroutines()[ctx.g].state != GoState::kSyscall)
    return bad("a goroutine ends in a syscall in which it is not");
  if (ctx.p != kNoProc) {
    SchedulerState::Proc* p = proc(ctx.p);
    if (p == nullptr || p->status != ProcStatus::kSyscall)
      return bad("a goroutine ends in a syscall, but its P is not in one");
    p->status = ProcStatus::kAbandoned;
    c.thread->p = kNoProc;
    recorder_.proc(c.time, ctx, ctx.p, ProcState::kRunning, ProcState::kIdle);
  }
  c.thread->g = nullptr;
  recorder_.go(c.time, ctx, ctx.g, GoState::kSyscall, GoState::kNotExist, 0, 0, 0);
  return Step::kOk;
}

Order::Step Order::stop_the_world(Cursor& c, Context ctx, bool begin) {
  if (ctx.p == kNoProc || ctx.g == kNoGo) return bad("the world is stopped by nobody");
  const auto open = recorder_.open_ranges(RangeScope::kGoroutine, ctx.g);
  if (!begin) {
    const auto it = std::ranges::find_if(open, [&](const OpenRange& r) {
      return tables_.string(r.name).starts_with("stop-the-world");
    });
    if (it == open.end()) return bad("the world restarts that was not stopped");
    recorder_.range_end(c.time, ctx, RangeScope::kGoroutine, ctx.g, it->name);
    return Step::kOk;
  }
  StringId kind;
  StackId stack;
  if (!ids(c.args[0], kind, c.args[1], stack)) return Step::kBad;
  auto [it, fresh] = stw_names_.try_emplace(kind, 0);
  if (fresh) it->second = tables_.intern("stop-the-world (", tables_.string(kind), ")");
  if (open.size() >= kMostOpenRanges ||
      recorder_.range_open(RangeScope::kGoroutine, ctx.g, it->second))
    return bad("the world is stopped twice for the same reason");
  recorder_.range_begin(c.time, ctx, EventKind::kRangeBegin, RangeScope::kGoroutine, ctx.g,
                        it->second, stack);
  return Step::kOk;
}

Order::Step Order::gc_phase(Cursor& c, Context ctx) {
  using Gc = SchedulerState::Gc;
  const uint64_t seq = c.args[0];
  const bool placed = ctx.p != kNoProc && ctx.g != kNoGo;
  StackId stack = 0;
  if (c.type == kWireGCActive) {
    if (initial()) {
      if (state_.gc != Gc::kUndetermined) return bad("a second announcement of a running GC");
    } else {
      if (seq != state_.gc_seq + 1) return Step::kWait;
      if (state_.gc != Gc::kRunning) return bad("a GC is announced as running that is not");
      if (!placed) return bad("a GC is announced by nobody");
    }
  } else if (c.type == kWireGCBegin) {
    if (state_.gc != Gc::kUndetermined) {
      if (seq != state_.gc_seq + 1) return Step::kWait;
      if (state_.gc == Gc::kRunning) return bad("a GC begins while one is running");
      if (!placed) return bad("a GC is begun by nobody");
    }
    if (!ids(c.args[1], stack)) return Step::kBad;
  } else {
    if (seq != state_.gc_seq + 1) return Step::kWait;
    if (state_.gc != Gc::kRunning) return bad("a GC ends that did not begin");
    if (!placed) return bad("a GC is ended by nobody");
  }
  state_.gc_seq = seq;
  state_.gc = c.type == kWireGCEnd ? Gc::kNotRunning : Gc::kRunning;
  if (c.type == kWireGCEnd) {
    recorder_.range_end(c.time, ctx, RangeScope::kNone, 0, gc_name_);
  } else {
    recorder_.range_begin(c.time, ctx,
                          c.type == kWireGCBegin ? EventKind::kRangeBegin : EventKind::kRangeActive,
                          RangeScope::kNone, 0, gc_name_, stack);
  }
  return Step::kOk;
}

Order::Step Order::gc_sweep(Cursor& c, Context ctx) {
  if (c.type == kWireGCSweepActive) {
    SchedulerState::Proc* p = proc(c.args[0]);
    if (p == nullptr) return bad("a sweep on a P that was never announced");
    if (p->sweeping == initial())
      return bad(initial() ? "a second sweep on the same P" : "a sweep that did not begin");
    p->sweeping = true;
    recorder_.range_begin(c.time, ctx, EventKind::kRangeActive, RangeScope::kProc,
                          static_cast<uint32_t>(c.args[0]), sweep_name_, 0);
    return Step::kOk;
  }
  SchedulerState::Proc* p = ctx.p == kNoProc ? nullptr : proc(ctx.p);
  if (p == nullptr) return bad("a sweep on a thread without a P");
  const bool begin = c.type == kWireGCSweepBegin;
  if (p->sweeping == begin)
    return bad(begin ? "a second sweep on the same P" : "a sweep ends that did not begin");
  StackId stack = 0;
  if (begin && !ids(c.args[0], stack)) return Step::kBad;
  p->sweeping = begin;
  if (begin) {
    recorder_.range_begin(c.time, ctx, EventKind::kRangeBegin, RangeScope::kProc, ctx.p,
                          sweep_name_, stack);
  } else {
    recorder_.range_end(c.time, ctx, RangeScope::kProc, ctx.p, sweep_name_, c.args[0], c.args[1]);
  }
  return Step::kOk;
}

Order::Step Order::gc_assist(Cursor& c, Context ctx) {
  if (c.type == kWireGCMarkAssistActive) {
    const GoSlot slot = recorder_.goroutines().find_told(c.args[0]);
    if (slot == kNoGo) return bad("an assist of a goroutine that was never announced");
    if (recorder_.range_told(RangeScope::kGoroutine, slot, assist_name_) == initial())
      return bad(initial() ? "a second assist of the same goroutine"
                           : "an assist that did not begin");
    recorder_.range_begin(c.time, ctx, EventKind::kRangeActive, RangeScope::kGoroutine, slot,
                          assist_name_, 0);
    return Step::kOk;
  }
  if (ctx.p == kNoProc || ctx.g == kNoGo) return bad("an assist by nobody");
  const bool begin = c.type == kWireGCMarkAssistBegin;
  if (recorder_.range_told(RangeScope::kGoroutine, ctx.g, assist_name_) == begin)
    return bad(begin ? "a second assist of the same goroutine"
                     : "an assist ends that did not begin");
  StackId stack = 0;
  if (begin && !ids(c.args[0], stack)) return Step::kBad;
  if (begin) {
    recorder_.range_begin(c.time, ctx, EventKind::kRangeBegin, RangeScope::kGoroutine, ctx.g,
                          assist_name_, stack);
  } else {
    recorder_.range_end(c.time, ctx, RangeScope::kGoroutine, ctx.g, assist_name_);
  }
  return Step::kOk;
}

Order::Step Order::user_event(Cursor& c, Context ctx) {
  if (c.type >= kWireUserTaskBegin && c.type <= kWireUserLog) return annotation(c, ctx);
  if (ctx.p == kNoProc || ctx.g == kNoGo) return bad("this event needs a goroutine on a P");
  StringId name = 0;
  StackId stack = 0;
  switch (c.type) {
    case kWireProcsChange:
      if (!ids(c.args[1], stack)) return Step::kBad;
      recorder_.metric(c.time, ctx, Metric::kGomaxprocs, c.args[0], stack);
      return Step::kOk;
    case kWireGoLabel:
      if (!ids(c.args[0], name, 0, stack)) return Step::kBad;
      recorder_.label(c.time, ctx, name);
      return Step::kOk;
    default:
      return bad("this event is not known");
  }
}

}  // namespace tracetool
