#include "reports/compare/ranking.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tracetool {

double effect_of(const Comparison& c, const CompareOptions& options) {
  const Measure& measure = c.series.measure;
  if (measure.unit != Unit::kNanoseconds || measure.per.empty() || options.work_ns <= 0) return 0;
  return (c.after.value_or(0) - c.before.value_or(0)) / options.work_ns;
}

namespace {

/// Takes `amount` off the effects, the largest first.
void reduce(std::vector<std::pair<uint32_t, double>>& rows, double amount) {
  for (auto& [figure, effect] : rows) {
    const double part = std::min(amount, std::fabs(effect));
    effect -= std::copysign(part, effect);
    amount -= part;
  }
}

double total(const std::vector<std::pair<uint32_t, double>>& rows) {
  double sum = 0;
  for (const auto& [figure, effect] : rows) sum += std::fabs(effect);
  return sum;
}

/// Steps of e between the two.
double steps(const Comparison& c) {
  constexpr double kMost = 5;
  const double floor = floor_of(c.series.measure);
  const double before = std::fabs(c.before.value_or(0)), after = std::fabs(c.after.value_or(0));
  return std::min(kMost, std::fabs(std::log((after + floor) / (before + floor))));
}

}  // namespace

double weight_of(const Comparison& c, double interest) {
  const Column& column = *c.series.column;
  const bool total = c.series.label.empty();
  double weight = std::fabs(c.effect) * (total ? 0.5 : interest);
  // A step is worth two hundredths of a second at most, so that time comes first.
  double step = total ? 0.02 : 0.01 * interest;
  constexpr double kEnough = 20;
  if (column.role != Role::kSum && c.series.support)
    step *= std::min(1.0, *c.series.support / kEnough);
  if (c.before && c.after) weight += step * steps(c);
  return column.better == Better::kNeither ? weight * 0.1 : weight;
}

void Moves::add(const Comparison& c, uint32_t figure, double effect) {
  Moved& moved = columns_[{c.series.table->id, c.series.column->id}];
  (c.before ? moved.gone : moved.come).emplace_back(figure, effect);
}

std::vector<std::pair<uint32_t, double>> Moves::cancelled() {
  Rows all;
  for (auto& [name, moved] : columns_) {
    for (Rows* rows : {&moved.gone, &moved.come}) {
      std::ranges::stable_sort(*rows, std::greater(),
                               [](const auto& row) { return std::fabs(row.second); });
    }
    const double gone = total(moved.gone), come = total(moved.come);
    reduce(moved.gone, come);
    reduce(moved.come, gone);
    all.insert(all.end(), moved.gone.begin(), moved.gone.end());
    all.insert(all.end(), moved.come.begin(), moved.come.end());
    moved = {};
  }
  std::ranges::sort(all, {}, &std::pair<uint32_t, double>::first);
  return all;
}

}  // namespace tracetool
