// Heap sizes as the runtime writes them, if they mean anything.
#pragma once

#include <cstdint>
#include <optional>

namespace tracetool {

/// Larger figures do not occur as sizes: "no limit" is written as one of them.
inline constexpr uint64_t kMostHeap = uint64_t{1} << 50;

inline std::optional<int64_t> heap_bytes(uint64_t value) {
  if (value > kMostHeap) return std::nullopt;
  return static_cast<int64_t>(value);
}

/// None before the first collection, and while no goal triggers one (0).
inline std::optional<int64_t> heap_goal(uint64_t value) {
  return value == 0 ? std::nullopt : heap_bytes(value);
}

/// Stays at the end of the range: sums of sizes that a damaged trace made up have no other end.
inline void add_bytes(int64_t& sum, int64_t bytes) {
  if (__builtin_add_overflow(sum, bytes, &sum)) sum = bytes > 0 ? INT64_MAX : INT64_MIN;
}

/// Of sizes that events tell; none as soon as one of them cannot be.
class HeapSum {
 public:
  void add(uint64_t value) { add(heap_bytes(value)); }
  void add(const HeapSum& other) { add(other.sum_); }
  std::optional<int64_t> bytes() const { return sum_; }

 private:
  void add(std::optional<int64_t> more) {
    int64_t sum = 0;
    if (!sum_ || !more || __builtin_add_overflow(*sum_, *more, &sum)) {
      sum_.reset();
    } else {
      sum_ = sum;
    }
  }
  std::optional<int64_t> sum_ = 0;
};

}  // namespace tracetool
