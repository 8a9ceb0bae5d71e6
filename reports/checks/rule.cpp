#include "reports/checks/rule.h"

#include <algorithm>
#include <array>

#include "reports/model/quantity.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr std::array<std::string_view, 6> kOperators = {"<=", ">=", "==", "!=", "<", ">"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Where the operator stands: outside of quotes.
size_t operator_at(std::string_view text) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '<' || c == '>' || c == '=' || c == '!') {
      // The = in [key="x"] is none.
      if (c != '=' || (i + 1 < text.size() && text[i + 1] == '=')) return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string parse_rule(std::string_view text, Rule& rule) {
  const std::string quoted = '"' + clean(text) + '"';
  std::string_view rest = trimmed(text);
  if (rest.starts_with("optional ")) {
    rule.optional = true;
    rest = trimmed(rest.substr(9));
  }
  const std::string form = "; write FIGURE < VALUE, with <, <=, >, >=, == or !=";
  const size_t at = operator_at(rest);
  if (at == std::string_view::npos) return quoted + " has no comparison" + form;
  const auto* op = std::ranges::find_if(
      kOperators, [&](std::string_view o) { return rest.substr(at).starts_with(o); });
  if (op == kOperators.end()) return quoted + " has no comparison" + form;
  rule.figure = trimmed(rest.substr(0, at));
  rule.op = *op;
  rule.limit = trimmed(rest.substr(at + op->size()));
  if (rule.figure.empty()) return quoted + " names no figure" + form;
  if (rule.limit.empty()) return quoted + " has no value" + form;
  return {};
}

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view kNames[] = {"pass", "fail", "absent", "skipped"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string CheckResult::sentence() const {
  const std::string label = rule.name.empty() ? "" : rule.name + ": ";
  std::string out = label + figure + " is ";
  if (verdict == Verdict::kAbsent || verdict == Verdict::kSkipped) {
    out += "absent, wanted " + rule.op + " " + rule.limit;
    if (verdict == Verdict::kAbsent) out += " (\"optional\" before the rule lets that pass)";
  } else {
    out += format_cell(value, measure) + (verdict == Verdict::kPass ? ", " : ", wanted ") +
           rule.op + " " + rule.limit;
  }
  if (!rule.why.empty() && failed()) out += " (" + rule.why + ")";
  return out;
}

bool satisfies(double value, std::string_view op, double limit) {
  if (op == "<") return value < limit;
  if (op == "<=") return value <= limit;
  if (op == ">") return value > limit;
  if (op == ">=") return value >= limit;
  return op == "==" ? value == limit : value != limit;
}

Quantity limit_of(const Rule& rule, const Figures& figures) {
  Quantity limit = parse_quantity(rule.limit, figures.measure);
  const bool share = figures.column->unit == Unit::kRatio && !figures.column->above_one &&
                     figures.measure.per.empty();
  if (limit.error.empty() && share) limit.error = share_error(rule.limit, limit.value);
  return limit;
}

std::string rule_error(const Rule& rule, const Report& empty) {
  const Figures figures = find_figures(empty, rule.figure, 1);
  if (!figures.error.empty()) return figures.error;
  const Quantity limit = limit_of(rule, figures);
  return limit.error.empty() ? "" : rule.figure + ": " + limit.error;
}

std::vector<CheckResult> check(const Rule& rule, const Report& report, double seconds) {
  const Figures figures = find_figures(report, rule.figure, seconds);
  std::vector<CheckResult> results;
  for (const Figure& figure : figures.found) {
    CheckResult r{.rule = rule, .figure = figure.id, .table = figure.table->id};
    const Quantity limit = parse_quantity(rule.limit, figure.measure);
    r.value = figure.value;
    r.limit = limit.value;
    r.measure = figure.measure;
    r.where = whereabouts(figure);
    const bool fine =
        limit.error.empty() && satisfies(number_in(figure.value).value_or(0), rule.op, limit.value);
    r.verdict = fine ? Verdict::kPass : Verdict::kFail;
    results.push_back(std::move(r));
  }
  if (!results.empty()) return results;
  CheckResult r{.rule = rule, .figure = rule.figure};
  r.table = figures.table == nullptr ? "" : figures.table->id;
  r.measure = figures.measure;
  r.verdict = rule.optional ? Verdict::kSkipped : Verdict::kAbsent;
  if (const Quantity limit = parse_quantity(rule.limit, figures.measure); limit.error.empty())
    r.limit = limit.value;
  results.push_back(std::move(r));
  return results;
}

Table checks_table(const std::vector<CheckResult>& results) {
  static const Columns<CheckResult> kColumns = {
      {{.id = "verdict",
        .heading = "Verdict",
        .help = "pass, fail, absent (which fails), or "
                "skipped: absent and marked optional."},
       [](const CheckResult& r) -> Cell { return std::string(name_of(r.verdict)); }},
      {{.id = "figure", .heading = "Figure", .role = Role::kKey, .help = "The figure's id."},
       [](const CheckResult& r) -> Cell { return r.figure; }},
      {{.id = "value",
        .heading = "Value",
        .role = Role::kStat,
        .help = "What it is, in base units.",
        .unit_in = "unit"},
       [](const CheckResult& r) { return r.value; }},
      {{.id = "op", .heading = "", .help = "How it must compare."},
       [](const CheckResult& r) -> Cell { return r.rule.op; }},
      {{.id = "limit",
        .heading = "Wanted",
        .role = Role::kStat,
        .help = "The value that the rule names, in base units.",
        .unit_in = "unit"},
       [](const CheckResult& r) { return r.limit; }},
      {{.id = "unit", .heading = "Unit", .rank = 3, .help = "Of both."},
       [](const CheckResult& r) -> Cell { return name_of(r.measure); }},
      {{.id = "rule", .heading = "Rule", .rank = 2, .help = "As it was written."},
       [](const CheckResult& r) -> Cell {
         return r.rule.name.empty() ? r.rule.text() : r.rule.name;
       }},
      {{.id = "where",
        .heading = "Where to look",
        .rank = 1,
        .help = "The time or goroutine that the figure is of, and the command that shows more."},
       [](const CheckResult& r) -> Cell { return r.where.empty() ? Cell() : Cell(r.where); }},
      {{.id = "input", .heading = "Input", .rank = 4, .help = "The capture."},
       [](const CheckResult& r) -> Cell { return r.subject; }},
  };
  Table table{.id = "checks", .title = "Checks", .layout = Layout::kIds};
  std::vector<CheckResult> ordered = results;
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const CheckResult& r) { return r.failed(); });
  fill(table, kColumns, ordered);
  if (ordered.empty()) return table;
  const auto failed = std::ranges::count_if(results, &CheckResult::failed);
  table.notes.push_back(std::to_string(failed) + " of " + std::to_string(results.size()) +
                        " failed");
  return table;
}

}  // namespace tracetool
