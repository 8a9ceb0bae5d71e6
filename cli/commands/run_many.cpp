// `analyze` of several captures: a row each, to find the one that is different.
#include <algorithm>
#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/io/capture_files.h"
#include "cli/io/report_output.h"
#include "cli/options/exit_code.h"
#include "reports/figures/figure.h"
#include "reports/model/table_ops.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

const std::vector<std::string>& usual_metrics() {
  static const std::vector<std::string> kIds = {
      "sched_summary.p99_ns", "sched_summary.longest_ns",
      "goroutines.count",     "blocking_classes[\"sync\"].total_ns.per_second",
      "stw_totals.max_ns",    "mmu[\"10ms\"].mmu",
      "capture.events"};
  return kIds;
}

struct Wanted {
  std::string id, table;
  Measure measure;
  Better better;
};

/// The figures asked for, or a message; of the usual ones those that there are.
std::string choose_metrics(const std::vector<std::string>& asked, const Report& empty,
                           std::vector<Wanted>& metrics) {
  for (const std::string& id : asked.empty() ? usual_metrics() : asked) {
    const Figures about = find_figures(empty, id, 1);
    if (about.error.empty()) {
      metrics.push_back({id, about.table->id, about.measure, about.column->better});
    } else if (!asked.empty()) {
      return about.error;
    }
  }
  return {};
}

Column column_of(const Wanted& metric, size_t place) {
  Column column;
  column.id = metric.id;
  column.heading = metric.id;
  if (!metric.measure.per.empty()) column.unit_in = "unit_" + std::to_string(place);
  column.unit = metric.measure.unit;
  column.role = Role::kStat;
  column.rank = static_cast<int>(place);
  column.better = metric.better;
  column.help =
      "The figure of this id; of several rows the worst, or the largest if none is worse.";
  return column;
}

/// Of several rows the one to worry about.
Cell worst(const Figures& figures, Better better) {
  Cell worst;
  for (const Figure& f : figures.found) {
    const auto number = number_in(f.value), known = number_in(worst);
    if (!number) continue;
    if (!known || (better == Better::kHigher ? *number < *known : *number > *known))
      worst = f.value;
  }
  return worst;
}

std::string state_of(const LoadedReport& r) {
  if (r.code == kExitUnusable) return r.error;
  return r.code == kExitDamaged ? "damaged: " + (r.warnings.empty() ? "" : r.warnings.front())
                                : "fine";
}

}  // namespace

int run_many(const Invocation& invocation, Io& io) {
  const GateSettings& gates = invocation.settings.gates;
  std::error_code ignored;
  std::vector<std::string> paths;
  const std::string no_paths = expand_paths(invocation.paths, paths);
  // What stands for nothing is one as well: analyze says that it cannot be opened.
  const bool one = invocation.paths.size() == 1 && gates.metrics.empty() &&
                   !std::filesystem::is_directory(invocation.path, ignored) &&
                   (!no_paths.empty() || paths == invocation.paths);
  if (one) return run_analyze(invocation, io);
  if (!no_paths.empty()) return usage_error(invocation, io, no_paths);
  if (invocation.settings.wall)
    return usage_error(invocation, io, "--wall: a row a capture has no moments");
  std::vector<PassRequest> requests;
  if (auto error = default_requests({}, requests); !error.empty())
    return usage_error(invocation, io, error);
  std::vector<Wanted> metrics;
  if (auto error = choose_metrics(gates.metrics, empty_report(requests), metrics); !error.empty())
    return usage_error(invocation, io, "--metrics: " + error);
  // Only what the figures come from.
  std::vector<std::string> needed;
  needed.reserve(metrics.size());
  for (const Wanted& m : metrics) needed.push_back(m.table);
  keep_needed(needed, requests);
  Table table{.id = "captures", .title = "Captures"};
  Column file{.id = "file", .heading = "File", .role = Role::kKey, .help = "The capture."};
  Column state{.id = "state", .heading = "State", .help = "fine, or what is wrong with it."};
  state.rank = 1;
  table.columns = {file, state};
  for (size_t i = 0; i < metrics.size(); ++i) table.columns.push_back(column_of(metrics[i], i));
  for (size_t i = 0; i < metrics.size(); ++i) {
    if (table.columns[2 + i].unit_in.empty()) continue;
    Column unit{.id = table.columns[2 + i].unit_in, .heading = "Unit", .help = "Its unit."};
    table.columns.push_back(unit);
  }
  // One is looked for among many: the worst comes first.
  const bool lowest_first = metrics.front().better == Better::kHigher;
  if (!lowest_first) table.sort_by = metrics.front().id;
  Report made{{table}};
  if (auto error = arrange(made, invocation.settings)) return usage_error(invocation, io, *error);
  int code = kExitOk;
  size_t usable = 0;
  table.rows.resize(paths.size());
  // A report may be large, and there may be hundreds: only the figures are kept.
  const auto digest = [&](size_t i, LoadedReport& r) {
    table.rows[i] = {r.path, state_of(r)};
    // What little there is of one that counts as unreadable is no figure to rank by.
    for (const Wanted& m : metrics)
      table.rows[i].push_back(r.code == kExitUnusable
                                  ? Cell()
                                  : worst(find_figures(r.report, m.id, r.seconds), m.better));
    r.report = {};
  };
  const auto loaded = load_reports(paths, invocation.settings, requests, false, digest);
  for (size_t row_of = 0; row_of < loaded.size(); ++row_of) {
    const LoadedReport& r = loaded[row_of];
    tell_faults(r, io);  // whole: text has little room in a row
    auto& row = table.rows[row_of];
    for (size_t i = 0; i < metrics.size(); ++i) {
      if (!table.columns[2 + i].unit_in.empty()) row.emplace_back(name_of(metrics[i].measure));
    }
    usable += r.code != kExitUnusable;
    if (r.code != kExitOk) code = kExitDamaged;
  }
  if (usable == 0) code = kExitUnusable;
  if (lowest_first) sort(table, metrics.front().id, false);
  Report report{{std::move(table)}};
  return write_made(report, {}, code, invocation, io);
}

}  // namespace tracetool
