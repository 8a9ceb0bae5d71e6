// Statistics of a few repeated measurements, without assuming how they are distributed.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace tracetool {

/// Expects at least one value.
double median(std::vector<double> values);

struct ValueRange {
  double low = 0, high = 0;
};
/// How far it reaches from a value.
double reach_of(double value, const ValueRange& range);
/// Confidence interval of the median from order statistics: the narrowest symmetric pair of values
/// that covers it with at least this confidence. None where even the extremes do not (n < 6 at 95
/// %).
std::optional<ValueRange> median_interval(std::vector<double> values, double confidence);

/// Two-sided p of the Mann-Whitney U test: how likely samples from one distribution are to be at
/// least this far apart. Exact, with ties, up to 50 values together; beyond that the normal
/// approximation with corrections for ties and continuity. 1 when a side is empty.
double mann_whitney(const std::vector<double>& a, const std::vector<double>& b);

/// Benjamini-Hochberg: for each p the share of chance to expect among all that have it or a
/// smaller one. Holds for figures that depend on each other positively, as those of a program do.
std::vector<double> false_discovery_rates(const std::vector<double>& p);

/// The smallest p that samples of these sizes can reach.
double smallest_p(size_t a, size_t b);

/// The n-th root of the product of values that come one by one.
class GeometricMean {
 public:
  void add(double value);
  size_t count() const { return count_; }
  /// None without values or when one is not positive.
  std::optional<double> value() const;

 private:
  size_t count_ = 0;
  double logs_ = 0;
  bool positive_ = true;
};

}  // namespace tracetool
