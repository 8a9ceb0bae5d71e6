// A distribution of durations in bounded memory: exact while small, then buckets of at most 1/64
// relative width (percentiles within 0.8 %; count, sum, min and max stay exact).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "analyses/engine/by_id.h"

namespace tracetool {

class Histogram {
 public:
  void add(int64_t value) {
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    ++count_;
    sum_ += value;
    if (buckets_.empty()) [[unlikely]]
      return keep(value);
    count_in_bucket(value);
  }
  void merge(const Histogram& other);

  uint64_t count() const { return count_; }
  int64_t sum() const { return sum_; }
  /// 0 if empty, as the mean and the percentiles.
  int64_t min() const { return count_ == 0 ? 0 : min_; }
  int64_t max() const { return count_ == 0 ? 0 : max_; }
  double mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  /// Smallest value that at least `q` of all values do not exceed (nearest rank); 0 if empty.
  int64_t percentile(double q) const;
  bool exact() const { return buckets_.empty(); }

 private:
  static constexpr size_t kExact = 1024;
  static constexpr int kSubBits = 6;
  static constexpr size_t kSub = size_t{1} << kSubBits;

  /// Below 64 each value has its own bucket; above, each power of two has 64.
  static size_t bucket_of(uint64_t value) {
    if (value < kSub) return static_cast<size_t>(value);
    const int shift = std::bit_width(value) - 1 - kSubBits;
    return static_cast<size_t>(shift + 1) * kSub + static_cast<size_t>((value >> shift) - kSub);
  }
  static uint64_t middle_of(size_t bucket);
  void count_in_bucket(int64_t value) {
    const size_t bucket = bucket_of(value < 0 ? 0 : static_cast<uint64_t>(value));
    ++by_id(buckets_, bucket);
  }
  void keep(int64_t value);
  void spill();

  uint64_t count_ = 0;
  int64_t sum_ = 0, min_ = INT64_MAX, max_ = INT64_MIN;
  mutable std::vector<int64_t> values_;  // while few; percentile() sorts them
  mutable bool sorted_ = true;
  std::vector<uint64_t> buckets_;
};

}  // namespace tracetool
