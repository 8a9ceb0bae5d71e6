#include "reports/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace tracetool {
namespace {

double effect_of(const Comparison& c, const CompareOptions& options) {
  const Measure& measure = c.series.measure;
  if (measure.unit != Unit::kNanoseconds || measure.per.empty() || options.work_ns <= 0) return 0;
  return (c.after.value_or(0) - c.before.value_or(0)) / options.work_ns;
}

/// Takes `amount` off the effects, the largest first.
void reduce(const std::vector<Comparison*>& rows, double amount) {
  for (Comparison* c : rows) {
    const double part = std::min(amount, std::fabs(c->effect));
    c->effect -= std::copysign(part, c->effect);
    amount -= part;
  }
}

double total(const std::vector<Comparison*>& rows) {
  double sum = 0;
  for (const Comparison* c : rows) sum += std::fabs(c->effect);
  return sum;
}

/// What is gone in one row and new in another has moved, as when a function got another name.
void cancel_moves(std::vector<Comparison>& all) {
  struct Moved {
    std::vector<Comparison*> gone, come;
  };
  std::map<std::pair<std::string, std::string>, Moved> columns;
  for (Comparison& c : all) {
    if (c.before && c.after) continue;
    Moved& moved = columns[{c.series.table->id, c.series.column->id}];
    (c.before ? moved.gone : moved.come).push_back(&c);
  }
  for (auto& [name, moved] : columns) {
    for (auto* rows : {&moved.gone, &moved.come}) {
      std::ranges::stable_sort(*rows, std::greater(),
                               [](const Comparison* c) { return std::fabs(c->effect); });
    }
    const double gone = total(moved.gone), come = total(moved.come);
    reduce(moved.gone, come);
    reduce(moved.come, gone);
  }
}

/// Steps of e between the two.
double steps(const Comparison& c) {
  constexpr double kMost = 5;
  const double floor = floor_of(c.series.measure);
  const double before = std::fabs(c.before.value_or(0)), after = std::fabs(c.after.value_or(0));
  return std::min(kMost, std::fabs(std::log((after + floor) / (before + floor))));
}

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

}  // namespace

void weigh(std::vector<Comparison>& all, const CompareOptions& options) {
  for (Comparison& c : all) c.effect = effect_of(c, options);
  cancel_moves(all);
  for (Comparison& c : all) {
    const double interest = options.interest ? options.interest(c.series) : 1;
    c.weight = weight_of(c, interest);
    c.named = !c.series.label.empty() && interest >= 1;
  }
}

}  // namespace tracetool
