// What was allocated and not yet freed, by where it lies.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/passes/allocs/address_map.h"

namespace tracetool {

struct LiveAlloc {
  int64_t bytes = 0;
  uint32_t what = 0;  // for whoever keeps it
};

class LiveAllocs {
 public:
  /// Some 1 GB at 50 bytes or so each.
  static constexpr size_t kMost = size_t{1} << 24;

  bool full() const { return count_ >= kMost; }
  bool has(uint64_t key) { return places_.find(key) != nullptr; }
  /// Several may lie in one place.
  void add(uint64_t key, const LiveAlloc& alloc) {
    const uint32_t at = room();
    items_[at] = {alloc, kEnd};
    ++count_;
    if (Place* place = places_.find(key); place != nullptr) {
      items_[place->newest].next = at;
      place->newest = at;
    } else {
      places_.insert(key, {at, at});
    }
  }
  /// Takes the oldest that lies there, or all, and calls `f` with each. False if nothing does.
  template <class F>
  bool take(uint64_t key, bool all, F f) {
    Place* const place = places_.find(key);
    if (place == nullptr) return false;
    uint32_t at = place->oldest;
    do {
      const uint32_t next = items_[at].next;
      f(items_[at].alloc);
      items_[at].next = free_;
      free_ = at;
      --count_;
      at = next;
    } while (all && at != kEnd);
    place->oldest = at;
    if (at == kEnd) places_.erase(key);
    return true;
  }
  /// Forgets everything, after calling `f` with each.
  template <class F>
  void drop(F f) {
    places_.each([&](const Place& place) {
      for (uint32_t at = place.oldest; at != kEnd; at = items_[at].next) f(items_[at].alloc);
    });
    places_.clear();
    items_.clear();
    free_ = kEnd;
    count_ = 0;
  }

 private:
  static constexpr uint32_t kEnd = ~uint32_t{0};
  struct Item {
    LiveAlloc alloc;
    uint32_t next;  // newer one in the same place, or next free item
  };
  struct Place {
    uint32_t oldest, newest;
  };
  uint32_t room() {
    if (free_ == kEnd) {
      items_.emplace_back();
      return static_cast<uint32_t>(items_.size() - 1);
    }
    const uint32_t at = free_;
    free_ = items_[at].next;
    return at;
  }

  AddressMap<Place> places_;
  std::vector<Item> items_;
  uint32_t free_ = kEnd;
  size_t count_ = 0;
};

}  // namespace tracetool
