#include "analyses/passes/threads/thread_tables.h"

#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

struct Totals {
  const ThreadResults* results;
  std::array<int64_t, kThreadUses> spent;
  uint64_t threads, syscalls, lost_p;
  int64_t use(ThreadUse u) const { return spent[static_cast<size_t>(u)]; }
};

struct ThreadRow {
  const ThreadResults* results;
  int64_t id;
  const ThreadUsage::Thread* thread;
  ThreadRuns runs;
  int64_t use(ThreadUse u) const { return thread->spent[static_cast<size_t>(u)]; }
};

struct StepRow {
  int64_t time;
  LoadCurve::Step in_use, with_p, in_syscall, blocked, seen;
};

Cell mean_cell(const LoadCurve::Step& s) { return ratio_cell(real(s.area), real(s.length)); }

/// How many at a time: the most and the mean.
template <class Row>
void add_level(Columns<Row>& c, const char* id, const char* heading, const char* help,
               Cell (*mean)(const Row&), Cell (*most)(const Row&), int rank = 0) {
  Column column = level(id, heading, rank, help, Unit::kCount);
  c.push_back({column, mean});
  column.id += "_max";
  column.heading = "at most";
  column.role = Role::kMax;
  column.help = "The most at any time.";
  c.push_back({column, most});
}

constexpr const char* kWithP = "Threads that have a P, outside of system calls.";
constexpr const char* kInSyscall = "Threads in system calls, or in C.";
constexpr const char* kBlocked = "Of those, threads that have lost their P.";
constexpr const char* kInUse = "Threads with a P or in a system call.";

template <const LoadCurve ThreadUsage::*curve>
Cell mean_of(const Totals& r) {
  return mean_cell((r.results->usage.*curve).total());
}
template <const LoadCurve ThreadUsage::*curve>
Cell most_of(const Totals& r) {
  return (r.results->usage.*curve).total().peak;
}

/// Where each ns since a thread was first seen went.
template <class Row>
void add_time_columns(Columns<Row>& c) {
  append(c, {{amount("with_p_ns", "With P", 0,
                     "Had a P outside of system calls: ran goroutines, or looked for some."),
              [](const Row& r) -> Cell { return r.use(ThreadUse::kWithP); }},
             {amount("syscall_ns", "In syscalls", 0, "In system calls, its P kept."),
              [](const Row& r) -> Cell { return r.use(ThreadUse::kSyscall); }},
             {cost("blocked_ns", "without P", 0, "In system calls without a P."),
              [](const Row& r) -> Cell { return r.use(ThreadUse::kBlocked); }},
             {amount("idle_ns", "Neither", 1,
                     "Since it was first seen: parked, at work for the runtime, or gone."),
              [](const Row& r) -> Cell { return r.use(ThreadUse::kIdle); }}});
}

Columns<Totals> record_columns() {
  using Row = Totals;
  Columns<Row> c = {{peak("threads", "Threads", 0,
                          "That had a P or were in a system call at any time.", Unit::kCount),
                     count_of<&Row::threads>}};
  add_level<Row>(c, "in_use", "In use", kInUse, mean_of<&ThreadUsage::in_use>,
                 most_of<&ThreadUsage::in_use>);
  add_level<Row>(c, "with_p", "With P", kWithP, mean_of<&ThreadUsage::with_p>,
                 most_of<&ThreadUsage::with_p>);
  add_level<Row>(c, "in_syscall", "In syscalls", kInSyscall, mean_of<&ThreadUsage::in_syscall>,
                 most_of<&ThreadUsage::in_syscall>);
  add_level<Row>(c, "blocked", "without P", kBlocked, mean_of<&ThreadUsage::blocked>,
                 most_of<&ThreadUsage::blocked>);
  append(c,
         {{count("syscalls", "System calls", 0, "That threads entered."), count_of<&Row::syscalls>},
          {cost_count("lost_p", "Lost P", 0, "Times that a thread lost its P in one."),
           count_of<&Row::lost_p>}});
  add_time_columns(c);
  return c;
}

Columns<StepRow> step_columns() {
  using Row = StepRow;
  Columns<Row> c = {{step_time(), of<&Row::time>}};
  add_level<Row>(
      c, "in_use", "In use", kInUse, [](const Row& r) { return mean_cell(r.in_use); },
      [](const Row& r) -> Cell { return r.in_use.peak; });
  add_level<Row>(
      c, "with_p", "With P", kWithP, [](const Row& r) { return mean_cell(r.with_p); },
      [](const Row& r) -> Cell { return r.with_p.peak; });
  add_level<Row>(
      c, "in_syscall", "In syscalls", kInSyscall,
      [](const Row& r) { return mean_cell(r.in_syscall); },
      [](const Row& r) -> Cell { return r.in_syscall.peak; });
  add_level<Row>(
      c, "blocked", "without P", kBlocked, [](const Row& r) { return mean_cell(r.blocked); },
      [](const Row& r) -> Cell { return r.blocked.peak; });
  c.push_back({peak("seen", "Seen", 1, "Threads seen until the step's end.", Unit::kCount),
               [](const Row& r) -> Cell { return r.seen.peak; }});
  return c;
}

