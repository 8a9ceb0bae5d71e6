#include "analyses/measure/histogram.h"

#include <algorithm>
#include <cmath>

namespace tracetool {

uint64_t Histogram::middle_of(size_t bucket) {
  if (bucket < kSub) return bucket;
  const size_t shift = bucket / kSub - 1;
  const uint64_t low = (kSub + bucket % kSub) << shift;
  return low + ((uint64_t{1} << shift) - 1) / 2;
}

void Histogram::keep(int64_t value) {
  values_.push_back(value);
  sorted_ = false;
  if (values_.size() > kExact) spill();
}

void Histogram::spill() {
  buckets_.resize(kSub);
  for (int64_t value : values_) count_in_bucket(value);
  values_ = {};
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
  if (buckets_.empty() && other.buckets_.empty() &&
      values_.size() + other.values_.size() <= kExact) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    sorted_ = false;
    return;
  }
  if (buckets_.empty()) spill();
  for (int64_t value : other.values_) count_in_bucket(value);
  if (buckets_.size() < other.buckets_.size()) buckets_.resize(other.buckets_.size());
  for (size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
}

int64_t Histogram::percentile(double q) const {
  if (count_ == 0) return 0;
  const double exact_rank = std::ceil(q * static_cast<double>(count_));
  const uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(exact_rank), 1, count_);
  if (buckets_.empty()) {
    if (!sorted_) std::ranges::sort(values_);
    sorted_ = true;
    return values_[static_cast<size_t>(rank - 1)];
  }
  uint64_t below = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    below += buckets_[i];
    if (below >= rank) return std::clamp(static_cast<int64_t>(middle_of(i)), min_, max_);
  }
  return max_;
}

}  // namespace tracetool
