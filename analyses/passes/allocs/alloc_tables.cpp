#include "analyses/passes/allocs/alloc_tables.h"

#include <map>
#include <string>

#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

struct Totals {
  const AllocResults* results;
  AllocSums objects, stacks, spans, other_spans;
};

struct NamedRow {
  std::string name, type;
  int64_t type_bytes = 0;
  AllocSums sums, stacks;
};

struct SizeRow {
  std::string name;
  int64_t bytes;
  AllocSums objects, spans;
};

struct StepRow {
  int64_t time, width;
  HeapCurve::Step bytes, objects;
};

/// Columns of the member that `sums` gives; ids begin with `prefix`.
template <class Row>
using SumsOf = const AllocSums& (*)(const Row&);

template <class Row, SumsOf<Row> sums>
void add_alloc_columns(Columns<Row>& c, const std::string& prefix, const std::string& heading,
                       int rank) {
  const auto add = [&](const char* id, const char* name, Better better, int at, const char* help,
                       Cell (*number)(const Row&), Cell (*bytes)(const Row&)) {
    Column column = count("", "", at, help);
    column.id = prefix + id;
    column.heading = heading + name;
    column.better = better;
    c.push_back({column, number});
    column.id += "_bytes";
    column.heading = "bytes";
    column.unit = Unit::kBytes;
    column.help = "Their memory.";
    c.push_back({column, bytes});
  };
  add(
      "allocated", "Allocated", Better::kLower, rank, "Allocated in the capture.",
      [](const Row& r) -> Cell { return sums(r).allocated.count; },
      [](const Row& r) -> Cell { return sums(r).allocated.bytes; });
  add(
      "freed", "Freed", Better::kNeither, rank + (rank > 0), "Freed in the capture.",
      [](const Row& r) -> Cell { return sums(r).freed.count; },
      [](const Row& r) -> Cell { return sums(r).freed.bytes; });
  add(
      "live", "Live", Better::kLower, rank, "Not freed at the end of the capture.",
      [](const Row& r) -> Cell { return sums(r).live_count(); },
      [](const Row& r) -> Cell { return sums(r).live_bytes(); });
  add(
      "existed", "Existed", Better::kNeither, rank + 2 * (rank > 0),
      "Existed when the capture (or the time window) began.",
      [](const Row& r) -> Cell { return sums(r).existed.count; },
      [](const Row& r) -> Cell { return sums(r).existed.bytes; });
  add(
      "lost", "Lost", Better::kNeither, rank + 3 * (rank > 0),
      "Live when a part of the capture is missing, or too many to follow.",
      [](const Row& r) -> Cell { return sums(r).lost.count; },
      [](const Row& r) -> Cell { return sums(r).lost.bytes; });
}

const AllocSums& objects_of(const Totals& r) { return r.objects; }
const AllocSums& stacks_in(const Totals& r) { return r.stacks; }
const AllocSums& spans_in(const Totals& r) { return r.spans; }
const AllocSums& sums_of(const NamedRow& r) { return r.sums; }
const AllocSums& stacks_of(const NamedRow& r) { return r.stacks; }
const AllocSums& objects_in(const SizeRow& r) { return r.objects; }
const AllocSums& spans_of(const SizeRow& r) { return r.spans; }

