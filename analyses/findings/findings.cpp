#include "analyses/findings/findings.h"

#include <algorithm>
#include <cmath>

#include "analyses/findings/findings_rules.h"
#include "reports/model/quantity.h"
#include "reports/model/units.h"
#include "reports/model/values.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

struct Finding {
  const FindingRule* rule;
  Measured measured;
  double threshold, score;
  int64_t window, rank = 0;
};

bool passes(const FindingRule& rule, double figure, double threshold) {
  return rule.below ? figure < threshold : figure >= threshold;
}

Column info(const char* id, const char* heading, int rank, const char* help) {
  return {.id = id, .heading = heading, .rank = rank, .help = help};
}

const Columns<Finding> kColumns = {
    {{.id = "rank", .heading = "Rank", .unit = Unit::kId, .role = Role::kId, .help = "1 is worst."},
     [](const Finding& f) -> Cell { return f.rank; }},
    {info("title", "Finding", 0, "What is wrong."),
     [](const Finding& f) -> Cell { return f.rule->title; }},
    {info("evidence", "Evidence", 0, "The figures that show it."),
     [](const Finding& f) -> Cell { return f.measured.evidence; }},
    {info("command", "See", 0, "Where to look next."),
     [](const Finding& f) -> Cell { return std::string("tracetool ") + f.rule->command; }},
    {info("advice", "Try", 0, "What usually helps."),
     [](const Finding& f) -> Cell { return f.rule->advice; }},
    {{.id = "kind",
      .heading = "Kind",
      .role = Role::kKey,
      .rank = 1,
      .help = "The rule that found it, as --threshold names it."},
     [](const Finding& f) -> Cell { return f.rule->id; }},
    {{.id = "score",
      .heading = "Score",
      .unit = Unit::kCount,
      .role = Role::kStat,
      .better = Better::kLower,
      .rank = 1,
      .help = "0 to 100: how far the figure is beyond the threshold, weighed by the rule."},
     [](const Finding& f) -> Cell { return static_cast<int64_t>(f.score); }},
    {{.id = "figure",
      .heading = "Figure",
      .role = Role::kStat,
      .rank = 1,
      .help = "What the rule measured."},
     [](const Finding& f) -> Cell { return f.measured.figure; }},
    {{.id = "threshold",
      .heading = "Threshold",
      .role = Role::kInfo,
      .rank = 1,
      .help = "From where on it is a finding."},
     [](const Finding& f) -> Cell { return f.threshold; }},
    {info("unit", "Unit", 1, "Of figure and threshold."),
     [](const Finding& f) -> Cell { return std::string(name_of(f.rule->unit)); }},
    {info("measure", "Measure", 1, "What the figure is."),
     [](const Finding& f) -> Cell { return f.rule->measure; }},
    {{.id = "window_ns",
      .heading = "Window",
      .unit = Unit::kNanoseconds,
      .rank = 1,
      .help = "Length of the stretches of time that the rule measures, if it does so."},
     [](const Finding& f) -> Cell { return f.window == 0 ? Cell() : Cell(f.window); }},
    {{.id = "time_ns",
      .heading = "Time",
      .unit = Unit::kTime,
      .rank = 1,
      .help = "The moment that the evidence is about, where it is about one."},
     [](const Finding& f) -> Cell { return f.measured.when; }},
    {info("stack", "Stack", 1, "Whom the evidence blames: who holds the lock, makes the calls, …"),
     [](const Finding& f) -> Cell { return f.measured.stack; }},
};

double threshold_of(const FindingRule& rule, const Thresholds& thresholds) {
  const auto it = thresholds.find(rule.id);
  return it == thresholds.end() ? rule.threshold : it->second.value;
}

/// Worst first. A capture that is too short is judged by nothing else.
std::vector<Finding> find_all(ReportView& view, const CaptureFacts& facts,
                              const Thresholds& thresholds) {
  std::vector<Finding> findings;
  bool judged = true;
  for (const FindingRule* rule : all_rules()) {
    const int64_t window = window_of(*rule, thresholds);
    // Even if not judged: it names the tables that it reads.
    auto measured = rule->measured({view, facts, window});
    if (!measured || !std::isfinite(measured->figure)) continue;
    const double threshold = threshold_of(*rule, thresholds);
    if (!passes(*rule, measured->figure, threshold)) continue;
    if (!judged) continue;
    const double score = std::round(severity(*rule, measured->figure, threshold));
    findings.push_back({rule, std::move(*measured), threshold, score, window});
    if (rule == &short_capture_rule) judged = false;
  }
  std::ranges::stable_sort(findings, std::greater(), &Finding::score);
  for (size_t i = 0; i < findings.size(); ++i) findings[i].rank = static_cast<int64_t>(i) + 1;
  return findings;
}

const char* example_of(const FindingRule& rule) {
  return rule.window > 0                   ? "a share like 40%, or 25ms:40% for another window"
         : rule.unit == Unit::kNanoseconds ? "a time like 1ms"
         : rule.unit == Unit::kRatio       ? "a share like 10%"
                                           : "a number";
}

