// The tables of the parallelism pass that tell who ran alone.
#include <algorithm>
#include <map>

#include "analyses/go/stack_place.h"
#include "analyses/go/wait_kind.h"
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

Cell group_cell(const Tables& tables, StringId name) {
  return name == 0 ? Cell("(unknown)") : Cell(std::string(tables.string(name)));
}

template <class Row>
ColumnOf<Row> column(const char* id, const char* heading, Unit unit, Role role, int rank,
                     const char* help, Cell (*get)(const Row&)) {
  const bool time = unit == Unit::kNanoseconds && role != Role::kInfo;
  return {{.id = id,
           .heading = heading,
           .unit = unit,
           .role = role,
           .better = time ? Better::kLower : Better::kNeither,
           .grows = role == Role::kSum,
           .rank = rank,
           .help = help},
          get};
}

Cell if_looked(const PhaseRow& r, uint32_t count) {
  return r.phase->looked ? Cell(int64_t{count}) : Cell();
}

constexpr const char* kStart = "Function in which the goroutine started that ran alone.";
constexpr const char* kWhere =
    "Innermost function of the stack outside the standard library's plumbing.";

const Columns<PhaseRow> kPhaseColumns = {
    column<PhaseRow>("time_ns", "Time", Unit::kTime, Role::kId, 0, "When the phase began.",
                     [](const PhaseRow& r) -> Cell { return r.phase->begin; }),
    column<PhaseRow>("length_ns", "Length", Unit::kNanoseconds, Role::kInfo, 0,
                     "From begin to end.",
                     [](const PhaseRow& r) -> Cell { return r.phase->length(); }),
    column<PhaseRow>("serial_ns", "Serial", Unit::kNanoseconds, Role::kSum, 3,
                     "The same without breaks of up to 10 µs in which nobody ran.",
                     [](const PhaseRow& r) -> Cell { return r.phase->busy; }),
    column<PhaseRow>(
        "start_location", "Who ran", Unit::kNone, Role::kInfo, 0, kStart,
        [](const PhaseRow& r) { return group_cell(r.stacks->tables(), r.phase->group); }),
    column<PhaseRow>("goroutine", "Goroutine", Unit::kId, Role::kInfo, 4,
                     "Which one; of several the one that ran longest.",
                     [](const PhaseRow& r) { return count_cell(r.phase->goroutine); }),
    column<PhaseRow>(
        "where", "Up to", Unit::kNone, Role::kInfo, 1,
        "Where it was at the end of its longest part: innermost function outside the "
        "standard library's plumbing.",
        [](const PhaseRow& r) { return text_cell(caller_in(r.stacks->tables(), r.phase->stack)); }),
    column<PhaseRow>("waiting", "Waiting", Unit::kCount, Role::kInfo, 0,
                     "Goroutines that waited for others at least half of the phase.",
                     [](const PhaseRow& r) { return if_looked(r, r.phase->waiting); }),
    column<PhaseRow>(
        "waited_for", "For", Unit::kNone, Role::kInfo, 1, "What most of these waited for.",
        [](const PhaseRow& r) -> Cell {
          if (r.phase->waiting == 0) return {};
          return waited_for(r.stacks->tables(), r.stacks->tables().string(r.phase->reason),
                            r.phase->wait_stack);
        }),
    column<PhaseRow>("waited_in", "In", Unit::kNone, Role::kInfo, 2, kWhere,
                     [](const PhaseRow& r) {
                       return text_cell(caller_in(r.stacks->tables(), r.phase->wait_stack));
                     }),
    column<PhaseRow>("waiting_alike", "Alike", Unit::kCount, Role::kInfo, 4,
                     "How many of them waited for that on that stack.",
                     [](const PhaseRow& r) { return if_looked(r, r.phase->alike); }),
    column<PhaseRow>("runnable", "Runnable", Unit::kCount, Role::kInfo, 3,
                     "Goroutines that wanted a P when it ended.",
                     [](const PhaseRow& r) -> Cell { return int64_t{r.phase->runnable}; }),
    column<PhaseRow>("stack", "Stack", Unit::kNone, Role::kInfo, 5,
                     "Of the goroutine that ran, at the end of its longest part.",
                     [](const PhaseRow& r) -> Cell { return (*r.stacks)(r.phase->stack); }),
    column<PhaseRow>("wait_stack", "Wait stack", Unit::kNone, Role::kInfo, 6,
                     "Where most of the others waited.",
                     [](const PhaseRow& r) -> Cell { return (*r.stacks)(r.phase->wait_stack); }),
};

const Columns<CauseRow> kCauseColumns = {
    column<CauseRow>(
        "cause", "Waited for", Unit::kNone, Role::kKey, 0,
        "lock: some for a Mutex or RWMutex. collector: some for it, or the one that ran assisted. "
        "P: enough were runnable to use 60 % of the Ps. other goroutines: some for these "
        "(channel, select, WaitGroup, Cond). nothing: nobody waited for any of that. The first "
        "that applies.",
        [](const CauseRow& r) -> Cell { return r.name; }),
    column<CauseRow>("serial_ns", "Serial", Unit::kNanoseconds, Role::kSum, 0,
                     "Time with one P busy in which that held the others up.",
                     [](const CauseRow& r) -> Cell { return r.time; }),
    column<CauseRow>("share", "Share", Unit::kRatio, Role::kStat, 0, "Of the capture.",
                     [](const CauseRow& r) {
                       return ratio_cell(static_cast<double>(r.time), static_cast<double>(r.known));
                     }),
};

const Columns<CulpritRow> kCulpritColumns = {
    column<CulpritRow>(
        "start_location", "Start location", Unit::kNone, Role::kKey, 0, kStart,
        [](const CulpritRow& r) { return group_cell(r.stacks->tables(), r.c.group); }),
    column<CulpritRow>(
        "where", "Up to", Unit::kNone, Role::kInfo, 1, kWhere,
        [](const CulpritRow& r) { return text_cell(caller_in(r.stacks->tables(), r.c.stack)); }),
    column<CulpritRow>("serial_ns", "Serial", Unit::kNanoseconds, Role::kSum, 0,
                       "Time in which it alone ran, up to an event on this stack.",
                       [](const CulpritRow& r) -> Cell { return r.c.time; }),
    column<CulpritRow>("share", "Share", Unit::kRatio, Role::kStat, 1, "Of all serial time.",
                       [](const CulpritRow& r) {
                         return ratio_cell(static_cast<double>(r.c.time),
                                           static_cast<double>(r.serial));
                       }),
    column<CulpritRow>("count", "Count", Unit::kCount, Role::kSum, 2, "How often.",
                       [](const CulpritRow& r) { return count_cell(r.c.count); }),
    column<CulpritRow>("longest_ns", "Longest", Unit::kNanoseconds, Role::kMax, 2,
                       "At once, from one event to the next.",
                       [](const CulpritRow& r) -> Cell { return r.c.longest; }),
    column<CulpritRow>("stack", "Stack", Unit::kNone, Role::kKey, 5,
                       "Of the event up to which it ran alone: a block, a wake-up, a sample.",
                       [](const CulpritRow& r) -> Cell { return (*r.stacks)(r.c.stack); }),
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
  Columns<PhaseRow> columns = kPhaseColumns;
  do_not_grow(columns);
  fill(longest, columns, phases);
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
