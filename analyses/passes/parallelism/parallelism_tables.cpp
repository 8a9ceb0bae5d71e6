// The tables of the parallelism pass that tell what the Ps did.
#include "analyses/passes/parallelism/parallelism_tables.h"

#include <utility>

#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

double real(int64_t n) { return static_cast<double>(n); }

struct Summary {
  const ParallelismResults* r;
  int64_t known = 0, user = 0, levels_max = 0;
  ProcTimes spent{};
  LoadCurve::Step runnable;
  int64_t at(size_t k) const { return k < r->levels.levels().size() ? r->levels.levels()[k] : 0; }
};

struct LevelRow {
  int64_t k, time;
  double share, cumulative;
};

struct ProcRow {
  int64_t p;
  ProcTimes spent;
  int64_t length;
  int64_t at(ProcUse use) const { return spent[static_cast<size_t>(use)]; }
};

struct StepRow {
  int64_t time;
  LoadCurve::Step busy, runnable;
};

template <class Row>
ColumnOf<Row> column(const char* id, const char* heading, Unit unit, Role role, Better better,
                     int rank, const char* help, Cell (*get)(const Row&)) {
  return {{.id = id,
           .heading = heading,
           .unit = unit,
           .role = role,
           .better = better,
           .grows = role == Role::kSum,
           .rank = rank,
           .help = help},
          get};
}

constexpr Better kAny = Better::kNeither, kLow = Better::kLower;

Cell share(const Summary& s, int64_t time) { return ratio_cell(real(time), real(s.known)); }

const Columns<Summary> kSummaryColumns = {
    column<Summary>("parallelism_mean", "Parallelism, mean", Unit::kCount, Role::kStat, kAny, 0,
                    "Ps that run the program, mean over time.",
                    [](const Summary& s) { return ratio_cell(real(s.user), real(s.known)); }),
    column<Summary>("parallelism_max", "Parallelism, most", Unit::kCount, Role::kMax, kAny, 0,
                    "The most at any time.",
                    [](const Summary& s) { return s.known == 0 ? Cell() : Cell(s.levels_max); }),
    column<Summary>(
        "gomaxprocs_mean", "GOMAXPROCS", Unit::kCount, Role::kStat, kAny, 0, "Mean over time.",
        [](const Summary& s) {
          return s.r->capacity() == 0 ? Cell() : ratio_cell(s.r->capacity(), real(s.known));
        }),
    column<Summary>("used_share", "Used by the program", Unit::kRatio, Role::kStat, kAny, 0,
                    "Share of the time of all Ps in which they ran the program.",
                    [](const Summary& s) { return ratio_cell(real(s.user), s.r->capacity()); }),
    column<Summary>("idle_share", "Nobody busy", Unit::kRatio, Role::kStat, kAny, 0,
                    "Share of the time in which no P ran the program.",
                    [](const Summary& s) { return share(s, s.at(0)); }),
    column<Summary>("serial_share", "Exactly one busy", Unit::kRatio, Role::kStat, kLow, 0,
                    "Share of the time in which exactly one P ran the program.",
                    [](const Summary& s) { return share(s, s.at(1)); }),
    column<Summary>("serial_ns", "Time with one busy", Unit::kNanoseconds, Role::kSum, kLow, 0,
                    "The same as time.", [](const Summary& s) -> Cell { return s.at(1); }),
    column<Summary>("serial_phases", "Serial phases", Unit::kCount, Role::kSum, kLow, 0,
                    "Long stretches with exactly one P busy while work waited.",
                    [](const Summary& s) { return count_cell(s.r->serial.long_phases); }),
    column<Summary>("serial_phases_ns", "Time of serial phases", Unit::kNanoseconds, Role::kSum,
                    kLow, 0, "Their time in all, short breaks left out.",
                    [](const Summary& s) -> Cell { return s.r->serial.long_time; }),
    column<Summary>("longest_serial_ns", "Longest serial phase", Unit::kNanoseconds, Role::kMax,
                    kLow, 0, "From begin to end.",
                    [](const Summary& s) -> Cell {
                      return s.r->serial.long_phases == 0 ? Cell() : Cell(s.r->serial.longest);
                    }),
    column<Summary>("idle_while_runnable_ns", "P idle, work runnable", Unit::kNanoseconds,
                    Role::kSum, kLow, 0,
                    "Time with a P idle and a goroutine runnable, the world not stopped.",
                    [](const Summary& s) -> Cell { return s.r->levels.idle_while_runnable(); }),
    column<Summary>("idle_while_runnable_share", "Its share", Unit::kRatio, Role::kStat, kLow, 0,
                    "Of the capture.",
                    [](const Summary& s) { return share(s, s.r->levels.idle_while_runnable()); }),
    column<Summary>("runnable_mean", "Runnable, mean", Unit::kCount, Role::kStat, kLow, 0,
                    "Goroutines that waited for a P, mean over time, whatever the filters.",
                    [](const Summary& s) { return ratio_cell(s.runnable.area, real(s.known)); }),
    column<Summary>("runnable_max", "Runnable, most", Unit::kCount, Role::kMax, kLow, 0,
                    "The most at any time.",
                    [](const Summary& s) { return s.known == 0 ? Cell() : Cell(s.runnable.peak); }),
    column<Summary>("unknown_ns", "Lost", Unit::kNanoseconds, Role::kSum, kAny, 0,
                    "Time that is missing in a damaged capture: not in the shares and means.",
                    [](const Summary& s) -> Cell { return s.r->unknown; }),
};