Columns<Totals> record_columns() {
  using Row = Totals;
  Columns<Row> c = {{count("events", "Events", 0, "Allocation events."),
                     [](const Row& r) { return count_cell(r.results->account.events); }}};
  add_alloc_columns<Row, objects_of>(c, "", "", 0);
  c.push_back({level("allocs_per_second", "Allocations", 0, "Objects allocated per second.",
                     Unit::kPerSecond),
               [](const Row& r) {
                 return ratio_cell(real(r.objects.allocated.count) * 1e9, real(r.results->length));
               }});
  c.push_back(
      {level("alloc_rate", "Allocation rate", 0, "Bytes per second.", Unit::kBytesPerSecond),
       [](const Row& r) {
         return ratio_cell(real(r.objects.allocated.bytes) * 1e9, real(r.results->length));
       }});
  c.push_back(
      {peak("peak_bytes", "Peak", 0,
            "Most memory in objects that were not freed, whoever allocated them.", Unit::kBytes),
       [](const Row& r) -> Cell { return r.results->account.peak_bytes; }});
  c.push_back({moment("peak_at_ns", "Peak at", 0, "When that was."),
               [](const Row& r) { return time_cell(r.results->account.peak_at); }});
  add_alloc_columns<Row, spans_in>(c, "spans_", "Spans: ", 0);
  c.push_back({level("other_span_bytes", "Other spans", 0,
                     "Memory at the end in spans that hold no objects: stacks and the runtime's.",
                     Unit::kBytes),
               [](const Row& r) -> Cell { return r.other_spans.live_bytes(); }});
  add_alloc_columns<Row, stacks_in>(c, "stacks_", "Stacks: ", 0);
  return c;
}

Column type_column() {
  return key("type", "Type",
             "Of the objects, or of the elements of what they hold. (none): memory without "
             "pointers that the runtime allocates for no type, as texts are, and most of what "
             "existed before; (unknown): the capture does not tell.");
}
Column maker_column() {
  return start_location("Function in which the goroutine began that allocated.");
}

Columns<NamedRow> type_columns() {
  using Row = NamedRow;
  Columns<Row> c = {{type_column(), of<&Row::type>}};
  add_alloc_columns<Row, sums_of>(c, "", "", 1);
  c.push_back({info("type_bytes", "Type's size", Unit::kBytes, 4, "Of one value of that type."),
               // Of objects in no known span none is told.
               [](const Row& r) { return r.type_bytes == 0 ? Cell() : Cell(r.type_bytes); }});
  for (auto& column : c)
    if (column.column.id == "allocated_bytes" || column.column.id == "live_bytes")
      column.column.rank = 0;
  return c;
}

Columns<NamedRow> maker_columns() {
  using Row = NamedRow;
  Columns<Row> c = {{maker_column(), of<&Row::name>}};
  add_alloc_columns<Row, sums_of>(c, "", "", 1);
  add_alloc_columns<Row, stacks_of>(c, "stacks_", "Stacks: ", 4);
  return c;
}

Columns<NamedRow> place_columns() {
  Columns<NamedRow> c = type_columns();
  c.insert(c.begin() + 1, {maker_column(), of<&NamedRow::name>});
  return c;
}

Columns<SizeRow> size_columns() {
  using Row = SizeRow;
  Column size = key("slot", "Slot", "Size of the slots that a span is divided into.");
  Columns<Row> c = {{size, of<&Row::name>}};
  add_alloc_columns<Row, objects_in>(c, "", "", 1);
  add_alloc_columns<Row, spans_of>(c, "spans_", "Spans: ", 2);
  c.push_back({share("use", "Use", 1, "Part of the spans' memory at the end that holds objects."),
               [](const Row& r) {
                 return ratio_cell(real(r.objects.live_bytes()), real(r.spans.live_bytes()));
               }});
  return c;
}

Columns<SizeRow> stack_columns() {
  using Row = SizeRow;
  Column size = key("stack_bytes", "Size", "Of the stack.");
  size.unit = Unit::kBytes;
  Columns<Row> c = {{size, of<&Row::bytes>}};
  add_alloc_columns<Row, objects_in>(c, "", "", 0);
  return c;
}

