#include "cli/commands.h"

#include <algorithm>

#include "analyses/findings.h"

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
    "event. jsonl has one JSON object a line with raw numbers and times in ns; csv has fixed\n"
    "columns. --raw shows the wire events of the file instead, before they are put in order, in "
    "the\n"
    "text form of Go's own tools, with the offset of each in the decompressed file.\n"
    "\n"
    "Examples:\n"
    "  tracetool events trace.out --goroutine 18 --stacks\n"
    "  tracetool events trace.out --kind RangeBegin,RangeEnd --from 10ms --to 20ms\n"
    "  tracetool events trace.out --format jsonl --kind Log | jq -r .message\n"
    "  tracetool events trace.out --raw --limit 100";

constexpr char kFindingsHelp[] =
    "What is wrong with the program, worst first: each finding with the figures that show it, the\n"
    "command to look at, and what usually helps. A finding is a figure beyond its threshold.\n"
    "\n"
    "Examples:\n"
    "  tracetool findings trace.out\n"
    "  tracetool findings trace.out --threshold gc-assist=10% --threshold long-stw=500us\n"
    "  tracetool findings trace.out --format json | jq -r '.tables.findings.rows[].kind'\n"
    "\n"
    "Findings and their thresholds:\n";

/// The help, and a line a rule.
std::string findings_help() {
  std::string out = kFindingsHelp;
  for (const Rule* rule : all_rules()) {
    std::string line = std::string("  ") + rule->id;
    line.resize(21, ' ');
    line += (rule->below ? "< " : ">= ") + threshold_text(*rule, rule->threshold);
    line.resize(33, ' ');
    out += line + rule->measure + "\n";
  }
  return out;
}

std::vector<Command> make_commands() {
  const std::vector<std::string> tables = {"text", "json", "csv", "markdown"};
  constexpr unsigned kRead = kFlagsInput | kFlagsOutput;
  constexpr unsigned kAnalyse = kRead | kFlagsReport | kFlagsWindow | kFlagsFilter;
  std::vector<Command> commands;
  commands.push_back({.name = "analyze",
                      .summary = "everything about a capture: findings, its facts, all analyses",
                      .description = kAnalyzeHelp,
                      .flags = kAnalyse | kFlagsOverview | kFlagsFindings,
                      .formats = tables,
                      .run = run_analyze});
  commands.push_back({.name = "events",
                      .summary = "the events in order, one a line",
                      .description = kEventsHelp,
                      .flags = kRead | kFlagsEvents,
                      .formats = {"text", "jsonl", "csv"},
                      .run = run_events});
  commands.push_back({.name = "findings",
                      .summary = "what is wrong, worst first, with evidence and advice",
                      .description = findings_help(),
                      .flags = kAnalyse | kFlagsFindings,
                      .formats = tables,
                      .run = run_findings});
  commands.push_back({.name = "info",
                      .summary = "format, generations, wire events and damage of a capture",
                      .description = kInfoHelp,
                      .flags = kRead | kFlagsReport,
                      .formats = tables,
                      .run = run_info});
  for (const PassInfo* pass : all_passes()) {
    commands.push_back({.name = pass->name,
                        .summary = pass->summary,
                        .description = pass->description,
                        .flags = kAnalyse,
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