const Columns<LevelRow> kLevelColumns = {
    column<LevelRow>("busy_procs", "Busy Ps", Unit::kCount, Role::kKey, kAny, 0,
                     "Ps that run the program at once.",
                     [](const LevelRow& r) -> Cell { return r.k; }),
    column<LevelRow>("time_ns", "Time", Unit::kNanoseconds, Role::kSum, kAny, 0,
                     "Time with exactly so many.",
                     [](const LevelRow& r) -> Cell { return r.time; }),
    column<LevelRow>("share", "Share", Unit::kRatio, Role::kStat, kAny, 0, "Of the capture.",
                     [](const LevelRow& r) -> Cell { return r.share; }),
    column<LevelRow>("cumulative", "So many or fewer", Unit::kRatio, Role::kStat, kAny, 0,
                     "Share of the time with at most so many.",
                     [](const LevelRow& r) -> Cell { return r.cumulative; }),
};

template <ProcUse use>
ColumnOf<ProcRow> use_column(const char* id, const char* heading, Better better, int rank,
                             const char* help) {
  return column<ProcRow>(id, heading, Unit::kNanoseconds, Role::kSum, better, rank, help,
                         [](const ProcRow& r) -> Cell { return r.at(use); });
}

const Columns<ProcRow> kProcColumns = {
    column<ProcRow>("proc", "P", Unit::kId, Role::kId, kAny, 0, "Its number.",
                    [](const ProcRow& r) -> Cell { return r.p; }),
    column<ProcRow>("busy_share", "Busy", Unit::kRatio, Role::kStat, kAny, 0,
                    "Share of its time in which it ran the program.",
                    [](const ProcRow& r) {
                      return ratio_cell(real(r.at(ProcUse::kUser)),
                                        real(r.length - r.at(ProcUse::kAbsent)));
                    }),
    use_column<ProcUse::kUser>("busy_ns", "Program", kAny, 0,
                               "Ran the program's goroutines, those that the filter selects."),
    use_column<ProcUse::kOther>("other_ns", "Other", kAny, 2,
                                "Ran goroutines of the runtime, or such as the filter leaves out."),
    use_column<ProcUse::kGc>("gc_ns", "GC", kLow, 1, "Ran a mark worker."),
    use_column<ProcUse::kSyscall>("syscall_ns", "Syscall", kAny, 1,
                                  "Kept by a goroutine in a system call."),
    use_column<ProcUse::kSchedule>("scheduler_ns", "Scheduler", kLow, 2,
                                   "Ran no goroutine: it looked for one."),
    use_column<ProcUse::kIdle>("idle_ns", "Idle", kAny, 0, "Was idle."),
    use_column<ProcUse::kStopped>("stopped_ns", "Stopped", kLow, 2,
                                  "Was idle because the world was stopped."),
    use_column<ProcUse::kAbsent>("absent_ns", "Absent", kAny, 3,
                                 "Above GOMAXPROCS, or in a part of the capture that is lost."),
};

/// Of a step that is lost as a whole nothing is known.
Cell in_known(const StepRow& r, Cell cell) {
  return r.busy.capacity == 0 ? Cell() : std::move(cell);
}

const Columns<StepRow> kStepColumns = {
    column<StepRow>("time_ns", "Time", Unit::kTime, Role::kId, kAny, 0, "Begin of the step.",
                    [](const StepRow& r) -> Cell { return r.time; }),
    column<StepRow>(
        "busy_mean", "Busy Ps", Unit::kCount, Role::kStat, kAny, 0,
        "Ps that run the program, mean over the step.",
        [](const StepRow& r) { return in_known(r, ratio_cell(r.busy.area, real(r.busy.length))); }),
    column<StepRow>("busy_max", "Most", Unit::kCount, Role::kMax, kAny, 1,
                    "The most at any time of the step.",
                    [](const StepRow& r) { return in_known(r, r.busy.peak); }),
};

