#include "cli/commands/commands.h"

#include <algorithm>

#include "analyses/findings/findings.h"
#include "reports/checks/ci.h"
#include "reports/formats/format.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

constexpr char kAnalyzeHelp[] =
    "Reads the capture once and prints everything that can be said about it: first what is wrong\n"
    "(see tracetool findings), then the facts of the capture itself, then the tables of every\n"
    "analysis with its default options. As text it shows the most important tables; json and\n"
    "--full have all.\n"
    "\n"
    "Examples:\n"
    "  tracetool analyze trace.out\n"
    "  tracetool analyze trace.out --from 1s --to 1.5s\n"
    "  tracetool analyze trace.out.zst --format json -o report.json\n"
    "  tracetool analyze trace.out --format csv --table goroutines --sort count\n"
    "  tracetool analyze captures/ --metrics sched.p99,stw.max      a row a capture, ranked\n"
    "  curl -s localhost:6060/debug/pprof/trace?seconds=5 | tracetool analyze -";

constexpr char kInfoHelp[] =
    "Reads the capture without analysing it: format, generations, sizes of its tables, events and\n"
    "bytes by wire type, and what is damaged or missing.\n"
    "\n"
    "Examples:\n"
    "  tracetool info trace.out\n"
    "  tracetool info trace.out --format csv --table wire";

constexpr char kEventsHelp[] =
    "Lists the events in order, one a line, as the analyses see them. Times count from the first\n"
    "event. jsonl has one JSON object a line with raw numbers and times in ns, json the same\n"
    "objects in one document; csv has fixed columns. --raw shows the wire events of the file\n"
    "instead, before they are put in order, in the text form of Go's own tools, with the offset\n"
    "of each in the decompressed file.\n"
    "\n"
    "Examples:\n"
    "  tracetool events trace.out --goroutine 18 --stacks\n"
    "  tracetool events trace.out --function main.worker --kind StateTransition\n"
    "  tracetool events trace.out --task 7\n"
    "  tracetool events trace.out --kind RangeBegin,RangeEnd --from 10ms --to 20ms\n"
    "  tracetool events trace.out --format jsonl --kind Log | jq -r .message\n"
    "  tracetool events trace.out --raw --limit 100";

constexpr char kIntervalsHelp[] =
    "Lists each stay of a goroutine in a state, one a line, as it ends: how long it ran, was\n"
    "runnable, waited or was in a system call, where, why, and who ended the wait. They are what\n"
    "the other analyses sum up. What began before the capture or the window, or goes on behind "
    "it,\n"
    "is marked as open. jsonl has an object a line, json one document, csv a row each.\n"
    "\n"
    "Examples:\n"
    "  tracetool intervals trace.out --state waiting --class sync,net --min 1ms\n"
    "  tracetool intervals trace.out --top 20 --stacks\n"
    "  tracetool intervals trace.out --goroutine 18 --from 10ms --to 20ms\n"
    "  tracetool intervals trace.out --state runnable --sort begin_ns:asc\n"
    "  tracetool intervals trace.out --reason chan --format jsonl | jq -r .stack";

constexpr char kFindingsHelp[] =
    "What is wrong with the program, worst first: each finding with the figures that show it, the\n"
    "command to look at, and what usually helps. A finding is a figure beyond its threshold.\n"
    "\n"
    "Examples:\n"
    "  tracetool findings trace.out\n"
    "  tracetool findings trace.out --threshold gc-assist=10%\n"
    "  tracetool findings trace.out --format json | jq '.tables.findings.rows[].kind'\n"
    "\n"
    "Findings and their thresholds:\n";

/// The help, and a line a rule.
std::string findings_help() {
  std::string out = kFindingsHelp;
  for (const FindingRule* rule : all_rules()) {
    std::string line = std::string("  ") + rule->id;
    line.resize(21, ' ');
    line += (rule->below ? "< " : ">= ") + threshold_text(*rule, rule->threshold);
    line.resize(33, ' ');
    out += line + rule->measure + "\n";
    if (rule->window == 0) continue;
    out += std::string(33, ' ') + "(" + format_duration(static_cast<double>(rule->window)) + "; " +
           rule->id + "=25ms:40% sets both)\n";
  }
  return out;
}

constexpr char kMetricsHelp[] =
    "Lists every figure that rules can name, with its id, unit and meaning; with a capture also\n"
    "what it is there. In ids a dot is as good as an underscore, and units may be left out:\n"
    "sched.p99 is sched_summary.p99_ns. Rows of lists are chosen by their keys:\n"
    "goroutines[\"main.worker\"].sched_wait_ns, and * stands for anything. A list without a key\n"
    "is the total of its rows. Behind sums may follow .per_second, or .mean for per count.\n"
    "\n"
    "Examples:\n"
    "  tracetool metrics\n"
    "  tracetool metrics trace.out --passes sched,mmu\n"
    "  tracetool metrics trace.out --format csv";

constexpr char kCheckHelp[] =
    "Holds rules against the figures of captures, for builds that shall fail when a program got\n"
    "slower. A rule is FIGURE < VALUE, with <, <=, >, >=, == or !=, and the value has the unit of\n"
    "the figure: 1.5ms, 64KiB, 12%, 42. tracetool metrics lists the figures. A figure that is\n"
    "absent fails, unless the rule begins with \"optional\". All failures are told, and the exit\n"
    "code is 1.\n"
    "\n"
    "Examples:\n"
    "  tracetool check trace.out --require 'sched.p99 < 500us'\n"
    "  tracetool check trace.out --require 'mmu[\"10ms\"].mmu > 50%'\n"
    "  tracetool check trace.out --require 'goroutines[\"main.work\"].block.sync < 1ms'\n"
    "  tracetool check trace.out --rules rules.json --format junit -o checks.xml\n"
    "  tracetool check trace.out --rules rules.json --format github";

