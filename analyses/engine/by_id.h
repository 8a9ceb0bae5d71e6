// Small containers for what is kept by ids, which are dense: of goroutine slots, strings, stacks,
// Ps, threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracetool {

/// The item of `id` in `items`, which grow to have it.
template <class T>
T& by_id(std::vector<T>& items, size_t id) {
  if (id >= items.size()) [[unlikely]]
    items.resize(id + 1);
  return items[id];
}
/// The same; what is new is `fresh`.
template <class T>
T& by_id(std::vector<T>& items, size_t id, const T& fresh) {
  if (id >= items.size()) [[unlikely]]
    items.resize(id + 1, fresh);
  return items[id];
}

/// Rows in the order in which their ids turned up.
template <class Row>
class Groups {
 public:
  /// 1 + index of the row of `id`, which is `make()` if there was none.
  template <class Make>
  uint32_t index(size_t id, Make make) {
    uint32_t& at = by_id(index_, id);
    if (at == 0) {
      rows_.push_back(make());
      at = static_cast<uint32_t>(rows_.size());
    }
    return at;
  }
  template <class Make>
  Row& of(size_t id, Make make) {
    return rows_[index(id, make) - 1];
  }
  Row& operator[](uint32_t index) { return rows_[index - 1]; }
  std::vector<Row>& rows() { return rows_; }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<uint32_t> index_;  // by id
  std::vector<Row> rows_;
};

/// Items that come and go, by numbers from 1 on that are used again; 0 stands for none.
template <class T>
class Pool {
 public:
  /// The number of an item that is as new.
  uint32_t take() {
    if (free_.empty()) {
      items_.emplace_back();
      return static_cast<uint32_t>(items_.size());
    }
    const uint32_t number = free_.back();
    free_.pop_back();
    items_[number - 1] = T();
    return number;
  }
  void give(uint32_t number) { free_.push_back(number); }
  T& operator[](uint32_t number) { return items_[number - 1]; }
  const T& operator[](uint32_t number) const { return items_[number - 1]; }

 private:
  std::vector<T> items_;
  std::vector<uint32_t> free_;
};

}  // namespace tracetool
