// The rule about work that runs one goroutine at a time.
#include <cstdlib>

#include "analyses/findings/findings_rules.h"
#include "analyses/go/serial_cause.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

/// "go 1.19"
bool is_format1(const std::string& format) {
  const std::string_view start = "go 1.";
  return format.starts_with(start) && std::atoi(format.c_str() + start.size()) < 22;
}

std::optional<Measured> serial(const RuleInput& input) {
  const TableView summary = input.report.table(
      "parallelism",
      {"gomaxprocs_mean", "used_share", "serial_phases", "serial_phases_ns", "longest_serial_ns"});
  const TableView causes = input.report.table("serial_causes", {"cause", "share"});
  const TableView capture = input.report.table("capture", {"duration_ns", "format"});
  const TableView culprits = input.report.table(
      "serial_culprits", {"start_location", "where", "serial_ns", "share", "stack"});
  const double procs = summary.amount(0, "gomaxprocs_mean");
  const double length = capture.amount(0, "duration_ns");
  // Alone without anybody who waits is simply a small job; who waits for a lock, the collector or a
  // P is told by the rules about these; and of two Ps that are both busy half of the time, not much
  // is wasted.
  constexpr double kWaiting = 0.2;
  double share = 0;
  // A lock that nobody gets until the end holds up one goroutine, and is not told elsewhere.
  const bool locks_told = locks_are_told(input);
  for (size_t row = 0; row < causes.rows(); ++row) {
    const std::string cause = causes.text(row, "cause");
    if (cause == kSerialCauseNames[static_cast<size_t>(SerialCause::kOthers)] ||
        (!locks_told && cause == kSerialCauseNames[static_cast<size_t>(SerialCause::kLock)]))
      share += causes.amount(row, "share");
  }
  const double phases = summary.amount(0, "serial_phases_ns");
  if (share <= 0 || procs < 2 || length <= 0 || phases < kWaiting * length ||
      summary.amount(0, "used_share") > kWellUsed)
    return std::nullopt;
  std::string evidence = format_ratio(share) + " of the time exactly one of " + some_procs(procs) +
                         " is busy and other goroutines wait for what runs there; the longest of " +
                         count_of(summary.amount(0, "serial_phases"), "serial phase") + " takes " +
                         format_duration(summary.amount(0, "longest_serial_ns")) + ".";
  StackCell stack;
  std::string alone;
  // The goroutines that run alone, and of those the place where they do so most.
  const auto all = [](size_t) { return true; };
  if (const auto most = culprits.largest_group("start_location", "serial_ns", all)) {
    stack = culprits.stack(most->row, "stack");
    alone = most->text;
    evidence += " In " + format_ratio(most->sum / culprits.sum("serial_ns")) +
                " of all time with one P busy it is " + most->text;
    const std::string where = culprits.text(most->row, "where");
    evidence += where.empty() ? "." : ", mostly up to " + located(where, stack) + ".";
  }
  if (is_format1(capture.text(0, "format"))) {
    evidence +=
        " In so old a format a goroutine that sleeps in a system call seems to run until its P is "
        "taken away.";
  }
  return Measured{share, evidence, stack, alone};
}

}  // namespace

const FindingRule serial_rule = {
    .id = "serial",
    .title = "The program mostly runs one goroutine at a time",
    .measure = "share of the time with exactly one P busy for which others wait",
    .unit = Unit::kRatio,
    .threshold = 0.5,
    .weight = 0.9,
    .command = "parallelism",
    .advice =
        "Give the stage that runs alone several workers, or split its work so that the others "
        "need not wait for all of it.",
    .passes = {"capture", "parallelism", "blocking"},
    .measured = serial,
};

}  // namespace tracetool
