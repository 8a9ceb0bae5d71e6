// The tables of the parallelism pass that tell who ran alone.
#include <algorithm>
#include <map>

#include "analyses/go/stack_place.h"
#include "analyses/go/wait_kind.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/measure/stack_twins.h"
#include "analyses/passes/parallelism/parallelism_tables.h"

namespace tracetool {
namespace {

struct PhaseRow {
  const SerialPhase* phase;
  StackCells* stacks;
};

struct CauseRow {
  const char* name;
  int64_t time, known;  // of it, of the capture
};

struct CulpritRow {
  SerialCulprit c;
  StackCells* stacks;
  int64_t serial;  // all serial time
};

Cell if_looked(const PhaseRow& r, uint32_t count) {
  return r.phase->looked ? Cell(int64_t{count}) : Cell();
}

constexpr const char* kStart = "Function in which the goroutine started that ran alone.";
constexpr const char* kWhere =
    "Innermost function of the stack outside the standard library's plumbing.";

const Columns<PhaseRow> kPhaseColumns = standing<PhaseRow>({
    {row_time("time_ns", "Time", "When the phase began."),
     [](const PhaseRow& r) -> Cell { return r.phase->begin; }},
    {info("length_ns", "Length", Unit::kNanoseconds, 0, "From begin to end."),
     [](const PhaseRow& r) -> Cell { return r.phase->length(); }},
    {cost("serial_ns", "Serial", 3, "The same without breaks of up to 10 µs in which nobody ran."),
     [](const PhaseRow& r) -> Cell { return r.phase->busy; }},
    {text("start_location", "Who ran", 0, kStart),
     [](const PhaseRow& r) -> Cell { return name_or_unknown(r.stacks->tables(), r.phase->group); }},
    {info("goroutine", "Goroutine", Unit::kId, 4,
          "Which one; of several the one that ran longest."),
     [](const PhaseRow& r) { return count_cell(r.phase->goroutine); }},
    {text("where", "Up to", 1,
          "Where it was at the end of its longest part: innermost function outside the standard "
          "library's plumbing."),
     [](const PhaseRow& r) { return text_cell(caller_in(r.stacks->tables(), r.phase->stack)); }},
    {info("waiting", "Waiting", Unit::kCount, 0,
          "Goroutines that waited for others at least half of the phase."),
     [](const PhaseRow& r) { return if_looked(r, r.phase->waiting); }},
    {text("waited_for", "For", 1, "What most of these waited for."),
     [](const PhaseRow& r) -> Cell {
       if (r.phase->waiting == 0) return {};
       return waited_for(r.stacks->tables(), r.stacks->tables().string(r.phase->reason),
                         r.phase->wait_stack);
     }},
    {text("waited_in", "In", 2, kWhere),
     [](const PhaseRow& r) {
       return text_cell(caller_in(r.stacks->tables(), r.phase->wait_stack));
     }},
    {info("waiting_alike", "Alike", Unit::kCount, 4,
          "How many of them waited for that on that stack."),
     [](const PhaseRow& r) { return if_looked(r, r.phase->alike); }},
    {info("runnable", "Runnable", Unit::kCount, 3, "Goroutines that wanted a P when it ended."),
     [](const PhaseRow& r) -> Cell { return int64_t{r.phase->runnable}; }},
    {text("stack", "Stack", 5, "Of the goroutine that ran, at the end of its longest part."),
     [](const PhaseRow& r) -> Cell { return (*r.stacks)(r.phase->stack); }},
    {text("wait_stack", "Wait stack", 6, "Where most of the others waited."),
     [](const PhaseRow& r) -> Cell { return (*r.stacks)(r.phase->wait_stack); }},
});

const Columns<CauseRow> kCauseColumns = {
    {key("cause", "Waited for",
         "lock: some for a Mutex or RWMutex. collector: some for it, or the one that ran assisted. "
         "P: enough were runnable to use 60 % of the Ps. other goroutines: some for these "
         "(channel, select, WaitGroup, Cond). nothing: nobody waited for any of that. The first "
         "that applies."),
     of<&CauseRow::name>},
    {cost("serial_ns", "Serial", 0, "Time with one P busy in which that held the others up."),
     of<&CauseRow::time>},
    {share("share", "Share", 0, "Of the capture."),
     [](const CauseRow& r) {
       return ratio_cell(static_cast<double>(r.time), static_cast<double>(r.known));
     }},
};

const Columns<CulpritRow> kCulpritColumns = {
    {start_location(kStart),
     [](const CulpritRow& r) -> Cell { return name_or_unknown(r.stacks->tables(), r.c.group); }},
    {text("where", "Up to", 1, kWhere),
     [](const CulpritRow& r) { return text_cell(caller_in(r.stacks->tables(), r.c.stack)); }},
    {cost("serial_ns", "Serial", 0, "Time in which it alone ran, up to an event on this stack."),
     [](const CulpritRow& r) -> Cell { return r.c.time; }},
    {share("share", "Share", 1, "Of all serial time."),
     [](const CulpritRow& r) {
       return ratio_cell(static_cast<double>(r.c.time), static_cast<double>(r.serial));
     }},
    {count("count", "Count", 2, "How often."),
     [](const CulpritRow& r) { return count_cell(r.c.count); }},
    {peak("longest_ns", "Longest", 2, "At once, from one event to the next."),
     [](const CulpritRow& r) -> Cell { return r.c.longest; }},
    {stack("Of the event up to which it ran alone: a block, a wake-up, a sample."),
     [](const CulpritRow& r) -> Cell { return (*r.stacks)(r.c.stack); }},
};

}  // namespace

void add_serial_tables(const ParallelismResults& results, Report& report) {
  const SerialTime& serial = results.serial;
  std::vector<CauseRow> by_cause;
  for (size_t i = 0; i < kSerialCauses; ++i) {
    if (results.causes[i] > 0)
      by_cause.push_back(
          {kSerialCauseNames[i], results.causes[i], results.length - results.unknown});
  }
  Table causes{.id = "serial_causes",
               .title = "What the others waited for while one P was busy",
               .help = "Adds up to the time with exactly one P busy."};
  fill(causes, kCauseColumns, by_cause);
  report.tables.push_back(std::move(causes));

  std::vector<PhaseRow> phases;
  for (const SerialPhase& p : serial.phases) phases.push_back({&p, &results.stacks});
  Table longest{.id = "serial_phases",
                .title = "Longest serial phases",
                .help =
                    "Exactly one P ran the program while goroutines were runnable or waited "
                    "for others."};
  fill(longest, kPhaseColumns, phases);
  if (serial.long_phases > serial.phases.size())
    longest.notes.push_back("the longest " + std::to_string(serial.phases.size()) + " of " +
                            std::to_string(serial.long_phases));
  const auto unlooked = std::ranges::count(serial.phases, false, &SerialPhase::looked);
  if (unlooked > 0)
    longest.notes.push_back("who waited in " + std::to_string(unlooked) +
                            " of them is not known: too many phases were the longest so far");
  report.tables.push_back(std::move(longest));

  StackTwins twins(results.stacks);
  std::map<std::pair<StringId, StackId>, SerialCulprit> merged;
  int64_t all = 0;
  for (const SerialCulprit& c : serial.culprits) {
    if (c.count == 0) continue;
    all += c.time;
    const StackId stack = twins[c.stack];
    SerialCulprit& to =
        merged.try_emplace({c.group, stack}, SerialCulprit{.group = c.group, .stack = stack})
            .first->second;
    to.count += c.count;
    to.time += c.time;
    to.longest = std::max(to.longest, c.longest);
  }
  std::vector<CulpritRow> rows;
  rows.reserve(merged.size());
  for (const auto& [key, c] : merged) rows.push_back({c, &results.stacks, all});
  Table culprits{.id = "serial_culprits",
                 .title = "Who ran alone",
                 .help = "All time with exactly one P busy, by what ran and up to which event.",
                 .sort_by = "serial_ns"};
  fill(culprits, kCulpritColumns, rows);
  report.tables.push_back(std::move(culprits));
}

}  // namespace tracetool
