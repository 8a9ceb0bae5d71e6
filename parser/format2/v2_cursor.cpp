// Order's cursors: decoding the events of one thread, batch by batch, straight from the bytes.
#include <algorithm>

#include "parser/format2/v2_order_hot.h"
#include "parser/format2/v2_walk.h"

namespace tracetool {

void Order::open_cursors() {
  cursors_.clear();
  heap_.clear();
  cursors_.reserve(generation_->threads().size());  // they are pointed at
  for (const ThreadStream& stream : generation_->threads()) {
    Cursor& c = cursors_.emplace_back();
    c.thread = stream.m == kNoThread ? &nobody_ : &thread(stream.m);
    c.next_batch = stream.first;
    c.p = c.end = c.whole_until = nullptr;
    c.decoded = true;
    c.failed = false;
    if (next(c)) {
      heap_.push({c.time, &c});
    } else if (c.failed) {
      return;
    }
  }
}

bool Order::next(Cursor& c) {
  if (!c.decoded && !load_args(c)) return false;
  if (c.p == c.end && !next_batch(c)) return false;
  return decode_tail(c);
}

/// Decodes the arguments of a head of which only type and time were looked at.
bool Order::load_args(Cursor& c) {
  const int count = int{kTimedArgs[c.type]};
  const uint8_t* p = c.p;
  for (int i = 0; i < count && p != nullptr; ++i)
    p = varint_fast(p, c.args[static_cast<size_t>(i)]);
  if (count < 0 || p == nullptr) {
    // Whatever is wrong with it is told by the decoder that looks at each byte.
    c.p = c.at;
    return decode_tail(c);
  }
  c.p = p;
  c.decoded = true;
  return true;
}

bool Order::next_batch(Cursor& c) {
  do {
    if (c.next_batch == kNoBatch) return false;
    open_batch(c);
  } while (c.p == c.end);
  return true;
}

void Order::open_batch(Cursor& c) {
  c.batch = c.next_batch;
  const BatchRef& batch = generation_->batch(c.batch);
  c.p = c.at = batch.data;
  c.end = batch.data + batch.size;
  c.whole_until = batch.size >= kMostEventBytes ? c.end - kMostEventBytes : nullptr;
  c.next_batch = batch.next;
  c.time = clock_.ns(batch.time);
}

bool Order::fail_decode(Cursor& c, const char* field, std::string message) {
  c.failed = true;
  c.type = *c.at;
  decode_fault_ = fault_at(c, std::move(message), FaultKind::kMalformed);
  decode_fault_->field = field;
  if (wire_spec(c.type).name.empty()) decode_fault_->event.clear();
  return false;
}

/// A whole event with every byte checked: the last few of a batch, and what is no event at all.
bool Order::decode_tail(Cursor& c) {
  const uint8_t* p = c.at = c.p;
  const uint8_t type = c.type = *p++;
  const int count = int{kTimedArgs[type]};
  if (count < 0)
    return fail_decode(c, "",
                       wire_spec(type).name.empty()
                           ? "unknown event type " + std::to_string(type)
                           : "this record does not belong into a thread's stream");
  VarintError error = VarintError::kNone;
  const auto field = [&](const char* name, uint64_t& value) {
    value = varint_checked(p, c.end, error);
    if (error == VarintError::kNone) return true;
    return fail_decode(c, name,
                       error == VarintError::kShort ? "varint runs past the end of its batch"
                                                    : "varint is longer than 64 bits");
  };
  uint64_t dt;
  if (!field("dt", dt)) return false;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    if (!field(wire_spec(type).args[i].data(), c.args[i])) return false;
  return finish_decode(c, dt, p);
}

bool Order::finish_decode(Cursor& c, uint64_t dt, const uint8_t* p) {
  const int64_t delta = clock_.ns(dt);
  c.time += delta;
  if (c.time >= Clock::kTimeLimit || delta >= Clock::kTimeLimit)
    return fail_decode(c, "dt", "time is out of range");
  c.p = p;
  c.decoded = true;
  return true;
}

/// Counts what cannot be placed after a fault by decoding it.
Fault Order::with_loss(Fault fault) {
  const std::optional<Fault> keep = decode_fault_;
  lost_parts_.forget(recorder_.events());
  const auto samples = generation_->samples().subspan(next_sample_);
  uint64_t events = samples.size();
  int64_t first = INT64_MAX, last = INT64_MIN;
  const auto see = [&](int64_t time) {
    first = std::min(first, time);
    last = std::max(last, time);
  };
  for (const HeapItem& item : heap_) {
    Cursor& c = *item.cursor;
    if (c.failed || (!c.decoded && !load_args(c))) continue;
    ++events;
    see(c.time);
  }
  for (Cursor& c : cursors_) {
    do {
      if (c.failed) {
        // The rest of this batch has no times or cannot be told apart, the thread's next ones can.
        const std::span<const uint8_t> rest(c.at, c.end);
        events += walk_batch(rest).events;
        fault.lost.add_bytes(rest.size());
        c.failed = false;
        c.decoded = true;
        c.p = c.end;
      }
      while (next(c)) {
        ++events;
        see(c.time);
      }
    } while (c.failed);
  }
  const int64_t latest = std::max(last, recorder_.last_time() - recorder_.relative(0)) + kMostStray;
  for (const CpuSample& s : samples)
    if (s.time <= latest) see(s.time);
  decode_fault_ = keep;
  fault.lost.events = events;
  if (first <= last) fault.lost.between(recorder_.relative(first), recorder_.relative(last));
  return fault;
}

}  // namespace tracetool
