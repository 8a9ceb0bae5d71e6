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
    items_.push_back(std::move(item));
    std::ranges::push_heap(items_, longer);
    if (items_.size() > n_) {
      std::ranges::pop_heap(items_, longer);
      items_.pop_back();
    }
    if (items_.size() == n_) threshold_ = items_.front().duration;
  }
  /// Longest first.
  std::vector<Item> sorted() const {
    std::vector<Item> out = items_;
    std::ranges::stable_sort(out, longer);
    return out;
  }

 private:
  static bool longer(const Item& a, const Item& b) { return a.duration > b.duration; }
  size_t n_;
  int64_t threshold_ = 0;
  std::vector<Item> items_;  // a heap with the shortest in front
};

}  // namespace tracetool
