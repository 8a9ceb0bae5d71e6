// Rules about the capture itself: whether it can be judged, and what tracing cost.
#include <algorithm>

#include "analyses/findings/findings_rules.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

std::optional<Measured> damage(const RuleInput& input) {
  double count = 0;
  const Fault* first = nullptr;
  for (const Fault& fault : input.facts.faults) {
    if (fault.kind == FaultKind::kNote) continue;
    if (first == nullptr) first = &fault;
    ++count;
  }
  if (first == nullptr) return std::nullopt;
  std::string evidence = format_count(static_cast<int64_t>(count)) +
                         (count == 1 ? " fault: " : " faults, the first: ") + first->describe() +
                         ".";
  return Measured{count, evidence};
}

std::optional<Measured> length(const RuleInput& input) {
  const TableView capture = input.report.table("capture", {"duration_ns", "events"});
  const double length = capture.amount(0, "duration_ns");
  return Measured{length, "It is " + format_duration(length) + " long and has " +
                              format_count(static_cast<int64_t>(capture.amount(0, "events"))) +
                              " events. Nothing else was judged."};
}

std::optional<Measured> event_rate(const RuleInput& input) {
  const TableView capture = input.report.table(
      "capture", {"events", "events_per_second", "bytes_per_second", "gomaxprocs_max"});
  const double rate = capture.amount(0, "events_per_second");
  const double procs = std::max(1.0, capture.amount(0, "gomaxprocs_max"));
  if (rate <= 0) return std::nullopt;
  return Measured{rate / procs,
                  format_rate(rate) + " events, " + format_rate(rate / procs) + " on each of " +
                      format_count(procs) + (procs == 1 ? " P" : " Ps") + ", and " +
                      format_bytes(capture.amount(0, "bytes_per_second")) +
                      "/s of trace. At some 100ns an event, tracing itself slows the program, and "
                      "short times in this capture are longer than without it."};
}

std::optional<Measured> fine_regions(const RuleInput& input) {
  // Fewer do not change what a capture shows: begin and end cost some 100 ns each.
  constexpr double kMany = 100, kCost = 200, kFelt = 0.01;
  const TableView capture = input.report.table("capture", {"duration_ns"});
  const TableView regions =
      input.report.table("regions", {"type", "begun_at", "count", "p50_ns", "total_ns"});
  const double length = std::max(1.0, capture.amount(0, "duration_ns"));
  std::optional<size_t> worst;
  for (size_t row = 0; row < regions.rows(); ++row) {
    const double n = regions.amount(row, "count");
    if (n < kMany || n * kCost < kFelt * length || !regions.number(row, "p50_ns")) continue;
    if (!worst || regions.amount(row, "p50_ns") < regions.amount(*worst, "p50_ns")) worst = row;
  }
  if (!worst) return std::nullopt;
  const double count = regions.amount(*worst, "count");
  const double per_second = 1e9 * count / length;
  const double median = regions.amount(*worst, "p50_ns");
  return Measured{median,
                  "Half of the " + format_count(static_cast<int64_t>(count)) + " regions \"" +
                      regions.text(*worst, "type") + "\" (" + format_rate(per_second) +
                      ", begun at " + regions.text(*worst, "begun_at") + ") take " +
                      format_duration(median) + " or less: about what it costs to record them.",
                  {},
                  regions.text(*worst, "type")};
}

}  // namespace

const FindingRule damaged_capture_rule = {
    .id = "damaged",
    .title = "The capture is damaged or incomplete",
    .measure = "faults",
    .unit = Unit::kCount,
    .threshold = 1,
    .weight = 1,
    .command = "info",
    .advice =
        "Take the capture again if you can, and let it end with trace.Stop before the file is "
        "copied. All figures are of what could be read.",
    .passes = {},
    .about_capture = true,
    .measured = damage,
};

const FindingRule short_capture_rule = {
    .id = "short",
    .title = "The capture is too short to judge",
    .measure = "length",
    .unit = Unit::kNanoseconds,
    .threshold = 5e6,
    .below = true,
    .weight = 1,
    .command = "info",
    .advice = "Take a capture of some seconds, or choose a wider --from and --to.",
    .passes = {"capture"},
    .about_capture = true,
    .measured = length,
};

const FindingRule tracer_overhead_rule = {
    .id = "tracer-overhead",
    .title = "Tracing itself takes much of the time",
    .measure = "events a second and P",
    .unit = Unit::kPerSecond,
    .threshold = 500e3,
    .weight = 0.7,
    .command = "info",
    .advice =
        "See in its table of wire events which are most frequent. Fewer regions and logs, larger "
        "batches through channels, and no GODEBUG=traceallocfree make a capture truer.",
    .passes = {"capture"},
    .about_capture = true,
    .measured = event_rate,
};

const FindingRule fine_regions_rule = {
    .id = "fine-regions",
    .title = "Regions are too fine",
    .measure = "median duration of a region type",
    .unit = Unit::kNanoseconds,
    .threshold = 1e3,
    .below = true,
    .weight = 0.6,
    .command = "regions",
    .advice = "Put the region around the loop instead of around each of its steps.",
    .passes = {"capture", "regions"},
    .measured = fine_regions,
};

}  // namespace tracetool
