// Rules about the garbage collector and stops of the world.
#include <algorithm>

#include "analyses/findings/findings_rules.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

Cell moment(double time) { return static_cast<int64_t>(time); }
std::string at(double time) { return format_time(static_cast<int64_t>(time)); }

std::optional<Measured> assists(const RuleInput& input) {
  const TableView totals =
      input.report.table("gc_totals", {"cycles", "assist_count", "assist_running_ns", "running_ns",
                                       "assist_share", "worst_assist_ns", "worst_assist_at_ns"});
  const TableView groups =
      input.report.table("gc_assist", {"start_location", "assist_running_ns", "share"});
  const TableView stacks =
      input.report.table("gc_assist_stacks", {"caller", "assist_running_ns", "stack"});
  const auto share = totals.number(0, "assist_share");
  if (!share) return std::nullopt;
  std::string evidence = format_ratio(*share) + " of the running time (" +
                         format_duration(totals.amount(0, "assist_running_ns")) + " of " +
                         format_duration(totals.amount(0, "running_ns")) + ") went into " +
                         format_count(static_cast<int64_t>(totals.amount(0, "assist_count"))) +
                         " mark assists";
  std::string culprit;
  if (const auto most = groups.largest("assist_running_ns")) {
    culprit = groups.text(*most, "start_location");
    evidence += ", most of " + culprit + " (" + format_ratio(groups.amount(*most, "share")) +
                " of its time)";
  }
  StackCell stack;
  if (const auto most = stacks.largest("assist_running_ns")) {
    stack = stacks.stack(*most, "stack");
    const std::string caller = stacks.text(*most, "caller");
    if (!caller.empty()) evidence += ", most of all in " + located(caller, stack);
  }
  Cell when;
  if (const auto worst = totals.number(0, "worst_assist_ns")) {
    when = moment(totals.amount(0, "worst_assist_at_ns"));
    evidence += "; the longest held its goroutine up for " + format_duration(*worst) + " at " +
                at(totals.amount(0, "worst_assist_at_ns"));
  }
  return Measured{*share, evidence + ".", stack, culprit, when};
}

std::optional<Measured> utilization(const RuleInput& input) {
  const auto window = static_cast<double>(input.window);
  const TableView curve = input.report.table("mmu", {"window_ns", "p50"});
  const TableView worst =
      input.report.table("mmu_worst", {"window_ns", "rank", "utilization", "begin_ns"});
  const TableView summary = input.report.table(
      "mmu_summary", {"mean_utilization", "longest_stop_ns", "longest_stop_at_ns"});
  const TableView capture = input.report.table("capture", {"duration_ns"});
  if (!summary.number(0, "mean_utilization") || capture.amount(0, "duration_ns") < window)
    return std::nullopt;
  const auto row_with = [&](const TableView& table) {
    size_t row = 0;
    while (row < table.rows() && table.amount(row, "window_ns") != window) ++row;
    return row;
  };
  // The worst is the first of its window; a window in which nothing is lost is not listed.
  const size_t row = row_with(worst);
  if (row == worst.rows()) return Measured{1, "No window lost anything."};
  const double mmu = worst.amount(row, "utilization");
  std::string evidence = "In its worst " + format_duration(window) + ", from " +
                         at(worst.amount(row, "begin_ns")) + " on, the program had " +
                         format_ratio(mmu) +
                         " of its CPUs; the rest went to the collector and to stops";
  if (const auto median = curve.number(row_with(curve), "p50"))
    evidence += " (median of all windows " + format_ratio(*median) + ")";
  evidence += ".";
  const double stop = summary.amount(0, "longest_stop_ns");
  if (stop > 0) {
    evidence += " The longest time without any was " + format_duration(stop) + ", at " +
                at(summary.amount(0, "longest_stop_at_ns")) + ".";
  }
  return Measured{mmu, evidence, {}, {}, moment(worst.amount(row, "begin_ns"))};
}

std::optional<Measured> longest_stop(const RuleInput& input) {
  const TableView totals = input.report.table("stw_totals", {"count", "total_ns", "share"});
  const TableView worst =
      input.report.table("stw_worst", {"time_ns", "length_ns", "kind", "caller", "stopping_ns",
                                       "waited_for_location", "waited_in", "stack"});
  const auto row = worst.largest("length_ns");
  if (!row) return std::nullopt;
  const double length = worst.amount(*row, "length_ns");
  const std::string caller = worst.text(*row, "caller");
  const StackCell stack = worst.stack(*row, "stack");
  std::string evidence = "The longest stop took " + format_duration(length) + " at " +
                         at(worst.amount(*row, "time_ns")) + ": " + worst.text(*row, "kind") +
                         (caller.empty() ? "" : ", called by " + located(caller, stack)) + ".";
  const double stopping = worst.amount(*row, "stopping_ns");
  const std::string who = worst.text(*row, "waited_for_location");
  if (stopping > length / 2 && !who.empty()) {
    const std::string where = worst.text(*row, "waited_in");
    evidence += " " + format_duration(stopping) + " of that it waited for " + who +
                (where.empty() ? "" : " in " + where) + " to stop.";
  }
  const double count = totals.amount(0, "count");
  if (count > 1) {
    evidence += " All " + format_count(static_cast<int64_t>(count)) + " stops took " +
                format_duration(totals.amount(0, "total_ns")) + ", " +
                format_ratio(totals.amount(0, "share")) + " of the time.";
  }
  return Measured{length, evidence, stack,
                  worst.text(*row, "kind") + (caller.empty() ? "" : ", " + caller),
                  moment(worst.amount(*row, "time_ns"))};
}

}  // namespace

const FindingRule gc_assist_rule = {
    .id = "gc-assist",
    .title = "Goroutines have to help the garbage collector",
    .measure = "share of the running time spent in mark assists",
    .unit = Unit::kRatio,
    .threshold = 0.05,
    .weight = 1,
    .command = "gc",
    .advice =
        "Allocate less in the goroutines named (reuse buffers, avoid pointers), or raise GOGC "
        "where memory allows, with GOMEMLIMIT as the bound.",
    .passes = {"gc"},
    .measured = assists,
};

const FindingRule low_mmu_rule = {
    .id = "low-mmu",
    .title = "The garbage collector leaves little CPU at times",
    .measure = "least share of the CPUs in any window of that length",
    .unit = Unit::kRatio,
    .threshold = 0.5,
    .window = 10'000'000,
    .window_option = "--window",
    .below = true,
    .weight = 0.8,
    .command = "mmu",
    .advice =
        "Less allocation or a larger GOGC makes collections rarer; more Ps make the share of the "
        "mark workers smaller. mmu --slo checks a budget of your own.",
    .passes = {"mmu", "capture"},
    .measured = utilization,
};

const FindingRule long_stw_rule = {
    .id = "long-stw",
    .title = "The world stops for long",
    .measure = "longest stop",
    .unit = Unit::kNanoseconds,
    .threshold = 1e6,
    .weight = 0.8,
    .command = "stw",
    .advice =
        "Call what stops the world (ReadMemStats, heap dumps, goroutine profiles, GOMAXPROCS, "
        "runtime.GC) rarely. If it had to wait for a goroutine, that one runs code that cannot be "
        "preempted; if for none, the machine may have had no CPU for it.",
    .passes = {"stw"},
    .measured = longest_stop,
};

}  // namespace tracetool
