#include "reports/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/ranking.h"

namespace tracetool {
namespace {

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

/// The values of a side. A sum that has no row there is 0, what is absent for the best is
/// infinitely good.
std::vector<double> filled(const Series& s, size_t from, size_t to, const CompareOptions& options) {
  const bool best = options.absent_is_best && options.absent_is_best(s);
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) {
    if (s.values[i]) {
      out.push_back(*s.values[i]);
    } else if (best && s.column->better != Better::kNeither) {
      out.push_back(s.column->better == Better::kLower ? -INFINITY : INFINITY);
    } else if (s.column->role == Role::kSum && s.rowless[i]) {
      out.push_back(0);
    }
  }
  return out;
}

/// Nothing where half of them are absent.
std::optional<double> middle(const std::vector<double>& values) {
  const double value = median(values);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<ValueRange> finite(const std::optional<ValueRange>& range) {
  return range && std::isfinite(range->low) && std::isfinite(range->high) ? range : std::nullopt;
}

/// 1 for each capture that has the figure, 0 for the others.
std::vector<double> presence(const Series& s, size_t from, size_t to) {
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) out.push_back(s.values[i] ? 1 : 0);
  return out;
}

/// In which order a figure puts the captures, upwards or downwards.
std::vector<size_t> order_of(const std::vector<double>& values) {
  std::vector<double> known = values;
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<size_t> up, down;
  for (const double value : values) {
    up.push_back(static_cast<size_t>(std::ranges::lower_bound(known, value) - known.begin()));
    down.push_back(known.size() - 1 - up.back());
  }
  return std::min(up, down);
}

/// What was tested, by how many captures have it on the old side and the order it puts them in.
using Tests = std::map<std::pair<size_t, std::vector<size_t>>, std::vector<Comparison*>>;

bool has_direction(const Comparison& c) { return c.series.column->better != Better::kNeither; }

Tests tests_of(std::vector<Comparison>& all, bool directed) {
  Tests tests;
  for (Comparison& c : all) {
    if (has_direction(c) != directed) continue;
    const auto order = order_of(c.tested);
    const bool constant = std::ranges::all_of(order, [](size_t rank) { return rank == 0; });
    if (!constant) tests[{c.tested_before, order}].push_back(&c);
  }
  return tests;
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
      if (measure(c)) out.push_back(std::move(c));
    }
    adjust(out);
    weigh(out, options_);
    for (Comparison& c : out) c.change = judged(c);
    std::ranges::stable_sort(out, [](const Comparison& a, const Comparison& b) {
      if ((a.change == Change::kSame) != (b.change == Change::kSame))
        return b.change == Change::kSame;
      return a.weight > b.weight;
    });
    return out;
  }

 private:
  bool repeated() const { return before_ > 1 || after_ > 1; }

  bool measure(Comparison& c) const {
    const size_t end = before_ + after_;
    auto old_values = present(c.series, 0, before_);
    auto new_values = present(c.series, before_, end);
    c.old_n = old_values.size();
    c.new_n = new_values.size();
    if (c.old_n == 0 && c.new_n == 0) return false;  // in slices only
    const bool both = c.old_n > 0 && c.new_n > 0;
    if (repeated() && both) {
      old_values = filled(c.series, 0, before_, options_);
      new_values = filled(c.series, before_, end, options_);
      test(c, old_values, new_values);
    } else if (repeated()) {
      test(c, presence(c.series, 0, before_), presence(c.series, before_, end));
    }
    if (c.old_n > 0) c.before = middle(old_values);
    if (c.new_n > 0) c.after = middle(new_values);
    if (repeated()) {
      const double confidence = 1 - options_.alpha;
      if (c.old_n > 0) c.before_range = finite(median_interval(old_values, confidence));
      if (c.new_n > 0) c.after_range = finite(median_interval(new_values, confidence));
    } else {
      c.before_range = range_of(present(c.series, end, slices_));
      c.after_range = range_of(present(c.series, slices_, all_.size()));
    }
    return true;
  }

  static void test(Comparison& c, const std::vector<double>& a, const std::vector<double>& b) {
    c.p = mann_whitney(a, b);
    c.tested = a;
    c.tested.insert(c.tested.end(), b.begin(), b.end());
    c.tested_before = a.size();
  }

  /// Many figures are compared at once, and some differ by chance. Figures that only say the same
  /// in other words are one test. Those that can be better or worse are what a reader looks for:
  /// they do not pay for the others.
  static void adjust(std::vector<Comparison>& all) {
    for (Comparison& c : all) {
      if (c.p) c.q = 1;
    }
    for (const bool directed : {true, false}) adjust(tests_of(all, directed));
  }
  static void adjust(const Tests& tests) {
    std::vector<double> p;
    for (const auto& [order, figures] : tests) p.push_back(*figures.front()->p);
    const std::vector<double> q = false_discovery_rates(p);
    size_t i = 0;
    for (const auto& [order, figures] : tests) {
      for (Comparison* c : figures) c->q = q[i];
      ++i;
    }
  }

  Change judged(const Comparison& c) const {
    if (c.q && *c.q >= options_.alpha) return Change::kSame;
    if (!c.before && !c.after) return Change::kSame;  // half of either side lacks it
    // What half of a side lacks although it is there for the others is absent for the best.
    if (!c.before) return c.old_n > 0 ? Change::kWorse : Change::kNew;
    if (!c.after) return c.new_n > 0 ? Change::kBetter : Change::kGone;
    const double delta = std::fabs(*c.after - *c.before);
    const double larger = std::max(std::fabs(*c.before), std::fabs(*c.after));
    if (delta == 0 || delta < options_.threshold * larger) return Change::kSame;
    if (repeated() || !(options_.without_spread || overlap(c))) return directed(c);
    // A twentieth of the time, and a tenth of the figure.
    const bool large = std::fabs(c.effect) >= 0.05 && delta >= 0.1 * larger;
    if (!large || c.series.column->better == Better::kNeither) return Change::kSame;
    return directed(c) == Change::kBetter ? Change::kPerhapsBetter : Change::kPerhapsWorse;
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

size_t tests_in(const std::vector<Comparison>& comparisons) {
  std::vector<Comparison> copy = comparisons;
  return tests_of(copy, true).size();
}

std::string_view name_of(Change change) {
  constexpr std::string_view kNames[] = {"~",   "better", "worse",   "changed",
                                         "new", "gone",   "better?", "worse?"};
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
