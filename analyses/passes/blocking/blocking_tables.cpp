// The tables of the blocking pass.
#include "analyses/passes/blocking/blocking_tables.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"

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
  c.push_back(
      {key("class", "Class",
           "Class of the wait. Go's synchronization blocking profile is sync, chan and select; the "
           "network blocking, syscall and scheduler latency profiles are net, syscall and sched.",
           rank),
       get});
}

template <class R>
void add_open_sums(Columns<R>& c, int rank) {
  append(c,
         {{standing(count("open_end_count", "Open at end", rank,
                          "Still waiting at the end of the trace.")),
           [](const R& r) { return count_cell(r.open_end.count); }},
          {standing(
               amount("open_end_ns", "Open time", rank, "Their time until the end of the trace.")),
           [](const R& r) -> Cell { return r.open_end.time; }},
          {standing(count("open_start_count", "Open at begin", rank,
                          "Waiting since before the trace, for a reason that it does not tell.")),
           [](const R& r) { return count_cell(r.open_start.count); }},
          {standing(amount("open_start_ns", "Time before", rank,
                           "Time of waits from the begin of the trace on until their first event, "
                           "or their end where the reason is not known.")),
           [](const R& r) -> Cell { return r.open_start.time; }}});
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
  append(c, {{key("what", "What", "What was waited for, as far as reason and stack tell."),
              [](const Row& r) { return text_cell(r.first->what); }},
             {caller(), text_of<&Row::caller>}});
}

void add_stack_column(Columns<Row>& c) {
  add_class_column<Row>(
      c, [](const Row& r) -> Cell { return name_of(r.first->cls); }, 3);
  c.push_back({stack("Where the wait began; for class sched where the goroutine was made runnable: "
                     "its waker's or creator's stack, or its own after a yield."),
               of<&Row::stack>});
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
    {key("what", "What", "What was waited for."),
     [](const WakerRow& r) { return text_cell(r.blocked->first->what); }},
    {text("caller", "Where", 0, "Who waited."),
     [](const WakerRow& r) { return text_cell(r.blocked->caller); }},
    {key("waker", "Woken by",
         "Function that ended the wait, in a goroutine; or netpoller, timer, GC, or another part "
         "of the runtime that needs no goroutine."),
     [](const WakerRow& r) -> Cell {
       if (r.kind != WakerClass::kGoroutine) return name_of(r.kind);
       return r.caller.empty() ? std::string("(goroutine, no stack)") : r.caller;
     }},
    {count("count", "Count", 0, "Waits that it ended."),
     [](const WakerRow& r) { return count_cell(r.ended.count); }},
    {amount("total_ns", "Total", 0, "How long those had lasted in all."),
     [](const WakerRow& r) -> Cell { return r.ended.time; }},
    {share("share", "Share", 2, "Of the total time of the waits on that stack."),
     [](const WakerRow& r) {
       return ratio_cell(static_cast<double>(r.ended.time),
                         static_cast<double>(r.blocked->stats.durations.sum()));
     }},
    {key("class", "Class", "Of the wait.", 4),
     [](const WakerRow& r) -> Cell { return name_of(r.blocked->first->cls); }},
    {stack("Of the wait."), [](const WakerRow& r) -> Cell { return r.blocked->stack; }},
    {key("waker_stack", "Waker's stack", "Where the waker stood.", 5), of<&WakerRow::stack>},
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
