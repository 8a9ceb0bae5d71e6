// The N longest of many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracetool {

/// Keeps the N items with the largest `duration`; among equals the earlier ones.
template <class Item>
class Worst {
 public:
  explicit Worst(size_t n) : n_(n) {}

  /// Only what lasted longer can enter: ask this before making an item.
  int64_t threshold() const { return threshold_; }
  void add(Item item) {
    items_.push_back({std::move(item), added_++});
    std::ranges::push_heap(items_, before);
    if (items_.size() > n_) {
      std::ranges::pop_heap(items_, before);
      items_.pop_back();
    }
    if (items_.size() == n_) threshold_ = items_.front().item.duration;
  }
  /// Longest first.
  std::vector<Item> sorted() const {
    std::vector<Entry> entries = items_;
    std::ranges::sort(entries, before);
    std::vector<Item> out;
    out.reserve(entries.size());
    for (Entry& entry : entries) out.push_back(std::move(entry.item));
    return out;
  }

 private:
  struct Entry {
    Item item;
    uint64_t order;
  };
  static bool before(const Entry& a, const Entry& b) {
    if (a.item.duration != b.item.duration) return a.item.duration > b.item.duration;
    return a.order < b.order;
  }
  size_t n_;
  int64_t threshold_ = 0;
  uint64_t added_ = 0;
  std::vector<Entry> items_;  // a heap with what goes next in front
};

}  // namespace tracetool
