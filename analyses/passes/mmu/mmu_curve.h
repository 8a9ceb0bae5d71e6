// Minimum mutator utilization: the least share of the Ps that the program had in any window of a
// given length, how it is distributed over all windows, and where the worst ones lie.
//
// A windowed mean of a step function is piecewise linear in the window's begin. One walk over its
// kinks answers exactly, in time proportional to the number of points.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tracetool {

struct UtilizationPoint {
  int64_t time;
  double utilization;  // from `time` to the next point
};
static_assert(sizeof(UtilizationPoint) == 16);

/// A step function from its first to its last point. The last one only says where it ends.
using UtilizationSeries = std::vector<UtilizationPoint>;

struct WorstWindow {
  int64_t begin;
  double utilization;
  size_t series;
};

class MmuCurve {
 public:
  /// `series` must live as long as the curve. Series without any length are left out.
  explicit MmuCurve(std::span<const UtilizationSeries> series) : series_(series) {}

  bool empty() const;
  /// Length of the longest series: longer windows tell nothing more.
  int64_t length() const;
  /// Minimum over all windows of that length (> 0); a shorter series counts as a whole.
  double mmu(int64_t window) const;
  /// For each of `quantiles` (ascending, in (0, 1]) the least utilization that at least this share
  /// of all windows do not exceed; exact to 2e-11. The minimum where there is only one window.
  std::vector<double> quantiles(int64_t window, std::span<const double> quantiles) const;
  /// At most `count` windows that do not overlap within a series: the lowest of all, the lowest of
  /// those that do not overlap it, and so on; of equal ones the earliest.
  std::vector<WorstWindow> worst(int64_t window, size_t count) const;

 private:
  std::span<const UtilizationSeries> series_;
};

}  // namespace tracetool