const Columns<StepRow> kRunnableColumns = {
    column<StepRow>("time_ns", "Time", Unit::kTime, Role::kId, kAny, 0, "Begin of the step.",
                    [](const StepRow& r) -> Cell { return r.time; }),
    column<StepRow>("runnable_mean", "Runnable", Unit::kCount, Role::kStat, kLow, 0,
                    "Goroutines that wait for a P, mean over the step.",
                    [](const StepRow& r) {
                      return in_known(r, ratio_cell(r.runnable.area, real(r.busy.length)));
                    }),
    column<StepRow>("runnable_max", "Most runnable", Unit::kCount, Role::kMax, kLow, 1,
                    "The most at any time of the step.",
                    [](const StepRow& r) { return in_known(r, r.runnable.peak); }),
};

void add_summary(const ParallelismResults& results, Report& report) {
  Summary s{.r = &results,
            .known = results.length - results.unknown,
            .runnable = results.runnable.total()};
  const auto& levels = results.levels.levels();
  for (size_t k = 0; k < levels.size(); ++k) {
    s.user += static_cast<int64_t>(k) * levels[k];
    if (levels[k] > 0) s.levels_max = static_cast<int64_t>(k);
  }
  Table table{.id = "parallelism",
              .title = "Parallelism",
              .help =
                  "How many Ps ran the program at once. A P that runs a goroutine of the "
                  "runtime or a mark worker, or is kept in a system call, does not.",
              .layout = Layout::kRecord};
  fill(table, kSummaryColumns, std::vector<Summary>{s});
  if (results.capacity() > 0 && results.capacity() == real(s.known))
    table.notes.emplace_back("GOMAXPROCS is 1: nothing can run beside anything else");
  report.tables.push_back(std::move(table));
}

void add_levels(const ParallelismResults& results, Report& report) {
  const auto& levels = results.levels.levels();
  const double known = real(results.length - results.unknown);
  std::vector<LevelRow> rows;
  int64_t sum = 0;
  for (size_t k = 0; k < levels.size(); ++k) {
    if (levels[k] == 0) continue;
    sum += levels[k];
    rows.push_back(
        {static_cast<int64_t>(k), levels[k], real(levels[k]) / known, real(sum) / known});
  }
  Table table{.id = "parallelism_levels",
              .title = "Time by number of busy Ps",
              .help = "Adds up to the capture's length, what is lost left out."};
  fill(table, kLevelColumns, rows);
  report.tables.push_back(std::move(table));
}

void add_procs(const ParallelismResults& results, Report& report) {
  std::vector<ProcRow> rows;
  for (const ProcUsage::Proc& p : results.procs.all())
    rows.push_back({static_cast<int64_t>(rows.size()), p.spent, results.length});
  Table table{.id = "procs",
              .title = "What each P was used for",
              .help = "Each row adds up to the capture's length."};
  fill(table, kProcColumns, rows);
  report.tables.push_back(std::move(table));
}

void add_curve(const ParallelismResults& results, Report& report) {
  std::vector<StepRow> rows;
  int64_t time = results.busy.begin();
  const auto& busy = results.busy.steps();
  const auto& runnable = results.runnable.steps();
  for (size_t i = 0; i < busy.size() && i < runnable.size(); ++i) {
    rows.push_back({time, busy[i], runnable[i]});
    time += busy[i].length;
  }
  Table table{.id = "parallelism_curve",
              .title = "Busy Ps over time",
              .help = "Ps that run the program.",
              .layout = Layout::kPlot};
  fill(table, kStepColumns, rows);
  report.tables.push_back(std::move(table));
  Table waiting{.id = "parallelism_runnable",
                .detail = true,
                .title = "Runnable goroutines over time",
                .help = "Goroutines that wait for a P, whatever the filters.",
                .layout = Layout::kPlot};
  fill(waiting, kRunnableColumns, rows);
  report.tables.push_back(std::move(waiting));
}

}  // namespace

void add_parallelism_tables(const ParallelismResults& results, Report& report) {
  add_summary(results, report);
  add_levels(results, report);
  add_curve(results, report);
  add_procs(results, report);
  add_serial_tables(results, report);
}

}  // namespace tracetool
