#include "analyses/passes/allocs/alloc_account.h"

#include "analyses/engine/by_id.h"
#include "parser/model/heap_units.h"

namespace tracetool {
namespace {

/// LiveAlloc::what is an index and, in its low bits, a size.
constexpr unsigned kSizeBits = 7;
constexpr uint32_t kMostIndex = (uint32_t{1} << (32 - kSizeBits)) - 1;
static_assert(AllocAccount::kNoSize < size_t{1} << kSizeBits);

uint32_t pack(uint32_t index, size_t size) {
  return index << kSizeBits | static_cast<uint32_t>(size);
}
uint32_t index_in(uint32_t what) { return what >> kSizeBits; }
size_t size_in(uint32_t what) { return what & ((1u << kSizeBits) - 1); }

/// Stacks are powers of two, told by how many bits the size has.
constexpr uint64_t kMostStackOrder = 48;
int64_t stack_bytes(size_t order) { return int64_t{1} << (order - 1); }

}  // namespace

void AllocAccount::begin(int64_t now) {
  begin_ = now;
  bytes_curve.begin(now);
  objects_curve.begin(now);
}

void AllocAccount::units(uint32_t page_bytes, uint32_t object_align) {
  page_bytes_ = page_bytes;
  object_align_ = object_align;
  told_ = snapshot_ = true;
}

void AllocAccount::event(const Event& e, bool before) {
  recorded = true;
  if (!before && events++ == 0) live_is(begin_);
  assumed_units |= !told_;
  before_ = before;
  const How how = before ? How::kExisted : How::kAllocated;
  switch (static_cast<AllocEvent>(e.aux)) {
    case AllocEvent::kSpan:
      return span(e, How::kExisted);
    case AllocEvent::kSpanAlloc:
      return span(e, how);
    case AllocEvent::kSpanFree:
      return span_free(e.arg, before);
    case AllocEvent::kObject:
      return object(e, How::kExisted);
    case AllocEvent::kObjectAlloc:
      return object(e, how);
    case AllocEvent::kObjectFree:
      return object_free(e, before);
    case AllocEvent::kStack:
      return stack(e, How::kExisted);
    case AllocEvent::kStackAlloc:
      return stack(e, how);
    case AllocEvent::kStackFree:
      return stack_free(e, before);
    default:
      return;
  }
}

AllocSums& AllocAccount::span_sums(const HeapSpans::Span& span) {
  const size_t size = span.kind.heap() ? static_cast<size_t>(span.kind.size_class()) : kNotHeap;
  return sizes_[size].spans;
}

void AllocAccount::span(const Event& e, How how) {
  // The third number does not travel with the event: it has the kind in `subject`.
  const HeapSpans::Span span{e.arg, e.arg2, {e.subject}};
  const bool possible = span.pages > 0 && span.pages <= HeapSpans::kMostPages &&
                        span.first <= UINT64_MAX / page_bytes_ - span.pages && span.kind.known();
  if (!possible) {
    ++nonsense;
    return;
  }
  spans_.add(span);
  put(span_sums(span), how, span_bytes(span));
}

void AllocAccount::span_free(uint64_t first, bool before) {
  const std::optional<HeapSpans::Span> span = spans_.free(first);
  if (span) {
    end(span_sums(*span), before, span_bytes(*span));
  } else if (snapshot_) {
    ++unmatched;
  }
}

AllocAccount::Slot AllocAccount::slot_of(uint64_t object) {
  Slot slot{.key = object};
  const uint64_t per_page = page_bytes_ / object_align_;
  const HeapSpans::Span* span = spans_.find(object / per_page);
  if (span == nullptr || !span->kind.heap()) return slot;
  const uint64_t first = span->first * per_page;
  const uint64_t bytes =
      span->kind.large() ? span->pages * page_bytes_ : kSizeClasses[span->kind.size_class()];
  slot.bytes = static_cast<int64_t>(bytes);
  slot.size = static_cast<size_t>(span->kind.size_class());
  slot.tiny = span->kind.tiny();
  if (const uint64_t step = bytes / object_align_; step > 0)
    slot.key = first + (object - first) / step * step;
  return slot;
}

uint32_t AllocAccount::type_of(const Event& e) {
  if (e.name == 0) return e.arg2 == 0 ? kNoType : kLostType;
  uint32_t& index = by_id(type_index_, e.name);
  if (index == 0) {
    index = static_cast<uint32_t>(types_.size());
    types_.push_back({e.name, e.subject});
  }
  // Types of several packages may have the same name.
  if (types_[index].bytes != e.subject) types_[index].bytes = 0;
  return index;
}

uint32_t AllocAccount::maker_of(GoSlot g) {
  if (g == kNoGo) return kNobody;
  const Goroutine& goroutine = goroutines_[g];
  const auto add = [&](uint32_t& index) {
    if (index != 0) return;
    index = static_cast<uint32_t>(makers_.size());
    makers_.push_back({goroutine.name, goroutine.selected, {}});
  };
  if (goroutine.named) {
    uint32_t& index = by_id(maker_index_, size_t{goroutine.name} * 2 + goroutine.selected);
    add(index);
    return index;
  }
  uint32_t& index = by_id(unnamed_, g);
  unnamed_count_ += index == 0;
  add(index);
  return index;
}

void AllocAccount::ended(GoSlot slot) {
  if (unnamed_count_ == 0 || slot >= unnamed_.size() || unnamed_[slot] == 0) return;
  AllocMaker& maker = makers_[unnamed_[slot]];
  maker.name = goroutines_[slot].name;
  maker.selected = goroutines_[slot].selected;
  unnamed_[slot] = 0;
  --unnamed_count_;
}

uint32_t AllocAccount::pair_of(uint32_t maker, uint32_t type) {
  if (last_pair_ < pairs_.size() && pairs_[last_pair_].maker == maker &&
      pairs_[last_pair_].type == type)
    return last_pair_;
  const uint64_t key = uint64_t{maker} << 32 | type;
  if (const uint32_t* found = pair_index_.find(key); found != nullptr) return last_pair_ = *found;
  if (pairs_.size() >= kMostPairs && maker != kOtherMakers) {
    ++others;
    return pair_of(kOtherMakers, kOtherTypes);
  }
  last_pair_ = static_cast<uint32_t>(pairs_.size());
  pairs_.push_back({maker, type, {}});
  pair_index_.insert(key, last_pair_);
  return last_pair_;
}

void AllocAccount::live_changed(int64_t now, int64_t objects, int64_t bytes) {
  live_objects_ += objects;
  add_bytes(live_bytes_, bytes);
  if (!before_) live_is(now);
}

void AllocAccount::live_is(int64_t now) {
  objects_curve.live(now, live_objects_);
  bytes_curve.live(now, live_bytes_);
  if (live_bytes_ <= peak_bytes && peak_at != kNever) return;
  peak_bytes = live_bytes_;
  peak_at = now;
}

void AllocAccount::object(const Event& e, How how) {
  const Slot slot = slot_of(e.arg);
  if (slot.key == AddressMap<int>::kNoKey) {
    ++nonsense;
    return;
  }
  unsized += slot.size == kNoSize;
  const uint32_t maker = how == How::kExisted ? kBefore : maker_of(e.g);
  const uint32_t pair = pair_of(maker, type_of(e));
  // Only the first one in a slot takes memory.
  const int64_t bytes = slot.tiny && objects_.has(slot.key) ? 0 : slot.bytes;
  AllocSums& sums = pairs_[pair].sums;
  AllocSums& size = sizes_[slot.size].objects;
  put(sums, how, bytes);
  put(size, how, bytes);
  if (how == How::kAllocated) {
    objects_curve.allocated(e.time, 1);
    bytes_curve.allocated(e.time, bytes);
  }
  if (objects_.full()) {
    sums.lost.add(1, bytes);
    size.lost.add(1, bytes);
    ++not_followed;
    return;
  }
  objects_.add(slot.key, {bytes, pack(pair, slot.size)});
  live_changed(e.time, 1, bytes);
}

void AllocAccount::object_free(const Event& e, bool before) {
  // All that share a slot are freed at once.
  const HeapSpans::Span* span = spans_.find(e.arg / (page_bytes_ / object_align_));
  const bool tiny = span != nullptr && span->kind.tiny();
  int64_t objects = 0, bytes = 0;
  const bool known = objects_.take(e.arg, tiny, [&](const LiveAlloc& object) {
    end(pairs_[index_in(object.what)].sums, before, object.bytes);
    end(sizes_[size_in(object.what)].objects, before, object.bytes);
    ++objects;
    add_bytes(bytes, object.bytes);
  });
  if (known) return live_changed(e.time, -objects, -bytes);
  if (snapshot_) {
    ++unmatched;
    return;
  }
  // Nothing told what existed: it did.
  if (before) return;
  const Slot slot = slot_of(e.arg);
  unsized += slot.size == kNoSize;
  for (AllocSums* sums : {&pairs_[pair_of(kBefore, kLostType)].sums, &sizes_[slot.size].objects}) {
    put(*sums, How::kExisted, slot.bytes);
    end(*sums, false, slot.bytes);
  }
}

void AllocAccount::stack(const Event& e, How how) {
  if (e.arg2 == 0 || e.arg2 > kMostStackOrder || e.arg == AddressMap<int>::kNoKey) {
    ++nonsense;
    return;
  }
  const auto order = static_cast<size_t>(e.arg2);
  const int64_t bytes = stack_bytes(order);
  const uint32_t maker = how == How::kExisted ? kBefore : std::min(maker_of(e.g), kMostIndex);
  AllocSums& of_maker = makers_[maker].stacks;
  AllocSums& of_size = stacks_[bytes];
  put(of_maker, how, bytes);
  put(of_size, how, bytes);
  if (stack_places_.full()) {
    of_maker.lost.add(1, bytes);
    of_size.lost.add(1, bytes);
    ++not_followed;
    return;
  }
  stack_places_.add(e.arg, {bytes, pack(maker, order)});
}

void AllocAccount::stack_free(const Event& e, bool before) {
  const bool known = stack_places_.take(e.arg, false, [&](const LiveAlloc& stack) {
    end(makers_[index_in(stack.what)].stacks, before, stack.bytes);
    end(stacks_[stack.bytes], before, stack.bytes);
  });
  // Without a snapshot it existed, and how large it was is not told.
  if (!known && snapshot_) ++unmatched;
}

void AllocAccount::gap(int64_t now) {
  objects_.drop([&](const LiveAlloc& object) {
    pairs_[index_in(object.what)].sums.lost.add(1, object.bytes);
    sizes_[size_in(object.what)].objects.lost.add(1, object.bytes);
  });
  stack_places_.drop([&](const LiveAlloc& stack) {
    makers_[index_in(stack.what)].stacks.lost.add(1, stack.bytes);
    stacks_[stack.bytes].lost.add(1, stack.bytes);
  });
  spans_.each([&](const HeapSpans::Span& span) { span_sums(span).lost.add(1, span_bytes(span)); });
  spans_.clear();
  snapshot_ = false;
  live_changed(now, -live_objects_, -live_bytes_);
}

void AllocAccount::finish(int64_t now) {
  if (recorded && events == 0) live_is(begin_);
  bytes_curve.finish(now);
  objects_curve.finish(now);
}

}  // namespace tracetool
