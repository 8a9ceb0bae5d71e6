#include "cli/commands/diff_story.h"

#include <algorithm>
#include <string_view>

#include "analyses/findings/problems.h"
#include "reports/compare/statistics.h"

namespace tracetool {
namespace {

/// A problem on one side: of several captures the middle.
struct SideProblem {
  double severity = 0;
  bool found = false;
  std::string culprit;
};

SideProblem typical(const std::vector<std::vector<Problem>>& captures, size_t rule) {
  std::vector<double> severities;
  size_t found = 0;
  for (const auto& problems : captures) {
    severities.push_back(problems[rule].severity);
    found += problems[rule].found;
  }
  SideProblem out{median(severities), 2 * found >= captures.size(), {}};
  const auto worst = std::ranges::max_element(
      captures, {}, [&](const auto& problems) { return problems[rule].severity; });
  if ((*worst)[rule].measured) out.culprit = (*worst)[rule].measured->culprit;
  return out;
}

std::vector<std::vector<Problem>> problems_in(const LoadedSide& side) {
  std::vector<std::vector<Problem>> out;
  for (const LoadedReport& r : side.reports) out.push_back(problems_of(r.report));
  return out;
}

bool is_function(std::string_view name) {
  return name.find('.') != std::string_view::npos && name.find(' ') == std::string_view::npos;
}

bool is_of_runtime(std::string_view function) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"runtime.", "runtime/", "internal/runtime"},
      [&](std::string_view start) { return function.starts_with(start); });
}

}  // namespace

VerdictOptions verdict_options(const LoadedSide& before, const LoadedSide& after) {
  VerdictOptions options;
  const auto old_problems = problems_in(before), new_problems = problems_in(after);
  for (size_t i = 0; i < old_problems.front().size(); ++i) {
    const Problem& problem = old_problems.front()[i];
    const SideProblem was = typical(old_problems, i), is = typical(new_problems, i);
    const bool worse = is.severity > was.severity;
    options.headlines.push_back({.table = kProblems,
                                 .column = problem.column,
                                 .title = problem.rule->title,
                                 .culprit = worse ? is.culprit : was.culprit,
                                 .before = was.severity,
                                 .after = is.severity,
                                 .found = was.found || is.found,
                                 .command = std::string("tracetool ") + problem.rule->command});
  }
  options.command = [](const Series& series) { return command_about(series.table->id); };
  return options;
}

bool tells_no_problem_by_absence(const Series& series) { return series.table->id == kProblems; }

double interest_in(const Series& series) {
  // What the program annotated goes by its own words.
  const std::string pass = pass_of_table(series.table->id);
  if (pass == "tasks" || pass == "regions" || pass == "logs") return 1;
  bool functions = false;
  for (const uint32_t id : series.names.ids) {
    if (id >= series.names.texts->size()) continue;
    const std::string& name = series.names.texts->text(id);
    if (!is_function(name)) continue;
    if (!is_of_runtime(name)) return 1;
    functions = true;
  }
  return functions ? 0.2 : 0.5;
}

}  // namespace tracetool
