// A rule about goroutines that become more and more.
#include <algorithm>

#include "analyses/findings/findings_rules.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

std::optional<Measured> growth(const RuleInput& input) {
  const TableView total =
      input.report.table("goroutine_growth", {"at_begin", "at_end", "net", "verdict"});
  const TableView groups =
      input.report.table("leaks", {"start_location", "created_in", "net", "waits_for", "blocked_in",
                                   "blocked_alike", "stack", "blocked_stack"});
  // Fewer may be a pool that is being filled.
  constexpr double kMany = 10;
  if (total.text(0, "verdict") != "growing" || total.amount(0, "net") < kMany) return std::nullopt;
  const double before = std::max(1.0, total.amount(0, "at_begin"));
  const double after = total.amount(0, "at_end");
  std::string evidence = "There were " + format_count(before) + " goroutines at the begin and " +
                         format_count(after) + " at the end, more in each quarter of the capture.";
  StackCell stack;
  std::string culprit;
  if (const auto most = groups.largest("net")) {
    stack = groups.stack(*most, "stack");
    culprit = groups.text(*most, "start_location");
    evidence += " " + format_count(groups.amount(*most, "net")) + " of the new ones are " +
                culprit + ", created in " + located(groups.text(*most, "created_in"), stack);
    const double alike = groups.amount(*most, "blocked_alike");
    if (alike > 0) {
      evidence += "; " + format_count(alike) + " of these wait (" +
                  groups.text(*most, "waits_for") + ") in " +
                  located(groups.text(*most, "blocked_in"), groups.stack(*most, "blocked_stack"));
    }
    evidence += ".";
  }
  return Measured{after / before, evidence, stack, culprit};
}

}  // namespace

const FindingRule growth_rule = {
    .id = "growth",
    .title = "There are more and more goroutines",
    .measure = "goroutines at the end for each one at the begin",
    .unit = Unit::kCount,
    .threshold = 2,
    .weight = 0.8,
    .command = "leaks",
    .advice =
        "Give each goroutine a way out: a context that is cancelled, a closed channel, a buffered "
        "channel for results that nobody may fetch. Take a longer capture to tell a leak from a "
        "start-up.",
    .passes = {"leaks"},
    .measured = growth,
};

}  // namespace tracetool
