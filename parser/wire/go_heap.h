// The binary heap by which Go's reader merges streams. Among items of equal keys its exact shape
// decides which comes first, so its steps are the reference's, one by one; the standard library's
// have others.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tracetool {

/// The item with the least `Key`, a pointer to a member, is at [0].
template <class Item, auto Key>
class GoHeap {
 public:
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  Item& operator[](size_t i) { return items_[i]; }
  const Item& operator[](size_t i) const { return items_[i]; }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  void clear() { items_.clear(); }

  void push(const Item& item) {
    items_.push_back(item);
    sift_up(items_.size() - 1);
  }
  /// Removes the root.
  void pop() {
    items_[0] = items_.back();
    items_.pop_back();
    if (!items_.empty()) sift_down(0);
  }
  /// Removes an item by way of the root.
  void remove(size_t i) {
    for (; i > 0; i = (i - 1) / 2) std::swap(items_[i], items_[(i - 1) / 2]);
    pop();
  }
  /// Moves an item whose key has changed to its place.
  void fix(size_t i) {
    const bool up = i > 0 && items_[(i - 1) / 2].*Key > items_[i].*Key;
    up ? sift_up(i) : sift_down(i);
  }
  void sift_down(size_t i) {
    const Item item = items_[i];
    const size_t n = items_.size();
    for (;;) {
      size_t child = 2 * i + 1;
      if (child >= n) break;
      if (child + 1 < n && items_[child + 1].*Key < items_[child].*Key) ++child;
      if (items_[child].*Key >= item.*Key) break;
      items_[i] = items_[child];
      i = child;
    }
    items_[i] = item;
  }

 private:
  void sift_up(size_t i) {
    const Item item = items_[i];
    for (; i > 0 && item.*Key < items_[(i - 1) / 2].*Key; i = (i - 1) / 2)
      items_[i] = items_[(i - 1) / 2];
    items_[i] = item;
  }

  std::vector<Item> items_;
};

}  // namespace tracetool
