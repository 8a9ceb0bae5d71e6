#include "analyses/problems.h"

#include <algorithm>
#include <cmath>

namespace tracetool {
namespace {

std::string column_of(const FindingRule& rule) {
  std::string id = rule.id;
  std::ranges::replace(id, '-', '_');
  return rule.unit == Unit::kNanoseconds ? id + "_ns" : id;
}

}  // namespace

std::vector<Problem> problems_of(const Report& report) {
  ReportView view(report);
  const CaptureFacts nothing;  // only rules about the capture itself read them
  std::vector<Problem> problems;
  for (const FindingRule* rule : all_rules()) {
    if (rule->about_capture) continue;
    Problem& problem = problems.emplace_back();
    problem.rule = rule;
    problem.column = column_of(*rule);
    auto measured = rule->measured({view, nothing});
    if (!measured || !std::isfinite(measured->figure)) continue;
    const double figure = measured->figure;
    problem.severity = std::max(0.0, severity(*rule, figure, rule->threshold));
    problem.found = rule->below ? figure < rule->threshold : figure >= rule->threshold;
    problem.measured = std::move(measured);
  }
  return problems;
}

Table problems_table(const std::vector<Problem>& problems) {
  Table table{
      .id = "problems", .title = "What the rules of findings measure", .layout = Layout::kRecord};
  auto& row = table.rows.emplace_back();
  for (const Problem& problem : problems) {
    const FindingRule& rule = *problem.rule;
    table.columns.push_back({.id = problem.column,
                             .heading = rule.title,
                             .unit = rule.unit,
                             .role = Role::kStat,
                             .better = rule.below ? Better::kHigher : Better::kLower,
                             .help = rule.measure});
    row.emplace_back();
    if (problem.measured) row.back() = problem.measured->figure;
  }
  return table;
}

}  // namespace tracetool
