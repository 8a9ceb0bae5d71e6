#include "reports/compare/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/compare/ranking.h"

namespace tracetool {
namespace {

Change directed(const Comparison& c) {
  const double delta = *c.after - *c.before;
  const Better better = c.series.column->better;
  if (better == Better::kNeither) return Change::kChanged;
  return (delta < 0) == (better == Better::kLower) ? Change::kBetter : Change::kWorse;
}

/// Nothing where half of them are absent.
std::optional<double> middle(const std::vector<double>& values) {
  const double value = median(values);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<ValueRange> finite(const std::optional<ValueRange>& range) {
  return range && std::isfinite(range->low) && std::isfinite(range->high) ? range : std::nullopt;
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

bool has_direction(const Series& s) { return s.column->better != Better::kNeither; }

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

Comparisons::Comparisons(Joined joined, size_t before, const CompareOptions& options)
    : options_(options), joined_(std::move(joined)), before_(before) {
  if (repeated()) test();
  weigh();
  const size_t n = joined_.figures();
  change_.resize(n);
  for (size_t i = 0; i < n; ++i) change_[i] = static_cast<uint8_t>(judged(i, at(i)));
  joined_.keep_reach();
  std::vector<double> weights(n);
  order_.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    weights[i] = at(i).weight;
    order_[i] = i;
  }
  constexpr auto kSame = static_cast<uint8_t>(Change::kSame);
  std::ranges::stable_sort(order_, [&](uint32_t a, uint32_t b) {
    if ((change_[a] == kSame) != (change_[b] == kSame)) return change_[b] == kSame;
    return weights[a] > weights[b];
  });
}

std::vector<double> Comparisons::present(size_t figure, size_t from, size_t to) const {
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) {
    if (const auto value = joined_.value(figure, i)) out.push_back(*value);
  }
  return out;
}

/// The values of a side. A sum that has no row there is 0, what is absent for the best is
/// infinitely good.
std::vector<double> Comparisons::filled(size_t figure, const Series& s, size_t from,
                                        size_t to) const {
  const bool best = options_.absent_is_best && options_.absent_is_best(s);
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) {
    if (const auto value = joined_.value(figure, i)) {
      out.push_back(*value);
    } else if (best && has_direction(s)) {
      out.push_back(s.column->better == Better::kLower ? -INFINITY : INFINITY);
    } else if (s.column->role == Role::kSum && joined_.rowless(figure, i)) {
      out.push_back(0);
    }
  }
  return out;
}

/// 1 for each capture that has the figure, 0 for the others.
std::vector<double> Comparisons::presence(size_t figure, size_t from, size_t to) const {
  std::vector<double> out;
  for (size_t i = from; i < to; ++i) out.push_back(joined_.value(figure, i) ? 1 : 0);
  return out;
}

Comparisons::Tested Comparisons::tested(size_t figure, const Series& s) const {
  const size_t end = joined_.captures();
  if (present(figure, 0, before_).empty() || present(figure, before_, end).empty())
    return {presence(figure, 0, before_), presence(figure, before_, end)};
  return {filled(figure, s, 0, before_), filled(figure, s, before_, end)};
}

Comparison Comparisons::measured(size_t figure) const {
  const size_t end = joined_.captures();
  Comparison c;
  c.series = joined_.series(figure);
  auto old_values = present(figure, 0, before_);
  auto new_values = present(figure, before_, end);
  c.old_n = old_values.size();
  c.new_n = new_values.size();
  const bool both = c.old_n > 0 && c.new_n > 0;
  if (repeated() && both) {
    old_values = filled(figure, c.series, 0, before_);
    new_values = filled(figure, c.series, before_, end);
  }
  if (c.old_n > 0) c.before = middle(old_values);
  if (c.new_n > 0) c.after = middle(new_values);
  if (repeated()) {
    const double confidence = 1 - options_.alpha;
    const auto reach = [&](const std::optional<double>& value, const std::vector<double>& values) {
      const auto range = finite(median_interval(values, confidence));
      return value && range ? std::optional(reach_of(*value, *range)) : std::nullopt;
    };
    if (c.old_n > 0) c.before_reach = reach(c.before, old_values);
    if (c.new_n > 0) c.after_reach = reach(c.after, new_values);
  } else {
    c.before_reach = joined_.reach(figure, 0);
    c.after_reach = joined_.reach(figure, 1);
  }
  return c;
}

Comparison Comparisons::at(size_t figure) const {
  Comparison c = measured(figure);
  if (!p_.empty()) {
    c.p = p_[figure];
    c.q = q_[figure];
  }
  c.effect = effect_of(c, options_);
  const auto moved =
      std::ranges::lower_bound(cancelled_, figure, {}, &std::pair<uint32_t, double>::first);
  if (moved != cancelled_.end() && moved->first == figure) c.effect = moved->second;
  const double interest = interest_[joined_.row_of(figure)];
  c.weight = weight_of(c, interest);
  c.named = !c.series.label.empty() && interest >= 1;
  if (!change_.empty()) c.change = static_cast<Change>(change_[figure]);
  return c;
}

/// Many figures are compared at once, and some differ by chance. Figures that only say the same in
/// other words are one test. Those that can be better or worse are what a reader looks for: they do
/// not pay for the others.
void Comparisons::test() {
  p_.resize(joined_.figures());
  q_.resize(joined_.figures(), 1);
  for (size_t i = 0; i < p_.size(); ++i) {
    const Tested values = tested(i, joined_.series(i));
    p_[i] = mann_whitney(values.before, values.after);
  }
  for (const bool directed : {true, false}) adjust(directed);
}

void Comparisons::adjust(bool directed) {
  // What was tested, by how many captures have it on the old side and the order it puts them in.
  std::map<std::pair<size_t, std::vector<size_t>>, size_t> tests;
  std::vector<std::pair<uint32_t, size_t>> test_of;  // by figure, before they are sorted
  for (uint32_t i = 0; i < p_.size(); ++i) {
    const Series series = joined_.series(i);
    if (has_direction(series) != directed) continue;
    Tested values = tested(i, series);
    const size_t before = values.before.size();
    values.before.insert(values.before.end(), values.after.begin(), values.after.end());
    auto order = order_of(values.before);
    const bool constant = std::ranges::all_of(order, [](size_t rank) { return rank == 0; });
    if (constant) continue;
    const auto it = tests.try_emplace({before, std::move(order)}, i).first;
    test_of.emplace_back(i, it->second);
  }
  if (directed) tests_ = tests.size();
  // The first figure of a test stands for it.
  std::vector<double> p;
  for (const auto& [order, figure] : tests) p.push_back(p_[figure]);
  const std::vector<double> q = false_discovery_rates(p);
  size_t t = 0;
  for (const auto& [order, figure] : tests) q_[figure] = q[t++];
  for (const auto& [figure, first] : test_of) q_[figure] = q_[first];
}

void Comparisons::weigh() {
  interest_.assign(joined_.rows(), 1);
  Moves moves;
  size_t row = SIZE_MAX;
  for (uint32_t i = 0; i < joined_.figures(); ++i) {
    const Comparison c = measured(i);
    if (const size_t of = joined_.row_of(i); of != row && options_.interest)
      interest_[of] = options_.interest(c.series);
    row = joined_.row_of(i);
    if (!c.before || !c.after) moves.add(c, i, effect_of(c, options_));
  }
  cancelled_ = moves.cancelled();
}

bool Comparisons::overlap(size_t figure, const Comparison& c) const {
  const auto before = joined_.slices(figure, 0), after = joined_.slices(figure, 1);
  if (!before && !after) return false;
  const ValueRange a = before.value_or(ValueRange{*c.before, *c.before});
  const ValueRange b = after.value_or(ValueRange{*c.after, *c.after});
  return a.low <= b.high && b.low <= a.high;
}

Change Comparisons::judged(size_t figure, const Comparison& c) const {
  if (c.q && *c.q >= options_.alpha) return Change::kSame;
  if (!c.before && !c.after) return Change::kSame;  // half of either side lacks it
  // What half of a side lacks although it is there for the others is absent for the best.
  if (!c.before) return c.old_n > 0 ? Change::kWorse : Change::kNew;
  if (!c.after) return c.new_n > 0 ? Change::kBetter : Change::kGone;
  const double delta = std::fabs(*c.after - *c.before);
  const double larger = std::max(std::fabs(*c.before), std::fabs(*c.after));
  if (delta == 0 || delta < options_.threshold * larger) return Change::kSame;
  if (repeated() || !(options_.without_spread || overlap(figure, c))) return directed(c);
  // A twentieth of the time, and a tenth of the figure.
  const bool large = std::fabs(c.effect) >= 0.05 && delta >= 0.1 * larger;
  if (!large || c.series.column->better == Better::kNeither) return Change::kSame;
  return directed(c) == Change::kBetter ? Change::kPerhapsBetter : Change::kPerhapsWorse;
}

Comparisons compare(const Side& before, const Side& after, const CompareOptions& options) {
  Joined joined(options.per);
  for (const Side* side : {&before, &after})
    for (const Sample& s : side->samples) joined.add(*s.report, s.divisor);
  joined.join();
  for (const Sample& s : before.slices) joined.add_slice(*s.report, s.divisor, 0);
  for (const Sample& s : after.slices) joined.add_slice(*s.report, s.divisor, 1);
  return {std::move(joined), before.samples.size(), options};
}

}  // namespace tracetool
