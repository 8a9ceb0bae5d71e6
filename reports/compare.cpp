#include "reports/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tracetool {
namespace {

/// Differences below this are of no interest, whatever the percentage.
double floor_of(const Measure& m) {
  const bool rate = !m.per.empty();
  switch (m.unit) {
    case Unit::kNanoseconds:
      return rate ? 1e5 : 1e3;
    case Unit::kBytes:
    case Unit::kBytesPerSecond:
      return 4096;
    case Unit::kRatio:
      return 0.005;
    case Unit::kCount:
    case Unit::kPerSecond:
      return rate ? 10 : 1;
    case Unit::kNone:
    case Unit::kTime:
    case Unit::kId:
      break;
  }
  return 1;
}

/// Steps of e between the two, times how much of the program it is about.
double weight_of(const Comparison& c) {
  const double floor = floor_of(c.series.measure);
  const double before = std::fabs(c.before.value_or(0)), after = std::fabs(c.after.value_or(0));
  const double steps = std::min(5.0, std::fabs(std::log((after + floor) / (before + floor))));
  const bool record = c.series.table->layout == Layout::kRecord;
  double share = record ? 0.5 : 0.2;
  if (c.series.measure.unit == Unit::kNanoseconds && !c.series.measure.per.empty()) {
    // Goroutine-seconds in a second: what the whole program gained or lost.
    const double second = c.series.measure.per == "s" ? 1e9 : c.scale;
    share = 0.02 + std::min(2.0, second > 0 ? std::fabs(after - before) / second : 0);
  }
  if (c.series.column->better == Better::kNeither) share *= 0.1;
  constexpr double kEnough = 20;
  if (c.series.column->role != Role::kSum && c.series.support)
    share *= std::min(1.0, *c.series.support / kEnough);
  return steps * share;
}

std::vector<double> present(const Series& s, size_t from, size_t to) {
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) {
    if (s.values[i]) out.push_back(*s.values[i]);
  }
  return out;
}

std::optional<ValueRange> range_of(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(values);
  return ValueRange{low, high};
}

Change directed(const Comparison& c) {
  const double delta = *c.after - *c.before;
  const Better better = c.series.column->better;
  if (better == Better::kNeither) return Change::kChanged;
  return (delta < 0) == (better == Better::kLower) ? Change::kBetter : Change::kWorse;
}

class Comparer {
 public:
  Comparer(const Side& before, const Side& after, const CompareOptions& options)
      : options_(options), before_(before.samples.size()), after_(after.samples.size()) {
    all_ = before.samples;
    const auto add = [&](const std::vector<Sample>& more) {
      all_.insert(all_.end(), more.begin(), more.end());
    };
    add(after.samples);
    add(before.slices);
    slices_ = all_.size();
    add(after.slices);
  }

  std::vector<Comparison> run() {
    std::vector<Comparison> out;
    for (Series& series : join(all_, options_.per, before_ + after_)) {
      Comparison c;
      c.series = std::move(series);
      if (judge(c)) out.push_back(std::move(c));
    }
    std::ranges::stable_sort(out, [](const Comparison& a, const Comparison& b) {
      if ((a.change == Change::kSame) != (b.change == Change::kSame))
        return b.change == Change::kSame;
      return a.weight > b.weight;
    });
    return out;
  }

 private:
  bool judge(Comparison& c) {
    const size_t end = before_ + after_;
    const auto old_values = present(c.series, 0, before_);
    const auto new_values = present(c.series, before_, end);
    c.old_n = old_values.size();
    c.new_n = new_values.size();
    if (c.old_n == 0 && c.new_n == 0) return false;  // in slices only
    if (c.old_n > 0) c.before = median(old_values);
    if (c.new_n > 0) c.after = median(new_values);
    const bool repeated = before_ > 1 || after_ > 1;
    if (repeated) {
      const double confidence = 1 - options_.alpha;
      if (c.old_n > 0) c.before_range = median_interval(old_values, confidence);
      if (c.new_n > 0) c.after_range = median_interval(new_values, confidence);
    } else {
      c.before_range = range_of(present(c.series, end, slices_));
      c.after_range = range_of(present(c.series, slices_, all_.size()));
    }
    c.scale = options_.work_ns;
    c.weight = weight_of(c);
    if (!c.before || !c.after) {
      // A row in fewer than half of the captures comes and goes by chance.
      const bool mostly = 2 * (c.old_n + c.new_n) > (c.before ? before_ : after_);
      if (mostly) c.change = c.before ? Change::kGone : Change::kNew;
      return true;
    }
    if (*c.before == *c.after) return true;
    if (repeated) {
      c.p = mann_whitney(old_values, new_values);
      if (*c.p >= options_.alpha) return true;
    } else if (overlap(c)) {
      return true;
    }
    if (std::fabs(*c.after - *c.before) <
        options_.threshold * std::max(std::fabs(*c.before), std::fabs(*c.after)))
      return true;
    c.change = directed(c);
    return true;
  }

  /// Within one capture the figure varies as much as between the two.
  static bool overlap(const Comparison& c) {
    if (!c.before_range && !c.after_range) return false;
    const ValueRange a = c.before_range.value_or(ValueRange{*c.before, *c.before});
    const ValueRange b = c.after_range.value_or(ValueRange{*c.after, *c.after});
    return a.low <= b.high && b.low <= a.high;
  }

  const CompareOptions& options_;
  const size_t before_, after_;
  size_t slices_ = 0;
  std::vector<Sample> all_;
};

}  // namespace

std::string_view name_of(Change change) {
  constexpr std::string_view kNames[] = {"~", "better", "worse", "changed", "new", "gone"};
  return kNames[static_cast<size_t>(change)];
}

std::optional<double> Comparison::delta() const {
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

std::optional<double> Comparison::ratio() const {
  if (!before || !after) return std::nullopt;
  if (*before == *after) return 0;
  if (*before == 0) return std::nullopt;
  return (*after - *before) / std::fabs(*before);
}

std::vector<Comparison> compare(const Side& before, const Side& after,
                                const CompareOptions& options) {
  return Comparer(before, after, options).run();
}

}  // namespace tracetool
