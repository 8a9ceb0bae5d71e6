// Histograms as people read them: five buckets per decade, as go tool trace has them.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace tracetool {

class Decades {
 public:
  static constexpr int kBuckets = 5 * 19;

  void add(int64_t ns) { ++counts_[static_cast<size_t>(bucket_of(ns))]; }
  uint32_t operator[](int bucket) const { return counts_[static_cast<size_t>(bucket)]; }

  /// [lower(b), lower(b + 1)) ns; bucket 0 begins at 0.
  static int64_t lower(int bucket) {
    return bucket == 0 ? 0 : std::llround(std::ceil(std::pow(10.0, bucket / 5.0) - 1e-6));
  }
  static int bucket_of(int64_t ns) {
    if (ns < 2) return 0;
    int bucket = static_cast<int>(5 * std::log10(static_cast<double>(ns)));
    if (bucket >= kBuckets) return kBuckets - 1;
    // The logarithm may be off by one step at a bucket's border.
    if (bucket + 1 < kBuckets && ns >= lower(bucket + 1)) ++bucket;
    if (ns < lower(bucket)) --bucket;
    return bucket;
  }

 private:
  std::array<uint32_t, kBuckets> counts_{};
};

}  // namespace tracetool
