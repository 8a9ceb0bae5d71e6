#include "analyses/findings/problems.h"

#include <algorithm>
#include <cmath>

namespace tracetool {
namespace {

/// "gc-assist" -> "gc_assist"
std::string word_of(const FindingRule& rule) {
  std::string word = rule.id;
  std::ranges::replace(word, '-', '_');
  return word;
}

}  // namespace

std::vector<Problem> problems_of(const Report& report) {
  const CaptureFacts nothing;  // only rules about the capture itself read them
  std::vector<Problem> problems;
  for (const FindingRule* rule : all_rules()) {
    if (rule->about_capture) continue;
    Problem& problem = problems.emplace_back();
    problem.rule = rule;
    problem.column = word_of(*rule) + (rule->unit == Unit::kNanoseconds ? "_ns" : "");
    ReportView view(report);
    auto measured = rule->measured({view, nothing});
    problem.known = view.missing().empty();
    if (!measured || !std::isfinite(measured->figure)) continue;
    const double figure = measured->figure;
    problem.severity = std::max(0.0, severity(*rule, figure, rule->threshold));
    problem.found = rule->below ? figure < rule->threshold : figure >= rule->threshold;
    problem.measured = std::move(measured);
  }
  return problems;
}

void add_problems(Report& report) {
  const std::vector<Problem> problems = problems_of(report);
  Table table{
      .id = kProblems, .title = "What the rules of findings measure", .layout = Layout::kRecord};
  auto& row = table.rows.emplace_back();
  const auto count = [&](std::string id, std::string heading, std::string help, int64_t value) {
    table.columns.push_back({.id = std::move(id),
                             .heading = std::move(heading),
                             .unit = Unit::kCount,
                             .role = Role::kStat,
                             .better = Better::kLower,
                             .help = std::move(help)});
    row.emplace_back(value);
  };
  if (std::ranges::all_of(problems, &Problem::known)) {
    count("found", "Findings about the program",
          "How many of these are beyond their usual threshold.",
          std::ranges::count(problems, true, &Problem::found));
  }
  for (const Problem& problem : problems) {
    if (!problem.known) continue;
    const FindingRule& rule = *problem.rule;
    table.columns.push_back({.id = problem.column,
                             .heading = rule.title,
                             .unit = rule.unit,
                             .role = Role::kStat,
                             .better = rule.below ? Better::kHigher : Better::kLower,
                             .help = rule.measure,
                             .above_one = rule.above_one});
    row.emplace_back();
    if (problem.measured) row.back() = problem.measured->figure;
    // What was not measured was not found: 0, so that a rule can ask for it in any capture.
    count(word_of(rule) + "_found", std::string(rule.title) + ": found",
          "1 if it is beyond its usual threshold, else 0.", problem.found ? 1 : 0);
  }
  if (!table.columns.empty()) report.tables.push_back(std::move(table));
}

}  // namespace tracetool
