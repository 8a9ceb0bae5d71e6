#include "cli/commands/fail_on.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analyses/findings/problems.h"
#include "reports/compare/statistics.h"
#include "reports/model/quantity.h"

namespace tracetool {
namespace {

/// Values of every figure that the id names, by the whole id.
using Values = std::map<std::string, std::vector<double>>;

/// Capture length is no change; a mean or a rate has none in it.
bool is_divided(const Figure& f) {
  return f.column->grows && f.measure.per.empty() && !f.id.ends_with(".mean");
}

Values values_of(const Rule& rule, const LoadedSide& side, std::map<std::string, Figure>& figures) {
  Values values;
  for (size_t i = 0; i < side.reports.size(); ++i) {
    const LoadedReport& r = side.reports[i];
    for (Figure& f : find_figures(r.report, rule.figure, r.seconds).found) {
      double value = number_in(f.value).value_or(0);
      if (is_divided(f) && side.divisors[i] > 0) value /= side.divisors[i];
      values[f.id].push_back(value);
      figures.emplace(f.id, f);
    }
  }
  return values;
}

/// The rules of findings have no figure where there is next to nothing of the problem: 0, beside
/// captures that have one. Where nobody looked, as in a saved result without the tables, there is
/// not even a column.
void add_absent(Values& values, const std::map<std::string, Figure>& figures,
                const LoadedSide& side) {
  for (const auto& [id, figure] : figures) {
    if (figure.table->id != kProblems || figure.column->better != Better::kLower) continue;
    const auto looked = std::ranges::count_if(side.reports, [&f = figure](const LoadedReport& r) {
      const auto table = std::ranges::find(r.report.tables, kProblems, &Table::id);
      return table != r.report.tables.end() &&
             std::ranges::count(table->columns, f.column->id, &Column::id) > 0;
    });
    if (looked > 0) values[id].resize(static_cast<size_t>(looked), 0);
  }
}

std::string opposite(const std::string& op) {
  static const std::map<std::string, std::string> kOpposites = {
      {"<", ">="}, {"<=", ">"}, {">", "<="}, {">=", "<"}, {"==", "!="}, {"!=", "=="}};
  return kOpposites.at(op);
}

}  // namespace

std::string parse_fail_on(const std::string& text, const Report& empty, Rule& rule) {
  if (std::string error = parse_rule(text, rule); !error.empty()) return error;
  const Figures figures = find_figures(empty, rule.figure, 1);
  if (!figures.error.empty()) return figures.error;
  if (parse_percent(rule.limit)) return {};
  const Quantity limit = limit_of(rule, figures);
  if (limit.error.empty()) return {};
  return rule.figure + ": " + limit.error + "; or a change such as +10%";
}

std::vector<CheckResult> check_change(const Rule& rule, const LoadedSide& before,
                                      const LoadedSide& after, const std::string& per,
                                      double alpha) {
  std::map<std::string, Figure> figures;
  Values old_values = values_of(rule, before, figures);
  Values new_values = values_of(rule, after, figures);
  add_absent(old_values, figures, before);
  add_absent(new_values, figures, after);
  const bool repeated = before.reports.size() > 1 || after.reports.size() > 1;
  const auto percent = parse_percent(rule.limit);
  // The results tell what was wanted, which is that the condition does not hold.
  Rule wanted = rule;
  wanted.op = opposite(rule.op);
  if (wanted.name.empty()) wanted.name = "fail on " + rule.text();
  std::vector<CheckResult> results;
  for (const auto& [id, figure] : figures) {
    CheckResult r{.rule = wanted, .figure = "change of " + id, .table = figure.table->id};
    const auto a = old_values.find(id), b = new_values.find(id);
    r.verdict = rule.optional ? Verdict::kSkipped : Verdict::kAbsent;
    if (a != old_values.end() && b != new_values.end()) {
      const double was = median(a->second), is = median(b->second);
      const double change = is - was;
      r.measure = percent ? Measure{Unit::kRatio, {}} : figure.measure;
      const double limit = percent ? *percent : parse_quantity(rule.limit, r.measure).value;
      // From nothing to something is more than any percentage.
      const double ratio = change == 0 ? 0
                           : was == 0  ? std::copysign(INFINITY, change)
                                       : change / std::fabs(was);
      const double value = percent ? ratio : change;
      r.value = std::isfinite(value) ? Cell(value) : Cell("from 0");
      r.limit = limit;
      const bool significant = !repeated || mann_whitney(a->second, b->second) < alpha;
      const bool holds = satisfies(value, rule.op, limit) && significant;
      r.verdict = holds ? Verdict::kFail : Verdict::kPass;
      Measure each = figure.measure;
      if (is_divided(figure)) each.per = per;
      r.where = format_cell(Cell(was), each) + " -> " + format_cell(Cell(is), each);
    }
    results.push_back(std::move(r));
  }
  if (!results.empty()) return results;
  CheckResult r{.rule = wanted, .figure = "change of " + rule.figure};
  r.verdict = rule.optional ? Verdict::kSkipped : Verdict::kAbsent;
  results.push_back(std::move(r));
  return results;
}

}  // namespace tracetool
