#include "cli/options/flags.h"

namespace tracetool {
namespace {

constexpr char kSelect[] = "What to look at";
constexpr char kShow[] = "What to show";
constexpr char kWrite[] = "How to write it";
constexpr char kRead[] = "How to read";
constexpr unsigned kReportOrEvents = kFlagsReport | kFlagsEvents | kFlagsIntervals;

constexpr Flag kFlags[] = {
    {"--require", "RULE", "a rule, such as 'sched.p99 < 500us'; may be repeated", kSelect,
     kFlagsCheck},
    {"--rules", "FILE", "rules from a JSON file; may be repeated", kSelect, kFlagsCheck},
    {"--before", "FILE...", "captures of the old side: files, directories, patterns", kSelect,
     kFlagsDiff, true},
    {"--after", "FILE...", "captures of the new side", kSelect, kFlagsDiff, true},
    {"--baseline", "FILE", "a saved result (analyze --format json) as the old side", kSelect,
     kFlagsDiff},
    {"--per", "UNIT", "compare growing figures per task:TYPE, region:TYPE, log:CATEGORY or capture",
     kSelect, kFlagsDiff},
    {"--alpha", "P", "a change is significant below this p (default: 0.05)", kSelect, kFlagsDiff},
    {"--min-change", "PERCENT", "smaller changes are none (default: 2%)", kSelect, kFlagsDiff},
    {"--fail-on", "RULE", "fail if a figure changed so: 'sched.p99 > +10%'; may be repeated",
     kSelect, kFlagsDiff},
    {"--metrics", "ID,...", "a row a capture of these figures", kSelect, kFlagsMany},
    {"--passes", "NAME,...", "only these analyses", kSelect, kFlagsFigures},
    {"--from", "TIME",
     "begin at this time since the first event: 1.5s, 10ms, 250us; or at a time of day (Go 1.25 "
     "on): 2026-11-24T19:26:55.5Z, 19:26:55",
     kSelect, kFlagsWindow | kFlagsEvents},
    {"--to", "TIME", "end at this time since the first event, or at a time of day", kSelect,
     kFlagsWindow | kFlagsEvents},
    {"--function", "REGEX", "only goroutines whose start function matches", kSelect, kFlagsFilter},
    {"--goroutine", "ID,...", "only these goroutines", kSelect, kFlagsFilter},
    {"--task", "ID,...", "only time inside regions of these tasks and of their child tasks",
     kSelect, kFlagsScope},
    {"--region", "REGEX", "only time inside regions whose type matches", kSelect, kFlagsScope},
    {"--no-system", "", "without goroutines of the Go runtime itself", kSelect, kFlagsFilter},
    {"--system", "", "with goroutines of the Go runtime itself (default)", kSelect, kFlagsFilter},
    {"--state", "STATE,...", "only these states: running, runnable, waiting, syscall", kSelect,
     kFlagsIntervals},
    {"--class", "CLASS,...",
     "only waits of these classes: net, sync (with chan, select), chan, select, sleep, gc, other, "
     "syscall, sched",
     kSelect, kFlagsIntervals},
    {"--reason", "REGEX", "only intervals whose reason matches", kSelect, kFlagsIntervals},
    {"--min", "DURATION", "only intervals that last at least so long", kSelect, kFlagsIntervals},
    {"--kind", "KIND,...", "only events of these kinds", kSelect, kFlagsEvents},
    {"--proc", "N,...", "only events of these Ps", kSelect, kFlagsEvents},
    {"--thread", "ID,...", "only events of these threads", kSelect, kFlagsEvents},
    {"--limit", "N", "stop after N events", kSelect, kFlagsEvents},

    {"--table", "ID", "only this table; csv needs it where there are several", kShow, kFlagsReport},
    {"--columns", "ID,...", "only these columns, in this order", kShow, kFlagsReport},
    {"--sort", "COLUMN", "sort by this column, largest first; COLUMN:asc for smallest first", kShow,
     kFlagsReport},
    {"--top", "N", "this many rows, 0 for all (default: 20 for text and markdown)", kShow,
     kFlagsReport},
    {"--sort", "COLUMN",
     "sort by duration_ns, begin_ns, end_ns or goroutine, largest first; COLUMN:asc for smallest "
     "first (default: as they end)",
     kShow, kFlagsIntervals},
    {"--top", "N", "only the N first in that order, the longest without --sort; 0 for all", kShow,
     kFlagsIntervals},
    {"--max-memory", "SIZE",
     "most memory for what is sorted (default: 512MiB); if given, also for reading", kShow,
     kFlagsIntervals},
    {"--stacks", "", "whole stacks instead of their innermost function", kShow, kReportOrEvents},
    {"--wall", "", "moments as times of day as well (UTC; Go 1.25 on)", kShow, kFlagsWall},
    {"--full", "",
     "text and markdown: all tables, up to 20 rows of each, and the names of columns "
     "that do not fit",
     kShow, kFlagsOverview},
    {"--figures", "", "the figures of plots too", kShow, kFlagsReport},
    {"--threshold", "NAME=VALUE", "from where on it is a finding: gc-assist=10%; may be repeated",
     kShow, kFlagsFindings},
    {"--explain", "", "what tables and columns mean, and their ids", kShow, kFlagsReport},
    {"--raw", "", "the wire events as they stand in the file, with their offsets", kShow,
     kFlagsEvents},

    {"-f,--format", "FORMAT", "", kWrite, kFlagsOutput},
    {"-o,--output", "FILE", "write to a file", kWrite, kFlagsOutput},
    {"--color", "WHEN", "auto, always or never; auto heeds NO_COLOR", kWrite, kFlagsOutput},
    {"--width", "N", "columns of text output (default: the terminal's, else $COLUMNS, else 100)",
     kWrite, kFlagsReport},

    {"--strict", "", "stop at the first fault of the input, without results", kRead, kFlagsInput},
    {"--max-memory", "SIZE",
     "most memory for what has to be kept of a whole capture (default: 2GiB)", kRead, kFlagsInput},
    {"-j,--threads", "N", "how many analyse; 1: no other thread at all (default: by cores)", kRead,
     kFlagsInput},
    {"--progress", "", "show on standard error how far reading is", kRead, kFlagsInput},
    {"--no-progress", "", "do not show it (default unless standard error is a terminal)", kRead,
     kFlagsInput},
};

}  // namespace

std::string Flag::name() const {
  const std::string text = names;
  const size_t comma = text.rfind(',');
  return comma == std::string::npos ? text : text.substr(comma + 1);
}

std::span<const Flag> all_flags() { return kFlags; }

}  // namespace tracetool
