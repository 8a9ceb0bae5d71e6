#include "reports/compare/statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/binomial.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>
#include <cmath>

namespace tracetool {
namespace {

/// Infinite where it is too large for a number.
double choose(size_t n, size_t k) {
  using boost::math::policies::ignore_error;
  using Quiet = boost::math::policies::policy<boost::math::policies::overflow_error<ignore_error>>;
  return boost::math::binomial_coefficient<double>(static_cast<unsigned>(n),
                                                   static_cast<unsigned>(k), Quiet());
}

/// Values that are equal share the mean of their ranks; ranks are doubled to stay whole.
struct Ties {
  std::vector<size_t> sizes;
  std::vector<size_t> ranks2;  // of each group
  size_t sum2 = 0;             // of the values of the first sample
};

Ties rank(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::pair<double, bool>> all;
  all.reserve(a.size() + b.size());
  for (const double v : a) all.emplace_back(v, true);
  for (const double v : b) all.emplace_back(v, false);
  std::ranges::sort(all);
  Ties ties;
  for (size_t i = 0; i < all.size();) {
    size_t end = i;
    while (end < all.size() && all[end].first == all[i].first) ++end;
    ties.sizes.push_back(end - i);
    ties.ranks2.push_back(i + 1 + end);  // ranks i+1 … end
    for (; i < end; ++i) {
      if (all[i].second) ties.sum2 += ties.ranks2.back();
    }
  }
  return ties;
}

double exact_p(const Ties& ties, size_t n, size_t total) {
  // ways[k][s]: to choose k values so that their doubled ranks sum to s, group by group.
  const size_t most = total * (total + 1);
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(most + 1));
  ways[0][0] = 1;
  for (size_t g = 0; g < ties.sizes.size(); ++g) {
    for (size_t k = n; k > 0; --k) {
      for (size_t take = 1; take <= std::min(k, ties.sizes[g]); ++take) {
        const size_t add = take * ties.ranks2[g];
        const double of_group = choose(ties.sizes[g], take);
        for (size_t s = add; s <= most; ++s) ways[k][s] += ways[k - take][s - add] * of_group;
      }
    }
  }
  double below = 0, above = 0, all = 0;
  for (size_t s = 0; s <= most; ++s) {
    all += ways[n][s];
    if (s <= ties.sum2) below += ways[n][s];
    if (s >= ties.sum2) above += ways[n][s];
  }
  return std::min(1.0, 2 * std::min(below, above) / all);
}

double normal_p(const Ties& ties, double n, double m) {
  const double total = n + m;
  double correction = 0;
  for (const size_t size : ties.sizes) {
    const auto t = static_cast<double>(size);
    correction += t * t * t - t;
  }
  const double variance = n * m / 12 * (total + 1 - correction / (total * (total - 1)));
  if (variance <= 0) return 1;
  const double u = static_cast<double>(ties.sum2) / 2 - n * (n + 1) / 2;
  const double away = std::max(0.0, std::fabs(u - n * m / 2) - 0.5);
  const boost::math::normal standard;
  return 2 * boost::math::cdf(boost::math::complement(standard, away / std::sqrt(variance)));
}

}  // namespace

double median(std::vector<double> values) { return boost::math::statistics::median(values); }

std::optional<ValueRange> median_interval(std::vector<double> values, double confidence) {
  std::ranges::sort(values);
  const size_t n = values.size();
  const boost::math::binomial below(static_cast<double>(n), 0.5);
  // Outside of the k-th values from both ends lies the median if fewer than k are below it, or
  // above it.
  std::optional<ValueRange> best;
  for (size_t k = 1; 2 * k <= n; ++k) {
    const double outside = 2 * boost::math::cdf(below, static_cast<double>(k - 1));
    if (1 - outside < confidence) break;
    best = ValueRange{values[k - 1], values[n - k]};
  }
  return best;
}

double mann_whitney(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr size_t kMostExact = 50;
  if (a.empty() || b.empty()) return 1;
  const Ties ties = rank(a, b);
  if (a.size() + b.size() <= kMostExact) return exact_p(ties, a.size(), a.size() + b.size());
  return normal_p(ties, static_cast<double>(a.size()), static_cast<double>(b.size()));
}

std::vector<double> false_discovery_rates(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, std::greater(), [&](size_t i) { return p[i]; });
  std::vector<double> q(p.size());
  const auto n = static_cast<double>(p.size());
  double least = 1, rank = n;
  for (const size_t i : order) {
    least = std::min(least, p[i] * n / rank--);
    q[i] = least;
  }
  return q;
}

double smallest_p(size_t a, size_t b) { return std::min(1.0, 2 / choose(a + b, a)); }

double reach_of(double value, const ValueRange& range) {
  return std::max(std::fabs(range.high - value), std::fabs(value - range.low));
}

void GeometricMean::add(double value) {
  ++count_;
  positive_ &= value > 0;
  if (positive_) logs_ += std::log(value);
}

std::optional<double> GeometricMean::value() const {
  if (count_ == 0 || !positive_) return std::nullopt;
  return std::exp(logs_ / static_cast<double>(count_));
}

}  // namespace tracetool
