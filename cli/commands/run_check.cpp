// `check`: rules over the figures of captures, for builds that shall fail.
#include <algorithm>

#include "cli/commands/check_output.h"
#include "cli/commands/commands.h"
#include "cli/io/capture_files.h"
#include "cli/io/load_report.h"
#include "cli/io/report_output.h"
#include "cli/io/rules_file.h"
#include "cli/options/exit_code.h"
#include "reports/checks/rule.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// The rules of the command line and of files; messages about all that are wrong.
std::vector<std::string> collect_rules(const GateSettings& gates, const Report& empty,
                                       std::vector<Rule>& rules) {
  std::vector<std::string> errors;
  for (const std::string& text : gates.require) {
    Rule rule;
    const std::string error = parse_rule(text, rule);
    if (error.empty()) {
      rules.push_back(std::move(rule));
    } else {
      errors.push_back("--require: " + error);
    }
  }
  for (const std::string& path : gates.rules) {
    if (const std::string error = read_rules(path, rules); !error.empty())
      errors.push_back("--rules: " + error);
  }
  for (const Rule& rule : rules) {
    if (const std::string error = rule_error(rule, empty); !error.empty()) errors.push_back(error);
  }
  if (rules.empty() && errors.empty())
    errors.emplace_back("no rules; give --require 'FIGURE < VALUE' or --rules FILE");
  return errors;
}

void add_hints(std::vector<CheckResult>& results, const std::string& path) {
  for (CheckResult& r : results) {
    r.subject = path == "-" ? "standard input" : path;
    const std::string command = command_about(r.table, path);
    if (!r.failed() || command.empty()) continue;
    r.where += (r.where.empty() ? "" : "; ") + command;
  }
}

}  // namespace

int run_check(const Invocation& invocation, Io& io) {
  const Settings& settings = invocation.settings;
  std::vector<PassRequest> requests;
  if (const auto error = default_requests(settings.gates.passes, requests); !error.empty())
    return usage_error(invocation, io, "--passes: " + error);
  std::vector<Rule> rules;
  const Report empty = empty_report(requests);
  const std::vector<std::string> errors = collect_rules(settings.gates, empty, rules);
  for (const std::string& error : errors) usage_error(invocation, io, error);
  if (!errors.empty()) return kExitUnusable;

  // Only what the rules are about has to be computed.
  std::vector<std::string> needed;
  for (const Rule& rule : rules) {
    const Table* table = find_figures(empty, rule.figure, 1).table;
    if (table != nullptr) needed.push_back(table->id);
  }
  keep_needed(needed, requests);
  std::vector<CheckResult> results;
  int code = kExitOk;
  bool unusable = false;
  std::vector<std::string> paths;
  if (const auto error = expand_paths(invocation.paths, paths); !error.empty())
    return usage_error(invocation, io, error);
  for (const std::string& path : paths) {
    const LoadedReport loaded = load_report(path, settings, requests);
    tell_faults(loaded, io);
    if (loaded.code == kExitUnusable) unusable = true;
    code = std::max(code, loaded.code);
    if (unusable) continue;
    for (const Rule& rule : rules) {
      std::vector<CheckResult> found = check(rule, loaded.report, loaded.seconds);
      add_hints(found, path);
      results.insert(results.end(), found.begin(), found.end());
    }
  }
  if (unusable) return kExitUnusable;
  Invocation whole = invocation;  // all failures are told
  if (!whole.settings.top) whole.settings.top = 0;
  return write_checks({}, results, code, whole, io);
}

}  // namespace tracetool
