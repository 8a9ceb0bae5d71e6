// The tables of the parallelism pass that tell what the Ps did.
#include "analyses/passes/parallelism/parallelism_tables.h"

#include <utility>

#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

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

Cell share_cell(const Summary& s, int64_t time) { return ratio_cell(real(time), real(s.known)); }

const Columns<Summary> kSummaryColumns = {
    {info("parallelism_mean", "Parallelism, mean", Unit::kCount, 0,
          "Ps that run the program, mean over time.", Role::kStat),
     [](const Summary& s) { return ratio_cell(real(s.user), real(s.known)); }},
    {info("parallelism_max", "Parallelism, most", Unit::kCount, 0, "The most at any time.",
          Role::kMax),
     [](const Summary& s) { return s.known == 0 ? Cell() : Cell(s.levels_max); }},
    {info("gomaxprocs_mean", "GOMAXPROCS", Unit::kCount, 0, "Mean over time.", Role::kStat),
     [](const Summary& s) {
       return s.r->capacity() == 0 ? Cell() : ratio_cell(s.r->capacity(), real(s.known));
     }},
    {share("used_share", "Used by the program", 0,
           "Share of the time of all Ps in which they ran the program."),
     [](const Summary& s) { return ratio_cell(real(s.user), s.r->capacity()); }},
    {share("idle_share", "Nobody busy", 0, "Share of the time in which no P ran the program."),
     [](const Summary& s) { return share_cell(s, s.at(0)); }},
    {level("serial_share", "Exactly one busy", 0,
           "Share of the time in which exactly one P ran the program.", Unit::kRatio),
     [](const Summary& s) { return share_cell(s, s.at(1)); }},
    {cost("serial_ns", "Time with one busy", 0, "The same as time."),
     [](const Summary& s) -> Cell { return s.at(1); }},
    {cost_count("serial_phases", "Serial phases", 0,
                "Long stretches with exactly one P busy while work waited."),
     [](const Summary& s) { return count_cell(s.r->serial.long_phases); }},
    {cost("serial_phases_ns", "Time of serial phases", 0,
          "Their time in all, short breaks left out."),
     [](const Summary& s) -> Cell { return s.r->serial.long_time; }},
    {peak("longest_serial_ns", "Longest serial phase", 0, "From begin to end."),
     [](const Summary& s) -> Cell {
       return s.r->serial.long_phases == 0 ? Cell() : Cell(s.r->serial.longest);
     }},
    {cost("idle_while_runnable_ns", "P idle, work runnable", 0,
          "Time with a P idle and a goroutine runnable, the world not stopped."),
     [](const Summary& s) -> Cell { return s.r->levels.idle_while_runnable(); }},
    {level("idle_while_runnable_share", "Its share", 0, "Of the capture.", Unit::kRatio),
     [](const Summary& s) { return share_cell(s, s.r->levels.idle_while_runnable()); }},
    {level("runnable_mean", "Runnable, mean", 0,
           "Goroutines that waited for a P, mean over time, whatever the filters.", Unit::kCount),
     [](const Summary& s) { return ratio_cell(s.runnable.area, real(s.known)); }},
    {peak("runnable_max", "Runnable, most", 0, "The most at any time.", Unit::kCount),
     [](const Summary& s) { return s.known == 0 ? Cell() : Cell(s.runnable.peak); }},
    {amount("unknown_ns", "Lost", 0,
            "Time that is missing in a damaged capture: not in the shares and means."),
     [](const Summary& s) -> Cell { return s.r->unknown; }},
};

const Columns<LevelRow> kLevelColumns = {
    {info("busy_procs", "Busy Ps", Unit::kCount, 0, "Ps that run the program at once.", Role::kKey),
     of<&LevelRow::k>},
    {amount("time_ns", "Time", 0, "Time with exactly so many."), of<&LevelRow::time>},
    {share("share", "Share", 0, "Of the capture."), of<&LevelRow::share>},
    {share("cumulative", "So many or fewer", 0, "Share of the time with at most so many."),
     of<&LevelRow::cumulative>},
};

template <ProcUse use>
Cell time_in(const ProcRow& r) {
  return r.at(use);
}

const Columns<ProcRow> kProcColumns = {
    {row_id("proc", "P", 0, "Its number."), of<&ProcRow::p>},
    {share("busy_share", "Busy", 0, "Share of its time in which it ran the program."),
     [](const ProcRow& r) {
       return ratio_cell(real(r.at(ProcUse::kUser)), real(r.length - r.at(ProcUse::kAbsent)));
     }},
    {amount("busy_ns", "Program", 0,
            "Ran the program's goroutines, those that the filter selects."),
     time_in<ProcUse::kUser>},
    {amount("other_ns", "Other", 2,
            "Ran goroutines of the runtime, or such as the filter leaves out."),
     time_in<ProcUse::kOther>},
    {cost("gc_ns", "GC", 1, "Ran a mark worker."), time_in<ProcUse::kGc>},
    {amount("syscall_ns", "Syscall", 1, "Kept by a goroutine in a system call."),
     time_in<ProcUse::kSyscall>},
    {cost("scheduler_ns", "Scheduler", 2, "Ran no goroutine: it looked for one."),
     time_in<ProcUse::kSchedule>},
    {amount("idle_ns", "Idle", 0, "Was idle."), time_in<ProcUse::kIdle>},
    {cost("stopped_ns", "Stopped", 2, "Was idle because the world was stopped."),
     time_in<ProcUse::kStopped>},
    {amount("absent_ns", "Absent", 3,
            "Above GOMAXPROCS, or in a part of the capture that is lost."),
     time_in<ProcUse::kAbsent>},
};

/// Of a step that is lost as a whole nothing is known.
Cell in_known(const StepRow& r, Cell cell) {
  return r.busy.capacity == 0 ? Cell() : std::move(cell);
}

const Columns<StepRow> kStepColumns = {
    {step_time(), of<&StepRow::time>},
    {info("busy_mean", "Busy Ps", Unit::kCount, 0, "Ps that run the program, mean over the step.",
          Role::kStat),
     [](const StepRow& r) { return in_known(r, ratio_cell(r.busy.area, real(r.busy.length))); }},
    {info("busy_max", "Most", Unit::kCount, 1, "The most at any time of the step.", Role::kMax),
     [](const StepRow& r) { return in_known(r, r.busy.peak); }},
};

const Columns<StepRow> kRunnableColumns = {
    {step_time(), of<&StepRow::time>},
    {level("runnable_mean", "Runnable", 0, "Goroutines that wait for a P, mean over the step.",
           Unit::kCount),
     [](const StepRow& r) {
       return in_known(r, ratio_cell(r.runnable.area, real(r.busy.length)));
     }},
    {peak("runnable_max", "Most runnable", 1, "The most at any time of the step.", Unit::kCount),
     [](const StepRow& r) { return in_known(r, r.runnable.peak); }},
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