Columns<ThreadRow> thread_columns() {
  using Row = ThreadRow;
  Columns<Row> c = {{row_id("thread", "Thread", 0, "Its number."), of<&Row::id>},
                    {moment("first_ns", "First seen", 1, "When it first had a P or a system call."),
                     [](const Row& r) { return time_cell(r.thread->first); }},
                    {moment("last_ns", "Last", 2, "When it last got or lost either."),
                     [](const Row& r) { return time_cell(r.thread->last); }}};
  add_time_columns(c);
  c.push_back({count("runs", "Runs", 1, "Times that a goroutine began to run on it."),
               [](const Row& r) { return r.results->ran ? count_cell(r.runs.runs) : Cell(); }});
  append(c, {{count("syscalls", "System calls", 1, "That it entered."),
              [](const Row& r) { return count_cell(r.thread->syscalls); }},
             {cost_count("lost_p", "Lost P", 2, "Times that it lost its P in one."),
              [](const Row& r) { return count_cell(r.thread->lost_p); }}});
  c.push_back(
      {info("longest_row", "In a row", Unit::kCount, 1,
            "Most runs in a row of one goroutine, with no other on the thread and none of its on "
            "another thread between them. One that is locked to its thread has one row from then "
            "on, but so may others.",
            Role::kMax),
       [](const Row& r) { return r.results->ran ? count_cell(r.runs.longest_row) : Cell(); }});
  append(c, {{info("goroutine", "Goroutine", Unit::kId, 1, "Whose that was."),
              [](const Row& r) { return r.runs.longest_row > 0 ? count_cell(r.runs.id) : Cell(); }},
             {text("start_location", "Its start", 2, "Function in which that goroutine began."),
              [](const Row& r) {
                return r.runs.longest_row > 0 ? text_cell(r.results->tables.string(r.runs.name))
                                              : Cell();
              }}});
  do_not_grow(c);
  return c;
}

}  // namespace

void add_thread_tables(const ThreadResults& results, Report& report) {
  Totals totals{&results, {}, 0, 0, 0};
  std::vector<ThreadRow> rows;
  const std::vector<ThreadUsage::Thread>& threads = results.usage.all();
  for (size_t m = 0; m < threads.size(); ++m) {
    const ThreadUsage::Thread& t = threads[m];
    if (t.first == kNever) continue;
    rows.push_back({&results, results.tables.thread_id(static_cast<ThreadIndex>(m)), &t,
                    m < results.runs.size() ? results.runs[m] : ThreadRuns{}});
    ++totals.threads;
    totals.syscalls += t.syscalls;
    totals.lost_p += t.lost_p;
    for (size_t u = 0; u < kThreadUses; ++u) totals.spent[u] += t.spent[u];
  }
  Table record{.id = "threads", .title = "Threads", .layout = Layout::kRecord};
  if (totals.threads > 0) {
    if (results.usage.unnamed_calls > 0) {
      record.notes.push_back(std::to_string(results.usage.unnamed_calls) +
                             " system calls are on threads that the capture does not name");
    }
    if (results.gaps)
      record.notes.emplace_back("parts of the capture are missing: nothing is known of them");
    if (results.selective)
      record.notes.emplace_back(
          "filters by goroutine, task or region do not apply: threads run all");
  }
  fill(record, record_columns(),
       totals.threads > 0 ? std::vector<Totals>{totals} : std::vector<Totals>{});
  report.tables.push_back(std::move(record));

  std::vector<StepRow> steps;
  const ThreadUsage& u = results.usage;
  int64_t time = u.seen.begin();
  for (size_t i = 0; totals.threads > 0 && i < u.seen.steps().size(); ++i) {
    steps.push_back({time, u.in_use.steps()[i], u.with_p.steps()[i], u.in_syscall.steps()[i],
                     u.blocked.steps()[i], u.seen.steps()[i]});
    time += u.seen.steps()[i].length;
  }
  Table curve{.id = "threads_over_time",
              .title = "Threads over time",
              .help = "In use: with a P or in a system call.",
              .layout = Layout::kPlot};
  fill(curve, step_columns(), steps);
  report.tables.push_back(std::move(curve));

  Table list{
      .id = "thread_list",
      .title = "Threads one by one",
      .help = "With P + in system calls + without P + neither = time since it was first seen.",
      .sort_by = "with_p_ns"};
  fill(list, thread_columns(), rows);
  report.tables.push_back(std::move(list));
}

}  // namespace tracetool
