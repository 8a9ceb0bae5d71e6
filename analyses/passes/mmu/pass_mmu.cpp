// Minimum mutator utilization: what the garbage collector leaves to the program, in windows of any
// length.
#include <algorithm>
#include <cmath>

#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/measure/columns.h"
#include "analyses/passes/mmu/mmu_curve.h"
#include "analyses/passes/mmu/mmu_settings.h"
#include "analyses/passes/mmu/utilization.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

constexpr double kQuantiles[] = {0.001, 0.01, 0.05, 0.5};
constexpr size_t kWorst = 10;
/// Each takes a look at the part of the capture that is left: not more are worth it.
constexpr size_t kMostWorst = 1000;
/// Fixed, so that captures of different length have rows in common.
constexpr int64_t kWindows[] = {1'000,         10'000,        100'000,       1'000'000,
                                2'000'000,     5'000'000,     10'000'000,    20'000'000,
                                50'000'000,    100'000'000,   200'000'000,   500'000'000,
                                1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};

struct CurveRow {
  int64_t window;
  double mmu;
  std::vector<double> quantiles;
};

struct WorstRow {
  int64_t window, rank;
  WorstWindow worst;
  int64_t end;
};

struct BudgetRow {
  MmuBudget budget;
  Cell mmu;
  std::string verdict;
};

struct Summary {
  std::string included;
  Cell mean, lost, longest_stop, longest_stop_at;
};

Column window_column(const char* help) {
  return info("window_ns", "Window", Unit::kNanoseconds, 0, help, Role::kKey);
}

Column ratio_column(const char* id, const char* heading, int rank, const char* help,
                    Role role = Role::kStat) {
  return {.id = id,
          .heading = heading,
          .unit = Unit::kRatio,
          .role = role,
          .better = Better::kHigher,
          .rank = rank,
          .help = help};
}

const Columns<CurveRow> kPlotColumns = {
    {window_column("length of the window"), of<&CurveRow::window>},
    {ratio_column("mmu", "MMU", 0, "least utilization in any window of that length", Role::kMin),
     of<&CurveRow::mmu>},
};

const Columns<CurveRow> kCurveColumns = {
    {window_column("length of the window"), of<&CurveRow::window>},
    {ratio_column("mmu", "MMU", 0, "least utilization in any window of that length", Role::kMin),
     of<&CurveRow::mmu>},
    {ratio_column("p999", "p99.9", 0, "99.9 % of all windows have more"),
     [](const CurveRow& r) { return Cell(r.quantiles[0]); }},
    {ratio_column("p99", "p99", 0, "99 % of all windows have more"),
     [](const CurveRow& r) { return Cell(r.quantiles[1]); }},
    {ratio_column("p95", "p95", 0, "95 % of all windows have more"),
     [](const CurveRow& r) { return Cell(r.quantiles[2]); }},
    {ratio_column("p50", "p50", 0, "half of all windows have more"),
     [](const CurveRow& r) { return Cell(r.quantiles[3]); }},
};

const Columns<WorstRow> kWorstColumns = {
    {window_column("length of the window"), of<&WorstRow::window>},
    {info("rank", "#", Unit::kId, 0, "1 is worst", Role::kKey), of<&WorstRow::rank>},
    {{.id = "utilization",
      .heading = "Utilization",
      .unit = Unit::kRatio,
      .role = Role::kStat,
      .better = Better::kHigher,
      .help = "the program's share of the Ps in the window"},
     [](const WorstRow& r) { return Cell(r.worst.utilization); }},
    {moment("begin_ns", "From", 0, "where the window begins"),
     [](const WorstRow& r) { return Cell(r.worst.begin); }},
    {moment("end_ns", "To", 0, "where the window ends"), of<&WorstRow::end>},
    {info("series", "P", Unit::kId, 1,
          "with --per-proc: which P, counted in the order in which they came into use"),
     [](const WorstRow& r) { return number_cell(r.worst.series); }},
};

const Columns<BudgetRow> kBudgetColumns = {
    {window_column("length of the window"),
     [](const BudgetRow& r) { return Cell(r.budget.window); }},
    {info("budget", "Budget", Unit::kRatio, 0,
          "what every window of that length is to leave to the program"),
     [](const BudgetRow& r) { return Cell(r.budget.utilization); }},
    {ratio_column("mmu", "MMU", 0, "what the worst one leaves", Role::kMin),
     [](const BudgetRow& r) { return r.mmu; }},
    {text("verdict", "Verdict", 0, "holds, broken or unknown"), of<&BudgetRow::verdict>},
};

