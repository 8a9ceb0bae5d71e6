#include "parser/v2_order.h"

#include <algorithm>

namespace tracetool {

using ProcStatus = SchedulerState::ProcStatus;

Order::Order(Tables& tables, Recorder& recorder, CaptureFacts& facts, bool count_wire)
    : tables_(tables),
      recorder_(recorder),
      facts_(facts),
      count_wire_(count_wire),
      gc_name_(tables.intern("GC concurrent mark phase")),
      sweep_name_(tables.intern("GC incremental sweep")),
      assist_name_(tables.intern("GC mark assist")) {}

void Order::reset() {
  state_.procs.clear();
  for (size_t i = 0; i < state_.threads.size(); ++i) state_.threads[i] = {};
  state_.gc = SchedulerState::Gc::kUndetermined;
  state_.gc_seq = 0;
  state_.initial_generation = 0;
}

SchedulerState::Thread& Order::thread(ThreadIndex m) {
  while (state_.threads.size() <= m) state_.threads.push_back({});
  SchedulerState::Thread& t = state_.threads[m];
  t.m = m;
  return t;
}

SchedulerState::Thread* Order::known_thread(uint64_t id) {
  const ThreadIndex m = tables_.intern_thread(static_cast<int64_t>(id));
  if (m == kNoThread || m >= state_.threads.size() || !state_.threads[m].known) return nullptr;
  return &state_.threads[m];
}

// ---- the heap: its exact shape decides among equal times, so it is the reference's
// ---------------

void Order::sift_up(size_t i) {
  const HeapItem item = heap_[i];
  while (i > 0) {
    const size_t parent = (i - 1) / 2;
    if (heap_[parent].time <= item.time) break;
    heap_[i] = heap_[parent];
    i = parent;
  }
  heap_[i] = item;
}

void Order::sift_down(size_t i) {
  const HeapItem item = heap_[i];
  const size_t n = heap_.size();
  for (;;) {
    const size_t left = 2 * i + 1;
    if (left >= n) break;
    size_t least = i;
    int64_t time = item.time;
    if (heap_[left].time < time) {
      least = left;
      time = heap_[left].time;
    }
    if (left + 1 < n && heap_[left + 1].time < time) least = left + 1;
    if (least == i) break;
    heap_[i] = heap_[least];
    i = least;
  }
  heap_[i] = item;
}

/// Moves cursor i to its next event and to its new place. False on damage.
bool Order::step(size_t i) {
  Cursor& c = *heap_[i].cursor;
  if (next(c)) {
    heap_[i].time = c.time;
    if (i > 0 && heap_[(i - 1) / 2].time > c.time) {
      sift_up(i);
    } else {
      sift_down(i);
    }
    return true;
  }
  for (; i > 0; i = (i - 1) / 2) std::swap(heap_[i], heap_[(i - 1) / 2]);
  heap_[0] = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0);
  return !c.failed;
}

void Order::sort_heap() {
  const auto by_time = [](const HeapItem& a, const HeapItem& b) { return a.time < b.time; };
  std::stable_sort(heap_.begin(), heap_.end(), by_time);
}

/// The root cannot advance: takes the earliest head that can. False when none can.
bool Order::retry(Step& result) {
  sort_heap();
  for (size_t i = 0; i < heap_.size(); ++i) {
    result = advance(*heap_[i].cursor);
    if (result == Step::kBad) {
      std::swap(heap_[0], heap_[i]);  // fault reports look at the root
      return false;
    }
    if (result == Step::kOk) {
      const uint64_t cost = heap_.size();
      tries_left_ = tries_left_ > cost ? tries_left_ - cost : 0;
      if (!step(i)) result = Step::kBad;
      return result == Step::kOk;
    }
  }
  return false;
}

void Order::emit_samples_before(int64_t time) {
  const auto samples = generation_->samples();
  while (next_sample_ < samples.size() && samples[next_sample_].time < time) {
    const CpuSample& s = samples[next_sample_++];
    const GoSlot g = s.g == 0 ? kNoGo : recorder_.goroutines().find(s.g);
    const StackId stack = generation_->stack(s.stack);
    // The writer's stack ids of samples are best effort: an unknown one means none.
    recorder_.sample(s.time, {s.m, s.p, g}, s.g, stack == Generation::kDangling ? 0 : stack);
  }
  sample_time_ = next_sample_ < samples.size() ? samples[next_sample_].time : INT64_MAX;
}

