#include "parser/format2/v2_order.h"

#include <algorithm>

#include "parser/format2/v2_order_hot.h"

namespace tracetool {

Order::Order(Tables& tables, Recorder& recorder, const ReadLimits& limits, bool strict)
    : tables_(tables),
      recorder_(recorder),
      strict_(strict),
      most_tellings_(limits.tellings),
      tries_per_byte_(limits.tries_per_byte),
      tries_left_(limits.tries),
      gc_name_(tables.intern("GC concurrent mark phase")),
      sweep_name_(tables.intern("GC incremental sweep")),
      assist_name_(tables.intern("GC mark assist")) {}

void Order::reset() {
  for (const ProcIndex p : state_.used_procs) state_.procs[p] = {};
  for (const ThreadIndex m : state_.used_threads) state_.threads[m] = {};
  state_.used_procs.clear();
  state_.used_threads.clear();
  state_.gc = SchedulerState::Gc::kUndetermined;
  state_.gc_seq = 0;
  state_.initial_generation = 0;
}

SchedulerState::Thread& Order::thread(ThreadIndex m) {
  while (state_.threads.size() <= m) state_.threads.push_back({});
  SchedulerState::Thread& t = state_.threads[m];
  if (t.m == kNoThread) state_.used_threads.push_back(m);
  t.m = m;
  return t;
}

SchedulerState::Thread* Order::known_thread(uint64_t id) {
  const ThreadIndex m = tables_.intern_thread(static_cast<int64_t>(id));
  if (m == kNoThread || m >= state_.threads.size() || !state_.threads[m].known) return nullptr;
  return &state_.threads[m];
}

/// Moves cursor i to its next event and to its new place. False on damage.
bool Order::step(size_t i) {
  Cursor& c = *heap_[i].cursor;
  if (next(c)) {
    heap_[i].time = c.time;
    heap_.fix(i);
    return true;
  }
  heap_.remove(i);
  return !c.failed;
}

/// By time; what is equal keeps its order. Since the last time few have left their places.
void Order::sort_heap() {
  const auto by_time = [](const HeapItem& a, const HeapItem& b) { return a.time < b.time; };
  size_t moves = 4 * heap_.size();
  for (auto it = heap_.begin(); it != heap_.end(); ++it) {
    if (it == heap_.begin() || !by_time(*it, *(it - 1))) continue;
    const auto place = std::upper_bound(heap_.begin(), it, *it, by_time);
    const auto distance = static_cast<size_t>(it - place);
    if (distance > moves) return std::stable_sort(heap_.begin(), heap_.end(), by_time);
    moves -= distance;
    std::rotate(place, it, it + 1);
  }
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
    const GoSlot g = s.g == 0 ? kNoGo : recorder_.goroutines().find_told(s.g);
    StackId stack = generation_->stack(s.stack);
    if (stack == Generation::kDangling) {
      // The writer's stack ids of samples are best effort: an unknown one means none.
      stack = 0;
      if (generation_->incomplete()) stack = missing_stack(s.stack);
    }
    recorder_.sample(s.time, {s.m, s.p, g}, s.g, stack);
  }
  sample_time_ = next_sample_ < samples.size() ? samples[next_sample_].time : INT64_MAX;
}

/// What lies behind all events.
void Order::emit_samples_behind() {
  const auto samples = generation_->samples();
  size_t sound = next_sample_;
  const int64_t latest = recorder_.last_time() + kMostStray;
  while (sound < samples.size() && recorder_.relative(samples[sound].time) <= latest) ++sound;
  stray_samples_ = samples.size() - sound;
  if (sound > next_sample_) emit_samples_before(samples[sound - 1].time + 1);
}