/// Reads "25ms:40%" or "40%" into `limit`; or what is wrong with it.
std::string read_limit(const FindingRule& rule, std::string_view text, Limit& limit) {
  std::string wrong = std::string("the value has to be ") + example_of(rule);
  if (const size_t colon = text.find(':'); rule.window > 0 && colon != text.npos) {
    if (parse_duration(text.substr(0, colon), limit.window) || limit.window <= 0) return wrong;
    text.remove_prefix(colon + 1);
  }
  const Quantity quantity = parse_quantity(text, {rule.unit, {}});
  if (!quantity.error.empty() || quantity.value < 0) return wrong;
  limit.value = quantity.value;
  return rule.unit == Unit::kRatio && !rule.above_one ? share_error(text, limit.value) : "";
}

}  // namespace

std::string count_of(double count, const std::string& thing) {
  return format_count(static_cast<int64_t>(count)) + " " + thing + (count == 1 ? "" : "s");
}

std::string some_procs(double mean) {
  const double whole = std::round(mean);
  if (std::fabs(mean - whole) < 0.005) return count_of(whole, "P");
  return format_count(mean) + " Ps";
}

const std::vector<const FindingRule*>& all_rules() {
  static const std::vector<const FindingRule*> kRules = {
      &damaged_capture_rule, &short_capture_rule,   &tracer_overhead_rule, &oversubscription_rule,
      &greedy_rule,          &serial_rule,          &gc_assist_rule,       &low_mmu_rule,
      &long_stw_rule,        &lock_contention_rule, &network_bound_rule,   &blocking_syscalls_rule,
      &fine_regions_rule,    &growth_rule,
  };
  return kRules;
}

bool is_read_by_rules(const PassInfo& pass) {
  return std::ranges::any_of(all_rules(), [&](const FindingRule* rule) {
    return std::ranges::find(rule->passes, std::string_view(pass.name)) != rule->passes.end();
  });
}

// 50 at the threshold, towards 100 the further beyond it, 0 at half of it, times the rule's weight.
double severity(const FindingRule& rule, double figure, double threshold) {
  const double whole = rule.below ? threshold : figure;
  const double part = rule.below ? figure : threshold;
  const double excess = whole > 0 ? std::clamp(part / whole, 0.0, 2.0) : part > 0 ? 2 : 1;
  return 100 * rule.weight * (1 - excess / 2);
}

std::string threshold_text(const FindingRule& rule, double value) {
  return format_cell(value, rule.unit);
}

std::optional<std::string> read_threshold(const std::string& text, Thresholds& thresholds) {
  const size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto& rules = all_rules();
  const auto rule =
      std::ranges::find_if(rules, [&](const FindingRule* r) { return name == r->id; });
  if (rule == rules.end()) {
    std::vector<std::string> names;
    names.reserve(rules.size());
    for (const FindingRule* r : rules) names.emplace_back(r->id);
    return "unknown finding \"" + clean(name) + "\"" + did_you_mean(name, names) +
           " (findings: " + joined(names) + ")";
  }
  if (equals == std::string::npos) return "\"" + clean(text) + "\": a value is missing, NAME=VALUE";
  Limit limit;
  const std::string error = read_limit(**rule, std::string_view(text).substr(equals + 1), limit);
  if (!error.empty()) return '"' + clean(text) + "\": " + error;
  thresholds[name] = limit;
  return std::nullopt;
}

int64_t window_of(const FindingRule& rule, const Thresholds& thresholds) {
  const auto it = thresholds.find(rule.id);
  return it == thresholds.end() || it->second.window == 0 ? rule.window : it->second.window;
}

void ask_for_rules(const PassInfo& pass, const Thresholds& thresholds, PassOptions& options) {
  for (const FindingRule* rule : all_rules()) {
    const int64_t window = window_of(*rule, thresholds);
    if (window == rule->window || rule->passes.front() != std::string_view(pass.name)) continue;
    options.set(rule->window_option,
                options.get(rule->window_option) + "," + std::to_string(window) + "ns");
  }
}

void add_findings(Report& report, const CaptureFacts& facts, const Thresholds& thresholds,
                  std::vector<std::string>* missing) {
  ReportView view(report);
  std::vector<Finding> findings;
  if (report.nothing_selected.empty()) findings = find_all(view, facts, thresholds);
  Table table{.id = "findings",
              .title = "Findings",
              .help =
                  "What is wrong, worst first. A finding is a figure beyond its threshold "
                  "(--threshold sets another).",
              .layout = Layout::kList};
  fill(table, kColumns, findings);
  if (!report.nothing_selected.empty()) {
    table.notes.push_back("Nothing was judged: " + report.nothing_selected + ".");
  } else if (findings.empty()) {
    table.notes.push_back("Nothing wrong was found; " + std::to_string(all_rules().size()) +
                          " rules looked for it.");
  }
  if (missing != nullptr) *missing = view.missing();
  report.tables.insert(report.tables.begin(), std::move(table));
}

}  // namespace tracetool