const Columns<StepRow> kCurveColumns = {
    {step_time("Where the step begins."), of<&StepRow::time>},
    {peak("live_bytes", "Live objects", 0, "Most of the step.", Unit::kBytes),
     [](const StepRow& r) -> Cell { return r.bytes.most.value_or(0); }},
    {peak("live", "Objects", 1, "Most of the step.", Unit::kCount),
     [](const StepRow& r) -> Cell { return r.objects.most.value_or(0); }},
    {cost_count("allocated", "Allocated", 1, "In the step."),
     [](const StepRow& r) -> Cell { return r.objects.allocated; }},
    {cost("allocated_bytes", "bytes", 1, "Their memory.", Unit::kBytes),
     [](const StepRow& r) -> Cell { return r.bytes.allocated; }},
    {level("alloc_rate", "Allocation rate", 2, "Bytes per second.", Unit::kBytesPerSecond),
     [](const StepRow& r) { return ratio_cell(real(r.bytes.allocated) * 1e9, real(r.width)); }},
};

std::string maker_name(const AllocResults& results, uint32_t maker) {
  if (maker == AllocAccount::kBefore) return "(existed before)";
  if (maker == AllocAccount::kNobody) return "(no goroutine)";
  if (maker == AllocAccount::kOtherMakers) return "(others)";
  return name_or_unknown(results.tables, results.account.makers()[maker].name);
}

std::string type_name(const AllocResults& results, uint32_t type) {
  if (type == AllocAccount::kNoType) return "(none)";
  if (type == AllocAccount::kOtherTypes) return "(others)";
  return name_or_unknown(results.tables, results.account.types()[type].name);
}

/// Whether the user wants what this maker allocated. Nobody knows who made what existed before.
bool wanted(const AllocResults& results, uint32_t maker) {
  if (!results.filtered) return true;
  return maker > AllocAccount::kOtherMakers && results.account.makers()[maker].selected;
}

void add_notes(const AllocResults& results, std::vector<std::string>& notes) {
  const AllocAccount& account = results.account;
  if (!account.recorded) {
    notes.emplace_back(
        "no allocations are recorded here: run the program with GODEBUG=traceallocfree=1 (Go 1.23 "
        "and later)");
    return;
  }
  notes.emplace_back("allocations are recorded without stacks: which line allocates is not told");
  if (results.filtered) {
    notes.emplace_back(
        "only what these goroutines allocated, and what became of it; peak, spans, stacks, sizes "
        "and the curve are of everything");
  }
  if (results.scoped) notes.emplace_back("--task and --region do not apply: all goroutines count");
  if (account.assumed_units) {
    notes.emplace_back(
        "the capture does not tell what existed when it began: what is freed without having been "
        "allocated counts as existed, and pages of 8 KiB are assumed");
  }
  const auto count = [&](uint64_t n, const char* what) {
    if (n > 0) notes.push_back(std::to_string(n) + what);
  };
  count(account.unmatched, " frees of what was not there are left out");
  count(account.unsized, " objects lie in no known span: their size is not known and counts as 0");
  count(account.nonsense, " events with sizes that cannot be are left out");
  count(account.others, results.filtered
                            ? " objects of further types and goroutines are left out"
                            : " objects of further types and goroutines have one row, (others)");
  count(
      account.not_followed,
      " allocations came when 16,777,216 were live already: what became of them was not followed");
}

/// Rows by a name, or by several.
template <class Key>
std::vector<NamedRow> rows_of(const std::map<Key, NamedRow>& map) {
  std::vector<NamedRow> rows;
  rows.reserve(map.size());
  for (const auto& [key, row] : map) rows.push_back(row);
  return rows;
}

/// What was allocated, by type and by who allocated.
struct NamedRows {
  explicit NamedRows(const AllocResults& results) {
    for (const AllocAccount::Pair& pair : results.account.pairs())
      if (wanted(results, pair.maker)) add(results, pair);
    const std::vector<AllocMaker>& all = results.account.makers();
    for (uint32_t i = 0; i < all.size(); ++i) {
      if (!wanted(results, i) || !all[i].stacks.any()) continue;
      NamedRow& row = makers[maker_name(results, i)];
      row.name = maker_name(results, i);
      row.stacks.merge(all[i].stacks);
    }
  }

  std::map<std::string, NamedRow> types, makers;
  std::map<std::pair<std::string, std::string>, NamedRow> places;
  AllocSums total;