// ---- what may happen -------------------------------------------------------------------------

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

Order::Step Order::go_create(Cursor& c, Context ctx, GoState to) {
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

std::optional<Fault> Order::run(Generation& generation) {
  generation_ = &generation;
  clock_ = generation.clock();
  number_ = generation.number();
  next_sample_ = 0;
  decode_fault_.reset();
  tries_left_ = 50'000'000;
  open_cursors();
  if (decode_fault_) {
    decode_fault_->lost = "all events of generation " + std::to_string(number_);
    return decode_fault_;
  }
  const auto samples = generation.samples();
  sample_time_ = samples.empty() ? INT64_MAX : samples[0].time;
  while (!heap_.empty() && !recorder_.stopped()) {
    if (sample_time_ < heap_[0].time) emit_samples_before(heap_[0].time);
    // While the root stays the earliest, nothing in the heap moves: the usual case.
    Cursor& c = *heap_[0].cursor;
    int64_t bound = sample_time_;
    if (heap_.size() > 1) bound = std::min(bound, heap_[1].time);
    if (heap_.size() > 2) bound = std::min(bound, heap_[2].time);
    Step result;
    bool more;
    do {
      result = advance_hot(c);
      if (result != Step::kOk) break;
      more = next(c);
    } while (more && c.time <= bound);
    if (result == Step::kOk) {
      if (more) {
        heap_[0].time = c.time;
        sift_down(0);
        continue;
      }
      if (c.failed) {
        decode_fault_->lost = count_lost();
        return decode_fault_;
      }
      heap_[0] = heap_.back();
      heap_.pop_back();
      if (!heap_.empty()) sift_down(0);
      continue;
    }
    heap_[0].time = c.time;
    if (result == Step::kBad) {
      Fault fault = fault_at(c, why_, FaultKind::kInvalid);
      fault.lost = count_lost();
      return fault;
    }
    if (!retry(result)) {
      if (decode_fault_) {
        decode_fault_->lost = count_lost();
        return decode_fault_;
      }
      Fault fault =
          result == Step::kBad ? fault_at(*heap_[0].cursor, why_, FaultKind::kInvalid) : stuck();
      fault.lost = count_lost();
      return fault;
    }
    tries_left_ += 200;
    if (tries_left_ < heap_.size()) {
      Fault fault = stuck();
      fault.message = "too many threads wait for each other; the clocks contradict the order";
      fault.lost = count_lost();
      return fault;
    }
  }
  if (!recorder_.stopped()) emit_samples_before(INT64_MAX);
  return std::nullopt;
}

Fault Order::fault_at(const Cursor& c, std::string message, FaultKind kind) {
  const BatchRef& batch = generation_->batch(c.batch);
  return Fault{.kind = kind,
               .message = std::move(message),
               .offset = batch.offset + static_cast<uint64_t>(c.at - batch.data),
               .generation = number_,
               .thread = tables_.thread_id(c.thread->m),
               .event = std::string(wire_spec(c.type).name)};
}

/// No head can advance. The earliest one tells best what is missing.
Fault Order::stuck() {
  const Cursor& c = *heap_[0].cursor;
  return fault_at(c,
                  "nothing can come next: this event waits for one that never happens (as do " +
                      std::to_string(heap_.size() - 1) + " other threads)",
                  FaultKind::kInvalid);
}

Order::Step Order::dangling(const char* what, uint64_t id) {
  return bad(std::string(what) + " " + std::to_string(id) + " does not exist in this generation");
}

bool Order::ids(uint64_t stack, StackId& out) {
  out = generation_->stack(stack);
  if (out != Generation::kDangling) [[likely]]
    return true;
  dangling("stack", stack);
  return false;
}

bool Order::ids(uint64_t string, StringId& name, uint64_t stack, StackId& out) {
  name = generation_->string(string);
  if (name == Generation::kDangling) {
    dangling("string", string);
    return false;
  }
  return ids(stack, out);
}

}  // namespace tracetool
