// The commands that run passes: `analyze`, `findings` and one for each pass.
#include <algorithm>

#include "analyses/engine/runner.h"
#include "analyses/findings/findings.h"
#include "cli/commands/commands.h"
#include "cli/io/capture_run.h"
#include "cli/io/damage_table.h"
#include "cli/io/load_report.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// A pass among others: with its defaults, and what the findings need.
PassRequest request_for(const PassInfo& pass, const Settings& settings) {
  PassOptions options = default_options(pass);
  ask_for_rules(pass, settings.thresholds, options);
  return {&pass, std::move(options)};
}

/// Changes the report of passes that run together before it is written.
using Complete = void (*)(Report&, const CaptureFacts&, Packing, const Invocation&);

/// Whether names of tables and columns are right, asked of the tables of an empty capture: a typing
/// error shall not cost the time of a whole run. Also finds wrong values of a pass's options.
std::optional<std::string> foresee(const std::vector<PassRequest>& requests,
                                   const Invocation& invocation, Complete complete) {
  CaptureFacts facts;
  Report report;
  const bool together = complete != nullptr;
  if (std::string error = run_on_nothing(requests, together, facts, report); !error.empty())
    return error;
  if (complete != nullptr) complete(report, facts, Packing{}, invocation);
  show_wall_clock(report, facts, invocation.settings);
  return arrange(report, invocation.settings);
}

/// Runs the passes.
int run_requests(const std::vector<PassRequest>& requests, const Invocation& given, Io& io,
                 Complete complete) {
  Invocation invocation = given;
  if (const auto error = foresee(requests, invocation, complete)) {
    return usage_error(invocation, io, *error);
  }
  const auto reader = open_selected(invocation, io);
  if (reader == nullptr) return kExitUnusable;
  Progress progress(invocation, *reader, io);
  RunOptions options = run_options(invocation.settings);
  options.together = complete != nullptr;
  options.progress = progress.callback();
  options.twin = twin_of(*reader, invocation.path);
  Report report;
  const std::string error = run_passes(*reader, options, requests, report);
  progress.clear();
  if (!error.empty()) return usage_error(invocation, io, error);
  if (complete != nullptr) complete(report, reader->facts(), reader->packing(), invocation);
  show_wall_clock(report, reader->facts(), invocation.settings);
  return write_report(report, *reader, invocation, io);
}

/// The findings in front of the tables, and for what part of the capture they hold.
void put_findings(Report& report, const CaptureFacts& facts, const Settings& settings) {
  add_findings(report, facts, settings.thresholds);
  std::string options;
  for (const std::string& option : settings.selected)
    options += (options.empty() ? "" : " ") + option;
  if (options.empty() || !report.nothing_selected.empty()) return;
  std::string note = "only what these options select was judged: " + options;
  if (settings.goroutines.active() || settings.scope.active())
    note += "; collections, stops, oversubscription and the capture itself are of everything";
  report.tables.front().notes.push_back(std::move(note));
}

void complete_analysis(Report& report, const CaptureFacts& facts, Packing packing,
                       const Invocation& invocation) {
  const auto table = std::ranges::find(report.tables, "capture", &Table::id);
  if (table != report.tables.end() && table->rows.size() == 1) {
    table->columns.insert(table->columns.begin(),
                          {{.id = "file", .heading = "File", .help = "The file that was read."},
                           {.id = "packing", .heading = "Packing", .help = "How it is packed."}});
    table->rows[0].insert(
        table->rows[0].begin(),
        {invocation.path == "-" ? "standard input" : invocation.path, name_of(packing)});
  }
  report.tables.push_back(damage_table(facts));
  put_findings(report, facts, invocation.settings);
}

void only_findings(Report& report, const CaptureFacts& facts, Packing,
                   const Invocation& invocation) {
  put_findings(report, facts, invocation.settings);
  report.tables.resize(1);
}

}  // namespace

int run_analyze(const Invocation& invocation, Io& io) {
  std::vector<PassRequest> requests;
  for (const PassInfo* pass : all_passes())
    requests.push_back(request_for(*pass, invocation.settings));
  std::ranges::stable_sort(requests, {}, [](const PassRequest& r) { return r.info->place; });
  return run_requests(requests, invocation, io, complete_analysis);
}

int run_findings(const Invocation& invocation, Io& io) {
  std::vector<PassRequest> requests;
  for (const PassInfo* pass : all_passes()) {
    if (is_read_by_rules(*pass)) requests.push_back(request_for(*pass, invocation.settings));
  }
  return run_requests(requests, invocation, io, only_findings);
}

int run_pass(const Invocation& invocation, Io& io) {
  return run_requests({{invocation.command->pass, invocation.pass_options}}, invocation, io,
                      nullptr);
}

}  // namespace tracetool