constexpr char kDiffHelp[] =
    "Compares every figure of two captures, or of several a side: first what got better and what\n"
    "got worse, then all figures, what changed most first. Rows are joined by the names of\n"
    "functions and stacks. Figures that grow with the capture are compared per second of it, or\n"
    "per unit of work with --per. Either side may be a saved result of analyze --format json.\n"
    "\n"
    "One capture a side: a change is told where it exceeds the spread between time slices within\n"
    "each, with a question mark where it is large and does not. Several a side: medians,\n"
    "Mann-Whitney's p adjusted for all figures, and ~ where no change is significant.\n"
    "\n"
    "Examples:\n"
    "  tracetool diff before.out after.out\n"
    "  tracetool diff before.out after.out --fail-on 'sched.p99 > +10%'\n"
    "  tracetool diff before.out after.out --per task:order\n"
    "  tracetool diff --before old/ --after 'new/*.trace' --format markdown\n"
    "  tracetool diff --baseline base.json after.out --format json";

/// Options without effect on an analysis: what it tells is everybody's.
unsigned idle_flags_of(Filters filters) {
  const bool goroutines = filters == Filters::kAll || filters == Filters::kGoroutines;
  const bool scope = filters == Filters::kAll || filters == Filters::kScope;
  return (goroutines ? 0u : kFlagsFilter) | (scope ? 0u : kFlagsScope);
}

std::vector<Command> make_commands() {
  const std::vector<std::string> tables = format_names();
  std::vector<std::string> checks = tables;
  for (const CheckFormat& format : check_formats()) checks.emplace_back(format.name);
  constexpr unsigned kRead = kFlagsInput | kFlagsOutput;
  constexpr unsigned kAnalyse = kRead | kFlagsReport | kFlagsWindow | kFlagsFilter | kFlagsScope;
  std::vector<Command> commands;
  commands.push_back({.name = "analyze",
                      .summary = "everything about a capture: findings, its facts, all analyses",
                      .description = kAnalyzeHelp,
                      .flags = kAnalyse | kFlagsOverview | kFlagsFindings | kFlagsMany | kFlagsWall,
                      .formats = tables,
                      .most_traces = 100000,
                      .run = run_many});
  commands.push_back({.name = "events",
                      .summary = "the events in order, one a line",
                      .description = kEventsHelp,
                      .flags = kRead | kFlagsEvents | kFlagsFilter | kFlagsScope | kFlagsWall,
                      .formats = {"text", "json", "jsonl", "csv"},
                      .run = run_events});
  commands.push_back({.name = "findings",
                      .summary = "what is wrong, worst first, with evidence and advice",
                      .description = findings_help(),
                      .flags = kAnalyse | kFlagsFindings | kFlagsWall,
                      .formats = tables,
                      .run = run_findings});
  commands.push_back({.name = "info",
                      .summary = "format, generations, wire events and damage of a capture",
                      .description = kInfoHelp,
                      .flags = kRead | kFlagsReport | kFlagsWall,
                      .formats = tables,
                      .run = run_info});
  commands.push_back(
      {.name = "intervals",
       .summary = "each wait, run and system call of goroutines, one a line",
       .description = kIntervalsHelp,
       .flags = kRead | kFlagsWindow | kFlagsFilter | kFlagsScope | kFlagsWall | kFlagsIntervals,
       .formats = {"text", "json", "jsonl", "csv"},
       .run = run_intervals});
  commands.push_back({.name = "check",
                      .summary = "fails when figures break rules: for builds",
                      .description = kCheckHelp,
                      .flags = kAnalyse | kFlagsFigures | kFlagsCheck,
                      .formats = checks,
                      .most_traces = 1000,
                      .run = run_check});
  commands.push_back({.name = "diff",
                      .summary = "what changed between two captures, or several a side",
                      .description = kDiffHelp,
                      .flags = kAnalyse | kFlagsFigures | kFlagsDiff,
                      .formats = checks,
                      .arguments = "BEFORE AFTER",
                      .most_traces = 1000,
                      .least_traces = 0,
                      .run = run_diff});
  commands.push_back({.name = "metrics",
                      .summary = "ids, units, meanings and values of all figures",
                      .description = kMetricsHelp,
                      .flags = kAnalyse | kFlagsFigures,
                      .formats = tables,
                      .least_traces = 0,
                      .run = run_metrics});
  for (const PassInfo* pass : all_passes()) {
    commands.push_back({.name = pass->name,
                        .summary = pass->summary,
                        .description = pass->description,
                        .flags = kAnalyse | kFlagsWall,
                        .idle_flags = idle_flags_of(pass->filters),
                        .formats = tables,
                        .pass = pass,
                        .run = run_pass});
  }
  return commands;
}

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = make_commands();
  return kCommands;
}

const Command* find_command(const std::string& name) {
  const auto& commands = all_commands();
  const auto it = std::ranges::find(commands, name, &Command::name);
  return it == commands.end() ? nullptr : &*it;
}

}  // namespace tracetool
