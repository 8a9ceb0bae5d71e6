// Order's cursors: decoding the events of one thread, batch by batch, straight from the bytes.
#include "parser/v2_order.h"

namespace tracetool {

void Order::open_cursors() {
  cursors_.clear();
  heap_.clear();
  cursors_.reserve(generation_->threads().size());  // they are pointed at
  for (const ThreadStream& stream : generation_->threads()) {
    Cursor& c = cursors_.emplace_back();
    c.thread = stream.m == kNoThread ? &nobody_ : &thread(stream.m);
    c.next_batch = stream.first;
    c.p = c.end = nullptr;
    c.failed = false;
    if (next(c)) {
      heap_.push_back({c.time, &c});
      sift_up(heap_.size() - 1);
    } else if (c.failed) {
      return;
    }
  }
}

bool Order::next_batch(Cursor& c) {
  if (c.next_batch == kNoBatch) return false;
  c.batch = c.next_batch;
  const BatchRef& batch = generation_->batch(c.batch);
  c.p = c.at = batch.data;
  c.end = batch.data + batch.size;
  c.next_batch = batch.next;
  c.time = generation_->clock().ns(batch.time);
  return true;
}

bool Order::fail_decode(Cursor& c, const char* field, std::string message) {
  c.failed = true;
  c.type = *c.at;
  decode_fault_ = fault_at(c, std::move(message), FaultKind::kMalformed);
  decode_fault_->field = field;
  if (wire_spec(c.type).name.empty()) decode_fault_->event.clear();
  return false;
}

bool Order::next(Cursor& c) {
  while (c.p == c.end) [[unlikely]] {
      if (!next_batch(c)) return false;
    }
  const uint8_t* p = c.at = c.p;
  const uint8_t type = c.type = *p++;
  const int count = kTimedArgs[type];
  if (count < 0) [[unlikely]]
    return fail_decode(c, "",
                       type == kWireClockSnapshot || (type > 0 && type < 53)
                           ? "this record does not belong into a thread's stream"
                           : "unknown event type " + std::to_string(type));
  VarintError error = VarintError::kNone;
  uint64_t dt;
  // Unchecked only where the longest possible event surely lies within the batch.
  if (c.end - p >= static_cast<std::ptrdiff_t>(10 * (1 + kMostWireArgs))) [[likely]] {
    dt = varint_fast(p, c.end, error);
    switch (count) {
      case 4:
        c.args[0] = varint_fast(p, c.end, error);
        c.args[1] = varint_fast(p, c.end, error);
        c.args[2] = varint_fast(p, c.end, error);
        c.args[3] = varint_fast(p, c.end, error);
        break;
      case 3:
        c.args[0] = varint_fast(p, c.end, error);
        c.args[1] = varint_fast(p, c.end, error);
        c.args[2] = varint_fast(p, c.end, error);
        break;
      case 2:
        c.args[0] = varint_fast(p, c.end, error);
        c.args[1] = varint_fast(p, c.end, error);
        break;
      case 1:
        c.args[0] = varint_fast(p, c.end, error);
        break;
      default:
        break;
    }
  } else {
    dt = varint_checked(p, c.end, error);
    for (int i = 0; i < count && error == VarintError::kNone; ++i)
      c.args[i] = varint_checked(p, c.end, error);
  }
  if (error != VarintError::kNone) [[unlikely]] {
    // Decode again to find out which field it was.
    const char* field = "dt";
    const uint8_t* q = c.at + 1;
    VarintError again = VarintError::kNone;
    varint_checked(q, c.end, again);
    for (size_t i = 0; again == VarintError::kNone && i < static_cast<size_t>(count); ++i) {
      field = wire_spec(type).args[i].data();
      varint_checked(q, c.end, again);
    }
    return fail_decode(c, field,
                       again == VarintError::kShort ? "varint runs past the end of its batch"
                                                    : "varint is longer than 64 bits");
  }
  const int64_t delta = generation_->clock().ns(dt);
  c.time += delta;
  if (c.time >= Clock::kTimeLimit || delta >= Clock::kTimeLimit) [[unlikely]]
    return fail_decode(c, "dt", "time is out of range");
  c.p = p;
  if (count_wire_) [[unlikely]] {
    auto& counter = facts_.wire[type];
    ++counter.events;
    counter.bytes += static_cast<uint64_t>(p - c.at);
  }
  return true;
}

std::string Order::count_lost() {
  // Only after a fault: what could not be placed any more, counted by decoding it.
  uint64_t events = 0;
  const std::optional<Fault> keep = decode_fault_;
  for (Cursor& c : cursors_) {
    if (c.failed || (c.p == nullptr && c.next_batch == kNoBatch)) continue;
    bool pending = false;
    for (const HeapItem& item : heap_) pending |= item.cursor == &c;
    if (pending) ++events;
    while (next(c)) ++events;
  }
  decode_fault_ = keep;
  return std::to_string(events) + " events of generation " + std::to_string(number_);
}

}  // namespace tracetool
