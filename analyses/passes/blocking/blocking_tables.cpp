// The tables of the blocking pass.
#include "analyses/passes/blocking/blocking_tables.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyses/go/stack_place.h"

namespace tracetool {
namespace {

struct ClassRow {
  WaitClass cls;
  DurationStats stats = {};
  CountTime open_start = {}, open_end = {};
};

/// Records whose stacks read the same.
struct Row {
  const WaitRecord* first;
  StackCell stack;
  std::string caller;
  DurationStats stats = {};
  CountTime open_start = {}, open_end = {};
};

struct WakerRow {
  const Row* blocked;
  WakerClass kind;
  StackCell stack;
  std::string caller;
  CountTime ended = {};
};

template <class R>
void add_class_column(Columns<R>& c, Cell (*get)(const R&), int rank) {
  c.push_back({{.id = "class",
                .heading = "Class",
                .role = Role::kKey,
                .rank = rank,
                .help = "Class of the wait. Go's synchronization blocking profile is sync, chan "
                        "and select; the network blocking, syscall and scheduler latency profiles "
                        "are net, syscall and sched."},
               get});
}

template <class R>
void add_open_sums(Columns<R>& c, int rank) {
  const auto add = [&](const char* id, const char* heading, Unit unit, const char* help,
                       Cell (*get)(const R&)) {
    c.push_back({{.id = id,
                  .heading = heading,
                  .unit = unit,
                  .role = Role::kSum,
                  .rank = rank,
                  .help = help},
                 get});
  };
  add("open_end_count", "Open at end", Unit::kCount, "Still waiting at the end of the trace.",
      [](const R& r) { return count_cell(r.open_end.count); });
  add("open_end_ns", "Open time", Unit::kNanoseconds, "Their time until the end of the trace.",
      [](const R& r) -> Cell { return r.open_end.time; });
  add("open_start_count", "Open at begin", Unit::kCount,
      "Waiting since before the trace, for a reason that it does not tell.",
      [](const R& r) { return count_cell(r.open_start.count); });
  add("open_start_ns", "Time before", Unit::kNanoseconds,
      "Time of waits from the begin of the trace on until their first event, or their end where "
      "the reason is not known.",
      [](const R& r) -> Cell { return r.open_start.time; });
}

Columns<ClassRow> class_columns() {
  Columns<ClassRow> c;
  add_class_column<ClassRow>(
      c, [](const ClassRow& r) -> Cell { return name_of(r.cls); }, 0);
  add_sum_columns(c, "Waits of which begin and end are known.");
  add_distribution_columns(c);
  add_open_sums(c, 1);
  return c;
}

void add_place_columns(Columns<Row>& c) {
  c.push_back({{.id = "what",
                .heading = "What",
                .role = Role::kKey,
                .help = "What was waited for, as far as reason and stack tell."},
               [](const Row& r) { return text_cell(r.first->what); }});
  c.push_back({{.id = "caller",
                .heading = "Where",
                .role = Role::kInfo,
                .help = "Innermost function of the stack outside the standard library's plumbing."},
               [](const Row& r) { return text_cell(r.caller); }});
}

void add_stack_column(Columns<Row>& c) {
  add_class_column<Row>(
      c, [](const Row& r) -> Cell { return name_of(r.first->cls); }, 3);
  c.push_back({{.id = "stack",
                .heading = "Stack",
                .role = Role::kKey,
                .rank = 5,
                .help = "Where the wait began; for class sched where the goroutine was made "
                        "runnable: its waker's or creator's stack, or its own after a yield."},
               [](const Row& r) -> Cell { return r.stack; }});
}

Columns<Row> row_columns() {
  Columns<Row> c;
  add_place_columns(c);
  add_sum_columns(c, "Waits of which begin and end are known.");
  add_distribution_columns(c);
  add_stack_column(c);
  return c;
}

Columns<Row> open_columns() {
  Columns<Row> c;
  add_place_columns(c);
  add_open_sums(c, 0);
  add_stack_column(c);
  return c;
}

const Columns<WakerRow> kWakerColumns = {
    {{.id = "what", .heading = "What", .role = Role::kKey, .help = "What was waited for."},
     [](const WakerRow& r) { return text_cell(r.blocked->first->what); }},
    {{.id = "caller", .heading = "Where", .help = "Who waited."},
     [](const WakerRow& r) { return text_cell(r.blocked->caller); }},
    {{.id = "waker",
      .heading = "Woken by",
      .role = Role::kKey,
      .help = "Function that ended the wait, in a goroutine; or netpoller, timer, GC, or another "
              "part of the runtime that needs no goroutine."},
     [](const WakerRow& r) -> Cell {
       if (r.kind != WakerClass::kGoroutine) return name_of(r.kind);
       return r.caller.empty() ? std::string("(goroutine, no stack)") : r.caller;
     }},
    {{.id = "count",
      .heading = "Count",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .grows = true,
      .help = "Waits that it ended."},
     [](const WakerRow& r) { return count_cell(r.ended.count); }},
    {{.id = "total_ns",
      .heading = "Total",
      .unit = Unit::kNanoseconds,
      .role = Role::kSum,
      .grows = true,
      .help = "How long those had lasted in all."},
     [](const WakerRow& r) -> Cell { return r.ended.time; }},
    {{.id = "share",
      .heading = "Share",
      .unit = Unit::kRatio,
      .role = Role::kStat,
      .rank = 2,
      .help = "Of the total time of the waits on that stack."},
     [](const WakerRow& r) {
       return ratio_cell(static_cast<double>(r.ended.time),
                         static_cast<double>(r.blocked->stats.durations.sum()));
     }},
    {{.id = "class", .heading = "Class", .role = Role::kKey, .rank = 4, .help = "Of the wait."},
     [](const WakerRow& r) -> Cell { return name_of(r.blocked->first->cls); }},
    {{.id = "stack", .heading = "Stack", .role = Role::kKey, .rank = 5, .help = "Of the wait."},
     [](const WakerRow& r) -> Cell { return r.blocked->stack; }},
    {{.id = "waker_stack",
      .heading = "Waker's stack",
      .role = Role::kKey,
      .rank = 5,
      .help = "Where the waker stood."},
     [](const WakerRow& r) -> Cell { return r.stack; }},
};

/// Rows of all tables, made from the records.
struct Rows {
  std::vector<ClassRow> classes;
  std::vector<Row> places;
  std::vector<WakerRow> wakers;
};

template <class To>
void merge_into(To& to, const WaitRecord& from) {
  to.stats.merge(from.stats);
  to.open_start.merge(from.open_start);
  to.open_end.merge(from.open_end);
}

Rows make_rows(const BlockingResults& results) {
  const Tables& tables = results.stacks.tables();
  Rows out;
  size_t class_at[kWaitClasses] = {};
  for (size_t c = 0; c < kWaitClasses; ++c) {
    class_at[c] = out.classes.size();
    const auto cls = static_cast<WaitClass>(c);
    if (results.wants(cls)) out.classes.push_back({cls});
  }
  // Stacks that differ in nothing but their addresses are one to the reader.
  std::map<std::tuple<WaitClass, std::string, StackCell>, size_t> places;
  std::vector<size_t> place_of(results.records.size());
  for (size_t i = 0; i < results.records.size(); ++i) {
    const WaitRecord& r = results.records[i];
    if (!results.wants(r.cls)) continue;
    StackCell stack = results.stacks(r.stack);
    const std::string what = r.cls == WaitClass::kSched ? "" : r.what;
    const auto [it, fresh] = places.try_emplace({r.cls, what, stack}, out.places.size());
    if (fresh)
      out.places.push_back({&r, std::move(stack), std::string(caller_in(tables, r.stack))});
    place_of[i] = it->second;
    merge_into(out.places[it->second], r);
    merge_into(out.classes[class_at[static_cast<size_t>(r.cls)]], r);
  }
  std::map<std::tuple<size_t, WakerClass, StackCell>, size_t> waker_places;
  for (const WakerRecord& w : results.wakers) {
    const size_t place = place_of[w.record];
    StackCell stack = results.stacks(w.stack);
    const auto [it, fresh] = waker_places.try_emplace({place, w.kind, stack}, out.wakers.size());
    if (fresh) {
      out.wakers.push_back(
          {&out.places[place], w.kind, std::move(stack), std::string(caller_in(tables, w.stack))});
    }
    out.wakers[it->second].ended.merge(w.ended);
  }
  return out;
}

/// "--open lists them", where there is something to list.
void note_open(const Rows& rows, Table& table) {
  CountTime end, start;
  for (const ClassRow& r : rows.classes) {
    end.merge(r.open_end);
    start.merge(r.open_start);
  }
  if (end.count + start.count == 0) return;
  table.notes.push_back("cut off by the end of the trace: " + std::to_string(end.count) +
                        " waits; begun before it: " + std::to_string(start.count) +
                        "; --open lists them");
}

}  // namespace

void add_blocking_tables(const BlockingResults& results, Report& report) {
  const Rows rows = make_rows(results);
  Table by_class{.id = "blocking_classes",
                 .title = "Waits by class",
                 .help = "Classes do not overlap: they add up to all waiting of all goroutines.",
                 .sort_by = "total_ns"};
  fill(by_class, class_columns(), rows.classes);
  report.tables.push_back(std::move(by_class));

  Table by_stack{.id = "blocking",
                 .title = "Waits by stack",
                 .help = "Where goroutines began to wait, and how long that took.",
                 .sort_by = "total_ns"};
  std::vector<Row> complete, open;
  for (const Row& r : rows.places) {
    if (r.stats.durations.count() > 0) complete.push_back(r);
    if (r.open_end.time > 0 || r.open_start.time > 0) open.push_back(r);
  }
  fill(by_stack, row_columns(), complete);
  if (!results.open) note_open(rows, by_stack);
  report.tables.push_back(std::move(by_stack));

  Table wakers{.id = "blocking_wakers",
               .title = "Who ended the waits",
               .help = "For each stack, whose wake-ups ended its waits.",
               .sort_by = "total_ns"};
  fill(wakers, kWakerColumns, rows.wakers);
  report.tables.push_back(std::move(wakers));

  if (!results.open) return;
  Table cut{.id = "blocking_open",
            .title = "Waits cut off by an end of the trace",
            .help = "Not in the tables above.",
            .sort_by = "open_end_ns"};
  fill(cut, open_columns(), open);
  report.tables.push_back(std::move(cut));
}

}  // namespace tracetool