const Columns<Summary> kSummaryColumns = {
    {key("included", "Counted as lost", "activities that take Ps from the program (--include)"),
     of<&Summary::included>},
    {ratio_column("mean_utilization", "Mean utilization", 0,
                  "the program's share of the Ps over the whole time"),
     [](const Summary& s) { return s.mean; }},
    {{.id = "lost_ns",
      .heading = "P time lost",
      .unit = Unit::kNanoseconds,
      .role = Role::kStat,
      .better = Better::kLower,
      .grows = true,
      .help = "time lost, as if one P at a time had lost it all: 1 ms of 4 Ps is 1 ms"},
     [](const Summary& s) { return s.lost; }},
    {peak("longest_stop_ns", "Longest full stop", 0,
          "longest time in which the program had no P at all"),
     [](const Summary& s) { return s.longest_stop; }},
    {moment("longest_stop_at_ns", "Longest full stop at", 0, "when it began"),
     [](const Summary& s) { return s.longest_stop_at; }},
};

class MmuPass final : public Pass {
 public:
  MmuPass(const RunContext& context, MmuSettings settings)
      : settings_(std::move(settings)),
        utilization_(context.tables, settings_.parts),
        selective_(selective(context)),
        worst_(std::min(context.list_rows(kWorst), kMostWorst)) {}

  void block(const Block& block) override { utilization_.block(block); }

  void finish(const Capture& capture, Report& report) override {
    utilization_.finish(capture.end, capture.end == capture.facts.duration);
    const MmuCurve curve(utilization_.series());
    add_summary(curve, report);
    add_plot(curve, report);
    add_curve(curve, report);
    add_worst(curve, report);
    add_budgets(curve, report);
  }

 private:
  void add_summary(const MmuCurve& curve, Report& report) const {
    Summary summary{settings_.included, {}, {}, {}, {}};
    double lost = 0, length = 0;
    int64_t stop = 0;
    for (const UtilizationSeries& s : utilization_.series()) {
      for (size_t i = 0, end; i + 1 < s.size(); i = end) {
        end = i + 1;
        const auto time = static_cast<double>(s[end].time - s[i].time);
        lost += time * (1 - s[i].utilization);
        length += time;
        if (s[i].utilization > 0 || s[end].time - s[i].time <= stop) continue;
        stop = s[end].time - s[i].time;
        summary.longest_stop_at = s[i].time;
      }
    }
    if (!curve.empty()) {
      summary.mean = 1 - lost / length;
      summary.lost = lost;
      summary.longest_stop = stop;
    }
    Table table{.id = "mmu_summary",
                .title = "Mutator utilization",
                .help = "The share of the Ps that the garbage collector leaves to the program.",
                .layout = Layout::kRecord};
    fill(table, kSummaryColumns, std::vector<Summary>{summary});
    if (curve.empty()) {
      table.notes.push_back(
          "nothing can be said: the capture does not tell GOMAXPROCS, or is too short");
    } else if (lost == 0) {
      table.notes.push_back("the garbage collector took nothing that is counted here");
    }
    if (utilization_.given_up_at() != kNever)
      table.notes.push_back("too many stops of too many Ps to keep apart: only the time up to " +
                            format_time(utilization_.given_up_at()) + " is judged");
    if (selective_) {
      table.notes.emplace_back(
          "filters by goroutine, task or region do not apply: Ps are taken from everybody");
    }
    report.tables.push_back(std::move(table));
  }

  static void add_plot(const MmuCurve& curve, Report& report) {
    std::vector<CurveRow> rows;
    constexpr double kPerDecade = 20;
    const int64_t length = curve.length();
    for (int i = 0; length > 0; ++i) {
      const int64_t window = std::llround(1e3 * std::pow(10.0, i / kPerDecade));
      rows.push_back({std::min(window, length), curve.mmu(window), {}});
      if (window >= length) break;
    }
    Table table{.id = "mmu_curve",
                .title = "Minimum mutator utilization by window",
                .help = "The worst that any window of that length leaves to the program.",
                .layout = Layout::kLogPlot};
    fill(table, kPlotColumns, rows);
    report.tables.push_back(std::move(table));
  }

  void add_curve(const MmuCurve& curve, Report& report) const {
    std::vector<CurveRow> rows;
    const int64_t length = curve.length();
    std::vector<int64_t> windows = settings_.windows;
    if (windows.empty()) {
      for (int64_t w : kWindows)
        if (w <= length) windows.push_back(w);
    }
    for (int64_t w : windows) {
      if (length > 0) rows.push_back({w, curve.mmu(w), curve.quantiles(w, kQuantiles)});
    }
    Table table{.id = "mmu",
                .title = "Minimum mutator utilization and its distribution",
                .help = "MMU is the worst window; p99 is what 99 % of all windows exceed."};
    fill(table, kCurveColumns, rows);
    if (std::ranges::any_of(windows, [length](int64_t w) { return w > length; }) && length > 0)
      table.notes.push_back("windows longer than the capture stand for all of it (" +
                            format_duration(static_cast<double>(length)) + ")");
    if (utilization_.worker_ran_again())
      table.notes.emplace_back(
          "go tool trace shows less: it counts workers twice from their second run on, never gives "
          "that back, and all its percentiles are the minimum");
    report.tables.push_back(std::move(table));
  }

