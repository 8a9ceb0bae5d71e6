#include "analyses/passes/mmu/mmu_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace tracetool {
namespace {

int64_t length_of(const UtilizationSeries& s) {
  return s.size() < 2 ? 0 : s.back().time - s.front().time;
}

/// The integral of a series from some point on, at times that only grow.
///
/// Two of them that began at the same point have added up the same numbers in the same order:
/// their difference over a stretch of utilization 0 is exactly 0.
class Integral {
 public:
  Integral(const UtilizationSeries& series, size_t begin)
      : point_(&series[begin]), last_(&series.back()) {}

  double at(int64_t time) {
    while (point_ < last_ && point_[1].time <= time) {
      sum_ += point_->utilization * static_cast<double>(point_[1].time - point_->time);
      ++point_;
    }
    return sum_ + point_->utilization * static_cast<double>(time - point_->time);
  }
  /// When the utilization changes next.
  int64_t next() const { return point_ < last_ ? point_[1].time : INT64_MAX; }

 private:
  const UtilizationPoint* point_;
  const UtilizationPoint* last_;
  double sum_ = 0;
};

/// Calls f(begin, mean) for windows that begin in [first, last]: at both ends and wherever the
/// slope of the mean changes in between.
template <class F>
void walk(const UtilizationSeries& series, int64_t window, int64_t first, int64_t last, F f) {
  const auto after = std::ranges::upper_bound(series, first, {}, &UtilizationPoint::time);
  const auto begin = static_cast<size_t>(after - series.begin()) - 1;
  Integral left(series, begin), right(series, begin);
  const auto width = static_cast<double>(window);
  for (int64_t time = first;;) {
    const double total = right.at(time + window) - left.at(time);
    f(time, total / width);
    if (time == last) return;
    const int64_t right_next = right.next();
    time = std::min(left.next(), right_next == INT64_MAX ? last : right_next - window);
    time = std::min(time, last);
  }
}

/// The cumulative distribution over a range of utilizations, at evenly spaced edges.
class Distribution {
 public:
  static constexpr int kSteps = 4096;

  Distribution(double low, double high) : low_(low), high_(high), step_((high - low) / kSteps) {}

  /// Spreads `mass` evenly over what lies between two utilizations.
  void add(double a, double b, double mass) {
    const double from = (std::min(a, b) - low_) / step_, to = (std::max(a, b) - low_) / step_;
    if (from > kSteps) return;
    const int first = edge(from), last = edge(to);
    if (last - first <= kNarrow) {
      // At each edge as such, because a steep slope would drown in rounding.
      double before = 0;
      for (int e = first; e < last; ++e) {
        const double now = mass * ((e - from) / (to - from));
        constant_[static_cast<size_t>(e)] += now - before;
        before = now;
      }
      constant_[static_cast<size_t>(last)] += mass - before;
      return;
    }
    const double slope = mass / (to - from);
    slope_[static_cast<size_t>(first)] += slope;
    constant_[static_cast<size_t>(first)] -= slope * from;
    slope_[static_cast<size_t>(last)] -= slope;
    constant_[static_cast<size_t>(last)] += slope * from + mass;
  }

  /// The first edge below or at which there is a mass of `target`; kSteps if there is none.
  int find(double target) const {
    double slope = 0, constant = 0;
    for (int e = 0; e <= kSteps; ++e) {
      slope += slope_[static_cast<size_t>(e)];
      constant += constant_[static_cast<size_t>(e)];
      if (slope * e + constant >= target - kRounding * target) return e;
    }
    return kSteps;
  }
  double value(int edge) const { return edge == kSteps ? high_ : low_ + step_ * edge; }

 private:
  static constexpr int kNarrow = 8;
  /// Where exactly the wanted mass lies below a gap (half of all windows, in one of two series, are
  /// all worse than those in the other), rounding must not put the answer behind the gap.
  static constexpr double kRounding = 1e-12;
  /// The first edge at or above a position; one past the last for what lies above all of them.
  static int edge(double position) {
    return position <= 0       ? 0
           : position > kSteps ? kSteps + 1
                               : static_cast<int>(std::ceil(position));
  }

  double low_, high_, step_;
  // The mass up to edge e is slope * e + constant, with both summed up over all edges up to e.
  std::array<double, kSteps + 2> slope_{}, constant_{};
};

/// Two digits of base kSteps after the first one: a range of 1.5e-11.
constexpr int kRefinements = 2;

}  // namespace