std::optional<Fault> Order::run(Generation& generation) {
  generation_ = &generation;
  clock_ = generation.clock();
  number_ = generation.number();
  next_sample_ = 0;
  decode_fault_.reset();
  lost_parts_ = {};
  starved_ = false;
  stray_samples_ = 0;
  tries_left_ += tries_per_byte_ * generation.facts().bytes;
  open_cursors();
  if (decode_fault_) {
    decode_fault_->lost.events = generation.count_events();
    return decode_fault_;
  }
  if (state_.initial_generation == 0) foretell();
  const auto samples = generation.samples();
  sample_time_ = samples.empty() ? INT64_MAX : samples[0].time;
  while (!heap_.empty() && !recorder_.stopped()) {
    if (sample_time_ < heap_[0].time) emit_samples_before(heap_[0].time);
    // While the root stays the earliest, nothing in the heap moves: the usual case.
    Cursor& c = *heap_[0].cursor;
    // Below the limit of times: then one comparison serves for both, and no sum overflows.
    int64_t bound = std::min(sample_time_, Clock::kTimeLimit - 1);
    if (heap_.size() > 1) bound = std::min(bound, heap_[1].time);
    if (heap_.size() > 2) bound = std::min(bound, heap_[2].time);
    const Left left = take(c, bound);
    if (left == Left::kLater) {
      heap_[0].time = c.time;
      heap_.sift_down(0);
      continue;
    }
    if (left == Left::kEnd) {
      heap_.pop();
      continue;
    }
    heap_[0].time = c.time;
    if (left == Left::kFailed) return with_loss(*decode_fault_);
    if (left == Left::kInvalid) return with_loss(fault_at(c, why_, invalid()));
    if (!spend(heap_.size())) {
      Fault fault = stuck();
      fault.message =
          "too many threads wait for each other; the clocks contradict the order (such events may "
          "be looked at " +
          std::to_string(tries_per_byte_) + " times for each byte of the capture)";
      return with_loss(std::move(fault));
    }
    Step result;
    if (!retry(result)) {
      if (decode_fault_) return with_loss(*decode_fault_);
      return with_loss(result == Step::kBad ? fault_at(*heap_[0].cursor, why_, invalid())
                                            : stuck());
    }
  }
  if (!recorder_.stopped()) emit_samples_behind();
  return std::nullopt;
}

Order::Left Order::take(Cursor& c, int64_t bound) {
  SchedulerState::Thread& t = *c.thread;
  t.known = true;
  if (state_.initial_generation == 0) state_.initial_generation = number_;
  // In registers, where the cursor itself would be in memory.
  const uint8_t* p = c.p;
  int64_t time = c.time;
  uint8_t type = c.type;
  bool decoded = c.decoded;
  for (;;) {
    if (!decoded) [[likely]] {
      ByteArgs args{p};
      const Step step = frequent(t, type, time, args);
      if (step != Step::kOk) [[unlikely]] {
        c.leave(p, time, type);
        if (step == Step::kWait) return Left::kWaits;
        if (step == Step::kBad) return Left::kInvalid;
        if (!load_args(c)) return Left::kFailed;
        decoded = true;
        continue;
      }
      p = args.p;
    } else {
      const Step step = advance_decoded(c);
      if (step != Step::kOk) return step == Step::kWait ? Left::kWaits : Left::kInvalid;
      p = c.p;
    }
    // Type and time of the next one.
    const uint8_t* const at = p;
    uint64_t dt = 0;
    p = at <= c.whole_until ? varint_fast(at + 1, dt) : nullptr;
    const int64_t next = time + clock_.ns(dt);
    if (p != nullptr && next <= bound) [[likely]] {
      c.at = at;
      type = *at;
      time = next;
      decoded = false;
      continue;
    }
    if (p != nullptr && next < Clock::kTimeLimit) {
      c.at = at;
      c.leave(p, next, *at);
      return Left::kLater;
    }
    // The last few of a batch, the first of the next one, or damage.
    c.p = at;
    c.time = time;
    if (at == c.end && !next_batch(c)) return Left::kEnd;
    if (!decode_tail(c)) return Left::kFailed;
    if (c.time > bound) return Left::kLater;
    p = c.p;
    time = c.time;
    type = c.type;
    decoded = true;
  }
}

Order::Step Order::advance(Cursor& c) {
  c.thread->known = true;
  if (!c.decoded && !load_args(c)) return Step::kBad;
  return advance_decoded(c);
}

Order::Step Order::advance_decoded(Cursor& c) {
  CursorArgs args{c.args};
  const Step step = frequent(*c.thread, c.type, c.time, args);
  if (step != Step::kRare) return step;
  const Step rare = advance_rare(c, context(*c.thread));
  if (c.thread == &nobody_) nobody_ = {};
  return rare;
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
  starved_ = true;
  return fault_at(c,
                  "nothing can come next: this event waits for one that never happens (as do " +
                      std::to_string(heap_.size() - 1) + " other threads)",
                  FaultKind::kInvalid);
}

StackId Order::missing_stack(uint64_t id) {
  if (!generation_->incomplete()) {
    bad("stack " + std::to_string(id) + " does not exist in this generation");
    return Generation::kDangling;
  }
  const StackId left = generation_->partial_stack(id);
  if (left == 0) {
    lost_parts_.stack(recorder_.events());
  } else {
    lost_parts_.name(recorder_.events());
  }
  return left;
}

StringId Order::missing_string(uint64_t id) {
  if (!generation_->incomplete()) {
    bad("string " + std::to_string(id) + " does not exist in this generation");
    return Generation::kDangling;
  }
  lost_parts_.name(recorder_.events());
  return tables_.intern(kLostName);
}

}  // namespace tracetool
