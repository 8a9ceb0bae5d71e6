// What lies at numbers that come and go by the million: open addressing without a node for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tracetool {

template <class Value>
class AddressMap {
 public:
  size_t size() const { return count_; }
  /// The only number that cannot be a key.
  static constexpr uint64_t kNoKey = ~uint64_t{0};

  /// nullptr if there is nothing. Valid until the next change.
  Value* find(uint64_t key) {
    if (count_ == 0) return nullptr;
    for (size_t i = home(key);; i = next(i)) {
      if (cells_[i].key == kNoKey) return nullptr;
      if (cells_[i].key == key) return &cells_[i].value;
    }
  }
  /// `key` must not be there.
  void insert(uint64_t key, Value value) {
    if ((count_ + 1) * 4 > cells_.size() * 3) grow();
    size_t i = home(key);
    while (cells_[i].key != kNoKey) i = next(i);
    cells_[i] = {key, value};
    ++count_;
  }
  /// `key` must be there.
  void erase(uint64_t key) {
    size_t hole = home(key);
    while (cells_[hole].key != key) hole = next(hole);
    // Cells behind it that were pushed past the hole move up, so that no search ends too early.
    for (size_t i = next(hole); cells_[i].key != kNoKey; i = next(i)) {
      const size_t from_home = (i - home(cells_[i].key)) & (cells_.size() - 1);
      if (from_home < ((i - hole) & (cells_.size() - 1))) continue;
      cells_[hole] = cells_[i];
      hole = i;
    }
    cells_[hole].key = kNoKey;
    --count_;
  }
  /// In no order.
  template <class F>
  void each(F f) const {
    for (const Cell& c : cells_)
      if (c.key != kNoKey) f(c.value);
  }
  void clear() {
    cells_.clear();
    count_ = 0;
  }

 private:
  struct Cell {
    uint64_t key = kNoKey;
    Value value{};
  };
  size_t home(uint64_t key) const {
    // Numbers of a made-up capture are not to meet in one place: where the map stands is chance.
    key ^= reinterpret_cast<uintptr_t>(cells_.data()) >> 4;
    key = (key ^ key >> 33) * 0xFF51AFD7ED558CCDu;
    key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53u;
    return static_cast<size_t>(key ^ key >> 33) & (cells_.size() - 1);
  }
  size_t next(size_t i) const { return (i + 1) & (cells_.size() - 1); }
  void grow() {
    std::vector<Cell> old = std::exchange(cells_, {});
    cells_.resize(old.empty() ? 64 : 2 * old.size());
    count_ = 0;
    for (const Cell& c : old)
      if (c.key != kNoKey) insert(c.key, c.value);
  }

  std::vector<Cell> cells_;  // a power of two
  size_t count_ = 0;
};

}  // namespace tracetool