bool MmuCurve::empty() const { return length() == 0; }

int64_t MmuCurve::length() const {
  int64_t longest = 0;
  for (const UtilizationSeries& s : series_) longest = std::max(longest, length_of(s));
  return longest;
}

double MmuCurve::mmu(int64_t window) const {
  double least = 1;
  for (const UtilizationSeries& s : series_) {
    const int64_t length = length_of(s), w = std::min(window, length);
    if (length == 0) continue;
    walk(s, w, s.front().time, s.back().time - w,
         [&least](int64_t, double mean) { least = std::min(least, mean); });
  }
  return least;
}

std::vector<double> MmuCurve::quantiles(int64_t window, std::span<const double> quantiles) const {
  double total = 0;
  for (const UtilizationSeries& s : series_)
    total += static_cast<double>(std::max<int64_t>(0, length_of(s) - window));
  if (total == 0) return std::vector<double>(quantiles.size(), mmu(window));

  // First over all utilizations, then again over the one step in which each quantile lies.
  std::vector<Distribution> parts;
  std::vector<size_t> part_of(quantiles.size(), 0);
  std::vector<bool> settled(quantiles.size(), false);
  std::vector<double> out(quantiles.size());
  parts.emplace_back(0.0, 1.0);
  for (int round = 0;; ++round) {
    for (const UtilizationSeries& s : series_) {
      if (length_of(s) <= window) continue;
      int64_t last_begin = s.front().time;
      double last_mean = -1;
      walk(s, window, s.front().time, s.back().time - window, [&](int64_t begin, double mean) {
        if (begin > last_begin) {
          const auto mass = static_cast<double>(begin - last_begin);
          for (Distribution& part : parts) part.add(last_mean, mean, mass);
        }
        last_begin = begin;
        last_mean = mean;
      });
    }
    std::vector<Distribution> finer;
    std::vector<double> finer_low;
    for (size_t i = 0; i < quantiles.size(); ++i) {
      if (settled[i]) continue;
      const Distribution& part = parts[part_of[i]];
      const int edge = part.find(quantiles[i] * total);
      out[i] = part.value(edge);
      settled[i] = edge == 0 || round == kRefinements;
      if (settled[i]) continue;
      const double low = part.value(edge - 1);
      const auto same = std::ranges::find(finer_low, low);
      part_of[i] = static_cast<size_t>(same - finer_low.begin());
      if (same != finer_low.end()) continue;
      finer_low.push_back(low);
      finer.emplace_back(low, out[i]);
    }
    if (finer.empty()) return out;
    parts = std::move(finer);
  }
}

std::vector<WorstWindow> MmuCurve::worst(int64_t window, size_t count) const {
  // Where windows may still begin, with the lowest of them.
  struct Room {
    int64_t first, last;
    WorstWindow lowest;
  };
  const auto higher = [](const Room& a, const Room& b) {
    return a.lowest.utilization != b.lowest.utilization
               ? a.lowest.utilization > b.lowest.utilization
               : std::tie(a.lowest.begin, a.lowest.series) >
                     std::tie(b.lowest.begin, b.lowest.series);
  };
  std::vector<Room> rooms;  // a heap with the lowest in front
  const auto open = [&](size_t series, int64_t first, int64_t last) {
    if (first > last) return;
    WorstWindow lowest{first, 2, series};
    walk(series_[series], std::min(window, length_of(series_[series])), first, last,
         [&lowest](int64_t begin, double mean) {
           if (mean < lowest.utilization) {
             lowest.begin = begin;
             lowest.utilization = mean;
           }
         });
    rooms.push_back({first, last, lowest});
    std::ranges::push_heap(rooms, higher);
  };
  for (size_t i = 0; i < series_.size(); ++i) {
    const int64_t length = length_of(series_[i]);
    if (length == 0) continue;
    const int64_t first = series_[i].front().time;
    open(i, first, first + length - std::min(window, length));
  }
  std::vector<WorstWindow> out;
  while (out.size() < count && !rooms.empty()) {
    std::ranges::pop_heap(rooms, higher);
    const Room room = rooms.back();
    rooms.pop_back();
    out.push_back(room.lowest);
    open(room.lowest.series, room.first, room.lowest.begin - window);
    open(room.lowest.series, room.lowest.begin + window, room.last);
  }
  return out;
}

}  // namespace tracetool
