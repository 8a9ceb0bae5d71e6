// Rules about who runs: too many for the Ps, or too long at once.
#include "analyses/findings/findings_rules.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

std::optional<Measured> runnable_per_p(const RuleInput& input) {
  const TableView summary = input.report.table(
      "sched_summary",
      {"runnable_per_p_mean", "gomaxprocs_mean", "p50_ns", "p99_ns", "time_all_busy", "total_ns"});
  const TableView groups = input.report.table("sched", {"start_location", "total_ns"});
  // Who waits although Ps are idle does not wait for a P, but for the machine to wake one up.
  constexpr double kMostlyBusy = 0.5;
  const auto waiting = summary.number(0, "runnable_per_p_mean");
  const auto busy = summary.number(0, "time_all_busy");
  if (!waiting || busy.value_or(0) < kMostlyBusy) return std::nullopt;
  std::string evidence = "For each of " + some_procs(summary.amount(0, "gomaxprocs_mean")) + " " +
                         format_count(*waiting) + " goroutines wait on average; all Ps are busy " +
                         format_ratio(*busy) + " of the time. Such a wait takes " +
                         format_duration(summary.amount(0, "p50_ns")) + " (p50), " +
                         format_duration(summary.amount(0, "p99_ns")) + " (p99).";
  std::string culprit;
  if (const auto most = groups.largest("total_ns")) {
    culprit = groups.text(*most, "start_location");
    evidence += " " + format_ratio(groups.amount(*most, "total_ns") / groups.sum("total_ns")) +
                " of the waiting is done by " + culprit + ".";
  }
  return Measured{*waiting, evidence, {}, culprit};
}

std::optional<Measured> longest_run(const RuleInput& input) {
  const TableView runs =
      input.report.table("sched_longest_runs",
                         {"time_ns", "run_ns", "goroutine", "start_location", "caller", "stack"});
  const TableView summary = input.report.table("sched_summary", {"longest_ns"});
  std::optional<size_t> longest;
  for (size_t row = 0; row < runs.rows(); ++row) {
    // Mark workers are meant to run for long.
    if (runs.text(row, "start_location").starts_with("runtime.")) continue;
    if (!longest || runs.amount(row, "run_ns") > runs.amount(*longest, "run_ns")) longest = row;
  }
  if (!longest) return std::nullopt;
  const double length = runs.amount(*longest, "run_ns");
  // Nobody is harmed by a long run while nobody waits.
  constexpr double kHarm = 10e6;
  const double wait = summary.amount(0, "longest_ns");
  if (wait < kHarm) return std::nullopt;
  std::string evidence =
      "Goroutine " + format_cell(runs.amount(*longest, "goroutine"), Unit::kId) + " (" +
      runs.text(*longest, "start_location") + ") ran for " + format_duration(length) + " at " +
      format_time(static_cast<int64_t>(runs.amount(*longest, "time_ns"))) + " without a break";
  const std::string caller = runs.text(*longest, "caller");
  const StackCell stack = runs.stack(*longest, "stack");
  if (!caller.empty()) evidence += ", until it was in " + located(caller, stack);
  evidence += "; the longest wait for a P was " + format_duration(wait) + ".";
  return Measured{length, evidence, stack, runs.text(*longest, "start_location"),
                  static_cast<int64_t>(runs.amount(*longest, "time_ns"))};
}

}  // namespace

const FindingRule oversubscription_rule = {
    .id = "oversubscription",
    .title = "More goroutines want to run than there are Ps",
    .measure = "goroutines that wait for each P, mean",
    .unit = Unit::kCount,
    .threshold = 2,
    .weight = 0.9,
    .command = "sched",
    .advice =
        "Bound the number of CPU-heavy goroutines (a pool of about GOMAXPROCS workers), or give "
        "the program more CPUs.",
    .passes = {"sched"},
    .measured = runnable_per_p,
};

const FindingRule greedy_rule = {
    .id = "greedy",
    .title = "A goroutine keeps its P for long while others wait",
    .measure = "longest run without a break",
    .unit = Unit::kNanoseconds,
    .threshold = 30e6,
    .weight = 0.7,
    .command = "sched",
    .advice =
        "What cannot be preempted (large copies, assembly, long runtime calls) has to be cut into "
        "pieces. Compare sched's table of the longest runs.",
    .passes = {"sched"},
    .measured = longest_run,
};

}  // namespace tracetool