 private:
  void add(const AllocResults& results, const AllocAccount::Pair& pair) {
    const std::string maker = maker_name(results, pair.maker);
    const std::string type = type_name(results, pair.type);
    for (NamedRow* row : {&types[type], &makers[maker], &places[{type, maker}]}) {
      row->name = maker;
      row->type = type;
      row->type_bytes = results.account.types()[pair.type].bytes;
      row->sums.merge(pair.sums);
    }
    total.merge(pair.sums);
  }
};

std::string size_name(size_t size) {
  if (size == 0) return "large";
  if (size == AllocAccount::kNotHeap) return "not for objects";
  return size == AllocAccount::kNoSize ? "(unknown)" : std::to_string(kSizeClasses[size]);
}

std::vector<SizeRow> size_rows(const AllocAccount& account) {
  std::vector<SizeRow> rows;
  for (size_t i = 0; i < account.sizes().size(); ++i) {
    const AllocSize& size = account.sizes()[i];
    if (size.objects.any() || size.spans.any())
      rows.push_back({size_name(i), 0, size.objects, size.spans});
  }
  return rows;
}

std::vector<StepRow> step_rows(const AllocAccount& account) {
  std::vector<StepRow> rows;
  const auto& bytes = account.bytes_curve.steps();
  const auto& objects = account.objects_curve.steps();
  const int64_t width = account.bytes_curve.width();
  int64_t time = account.bytes_curve.begin();
  for (size_t i = 0; i < std::min(bytes.size(), objects.size()); ++i, time += width)
    rows.push_back({time, width, bytes[i], objects[i]});
  return rows;
}

}  // namespace

void add_alloc_tables(const AllocResults& results, Report& report) {
  const AllocAccount& account = results.account;
  const NamedRows named(results);
  Totals totals{&results, named.total, {}, {}, {}};
  for (size_t i = 0; i < account.sizes().size(); ++i)
    (i == AllocAccount::kNotHeap ? totals.other_spans : totals.spans)
        .merge(account.sizes()[i].spans);
  std::vector<SizeRow> stacks;
  for (const auto& [bytes, sums] : account.stacks()) {
    stacks.push_back({"", bytes, sums, {}});
    totals.stacks.merge(sums);
  }
  const std::string sum = "Existed + allocated = freed + lost + live.";
  Table record{.id = "allocs", .title = "Allocations", .help = sum, .layout = Layout::kRecord};
  add_notes(results, record.notes);
  fill(record, record_columns(),
       account.recorded ? std::vector<Totals>{totals} : std::vector<Totals>{});
  report.tables.push_back(std::move(record));
  const auto add = [&](Table table, const auto& columns, const auto& rows) {
    fill(table, columns, rows);
    report.tables.push_back(std::move(table));
  };
  const std::string by_bytes = "allocated_bytes";
  add({.id = "alloc_types", .title = "Allocations by type", .help = sum, .sort_by = by_bytes},
      type_columns(), rows_of(named.types));
  add({.id = "alloc_goroutines",
       .title = "Allocations by who allocated",
       .help = sum,
       .sort_by = by_bytes},
      maker_columns(), rows_of(named.makers));
  add({.id = "alloc_places",
       .detail = true,
       .title = "Allocations by type and by who allocated",
       .help = sum,
       .sort_by = by_bytes},
      place_columns(), rows_of(named.places));
  add({.id = "alloc_sizes",
       .detail = true,
       .title = "Allocations by size, and the heap's spans",
       .help = sum},
      size_columns(), size_rows(account));
  add({.id = "alloc_stacks", .title = "Stacks of goroutines by size", .help = sum}, stack_columns(),
      stacks);
  add({.id = "alloc_curve",
       .title = "Live objects over time",
       .help = "At most 128 equal steps.",
       .layout = Layout::kPlot},
      kCurveColumns, account.recorded ? step_rows(account) : std::vector<StepRow>{});
}

}  // namespace tracetool
