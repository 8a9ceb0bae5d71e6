#include "cli/commands.h"

#include <algorithm>

namespace tracetool {
namespace {

constexpr char kAnalyzeHelp[] =
    "Reads the capture once and prints everything that can be said about it: first the facts of\n"
    "the capture itself, then the tables of every analysis with its default options. As text it\n"
    "shows the most important tables; json and --full have all.\n"
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

std::vector<Command> make_commands() {
  const std::vector<std::string> tables = {"text", "json", "csv", "markdown"};
  constexpr unsigned kRead = kFlagsInput | kFlagsOutput;
  constexpr unsigned kAnalyse = kRead | kFlagsReport | kFlagsWindow | kFlagsFilter;
  std::vector<Command> commands;
  commands.push_back({.name = "analyze",
                      .summary = "everything about a capture: its facts, then all analyses",
                      .description = kAnalyzeHelp,
                      .flags = kAnalyse | kFlagsOverview,
                      .formats = tables,
                      .run = run_analyze});
  commands.push_back({.name = "events",
                      .summary = "the events in order, one a line",
                      .description = kEventsHelp,
                      .flags = kRead | kFlagsEvents,
                      .formats = {"text", "jsonl", "csv"},
                      .run = run_events});
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