  void add_worst(const MmuCurve& curve, Report& report) const {
    std::vector<WorstRow> rows;
    for (int64_t w : settings_.worst_windows) {
      int64_t rank = 0;
      for (const WorstWindow& worst : curve.worst(w, worst_)) {
        // Windows without any loss are not bad at all.
        if (worst.utilization >= 1) break;
        const int64_t end =
            std::min(worst.begin + w, utilization_.series()[worst.series].back().time);
        rows.push_back({w, ++rank, worst, end});
      }
    }
    Table table{.id = "mmu_worst",
                .detail = true,
                .title = "Worst windows",
                .help = "The windows with the least utilization; they do not overlap."};
    Columns<WorstRow> columns = kWorstColumns;
    if (!settings_.parts.per_proc) columns.pop_back();
    fill(table, columns, rows);
    if (std::ranges::any_of(rows, [](const WorstRow& r) { return r.rank == kMostWorst; }))
      table.notes.push_back("at most " + std::to_string(kMostWorst) + " windows of a length");
    report.tables.push_back(std::move(table));
  }

  void add_budgets(const MmuCurve& curve, Report& report) const {
    if (settings_.budgets.empty()) return;
    std::vector<BudgetRow> rows;
    Table table{.id = "mmu_slo",
                .detail = true,
                .title = "Budgets",
                .help = "Whether every window leaves as much to the program as --slo demands."};
    for (const MmuBudget& b : settings_.budgets) {
      const std::string window = format_duration(static_cast<double>(b.window));
      const std::string demand = format_ratio(b.utilization);
      if (curve.empty()) {
        rows.push_back({b, {}, "unknown"});
        std::string check = "mutator utilization of ";
        check.append(demand).append(" in windows of ").append(window);
        report.failed_checks.push_back(check + " cannot be judged: the capture does not tell");
        continue;
      }
      const double mmu = curve.mmu(b.window);
      rows.push_back({b, mmu, mmu >= b.utilization ? "holds" : "broken"});
      if (mmu < b.utilization) {
        std::string check = "mutator utilization falls to ";
        check.append(format_ratio(mmu)).append(" in a window of ").append(window);
        check.append(", below the budget of ").append(demand);
        report.failed_checks.push_back(std::move(check));
      }
      if (b.window > curve.length())
        table.notes.push_back("the capture is shorter than " + window + ": judged by all of it, " +
                              format_duration(static_cast<double>(curve.length())));
    }
    fill(table, kBudgetColumns, rows);
    report.tables.push_back(std::move(table));
  }

  const MmuSettings settings_;
  Utilization utilization_;
  const bool selective_;
  const size_t worst_;
};

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  MmuSettings settings;
  if (!read_mmu_settings(options, settings, error)) return nullptr;
  return std::make_unique<MmuPass>(context, std::move(settings));
}

}  // namespace

extern const PassInfo mmu_pass{
    "mmu",
    "what garbage collection leaves to the program: minimum mutator utilization",
    "Mutator utilization is the share of the Ps that the garbage collector leaves to the program.\n"
    "MMU(10ms) = 60% says: the worst 10 ms of the capture still left 60 % to it. Short windows\n"
    "show pauses, long ones what collection costs on the whole. p99 is what 99 % of all windows\n"
    "of that length exceed.\n"
    "\n"
    "Examples:\n"
    "  tracetool mmu trace.out\n"
    "  tracetool mmu trace.out --include stw,background --window 1ms,10ms\n"
    "  tracetool mmu trace.out --slo 10ms:0.9,100ms:0.95     exit code 1 if it does not hold\n",
    {{"--include", "LIST", "what counts as lost: stw, background, assist, sweep",
      "stw,background,assist"},
     {"--per-proc", "", "each P on its own; dedicated workers then count nowhere", ""},
     {"--windows", "LIST", "lengths of windows in the table, instead of 1us to 10s", ""},
     {"--window", "LIST", "lengths for which to list the ten worst windows", "10ms"},
     {"--slo", "WINDOW:SHARE,...", "demand this utilization in every window of that length", ""}},
    make,
    1,
    37,
    Filters::kNone};

}  // namespace tracetool
