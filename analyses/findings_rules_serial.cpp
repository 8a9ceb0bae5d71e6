// The rule about work that runs one goroutine at a time.
#include "analyses/findings_rules.h"
#include "reports/units.h"

namespace tracetool {
namespace {

std::optional<Measured> serial(const RuleInput& input) {
  const TableView summary =
      input.report.table("parallelism", {"parallelism_mean", "gomaxprocs_mean", "serial_share",
                                         "serial_phases", "serial_phases_ns", "longest_serial_ns"});
  const TableView capture = input.report.table("capture", {"duration_ns"});
  const TableView culprits =
      input.report.table("serial_culprits", {"start_location", "where", "serial_ns", "share"});
  const auto share = summary.number(0, "serial_share");
  const double procs = summary.amount(0, "gomaxprocs_mean");
  const double length = capture.amount(0, "duration_ns");
  // Alone without anybody who waits is simply a small job.
  constexpr double kWaiting = 0.2;
  const double phases = summary.amount(0, "serial_phases_ns");
  if (!share || procs < 2 || length <= 0 || phases < kWaiting * length) return std::nullopt;
  std::string evidence = "Exactly one of " + format_count(procs) + " Ps is busy " +
                         format_ratio(*share) + " of the time, in " +
                         format_count(static_cast<int64_t>(summary.amount(0, "serial_phases"))) +
                         " phases while others wait, the longest " +
                         format_duration(summary.amount(0, "longest_serial_ns")) + ".";
  std::string alone;
  if (const auto most = culprits.largest("serial_ns")) {
    alone = culprits.text(*most, "start_location");
    evidence += " Most of it " + alone + " runs alone (" +
                format_ratio(culprits.amount(*most, "share")) + ")";
    const std::string where = culprits.text(*most, "where");
    evidence += where.empty() ? "." : ", up to " + where + ".";
  }
  return Measured{*share, evidence, alone};
}

}  // namespace

const FindingRule serial_rule = {
    .id = "serial",
    .title = "The program mostly runs one goroutine at a time",
    .measure = "share of the time with exactly one P busy",
    .unit = Unit::kRatio,
    .threshold = 0.5,
    .weight = 0.9,
    .command = "parallelism",
    .advice =
        "Give the stage that runs alone several workers, or split its work so that the others "
        "need not wait for all of it.",
    .passes = {"capture", "parallelism"},
    .measured = serial,
};

}  // namespace tracetool
