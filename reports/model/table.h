// The finished answer, before any formatting: tables of cells with columns declared once. Text,
// JSON, CSV and diff all come from these declarations. Nothing here knows about Go or traces.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reports/model/cell.h"

namespace tracetool {

/// What a number is in. Cells hold base units; scaling happens when text is rendered.
enum class Unit : uint8_t {
  kNone,            // text, or a bare number
  kCount,           //
  kNanoseconds,     // a duration
  kTime,            // ns since the start of the capture: a position, never summed
  kBytes,           //
  kRatio,           // 0…1; text shows percent
  kPerSecond,       // events per second
  kBytesPerSecond,  //
  kId,              // a number that only names something: goroutine, task, proc
};

/// How rows combine (into "other", and between captures).
enum class Role : uint8_t {
  kKey,   // names the row in any capture: function, stack, reason
  kId,    // names the row in this capture only
  kSum,   // adds up
  kMin,   //
  kMax,   //
  kStat,  // mean, percentile, share: does not combine
  kInfo,  // description
};

enum class Better : uint8_t { kNeither, kLower, kHigher };

struct Column {
  std::string id;       // stable, with a unit suffix: "sched_wait_ns"
  std::string heading;  // "Sched wait"
  Unit unit = Unit::kNone;
  Role role = Role::kInfo;
  Better better = Better::kNeither;
  /// Grows with the length of the capture, so that captures are compared per second of it.
  bool grows = false;
  /// Narrow output drops the columns with the highest number first; 0 always stays.
  int rank = 0;
  std::string help = {};  // one sentence
  /// A difference between two values: text shows its sign.
  bool delta = false;
  /// Rows have units of their own: the id of the column that names them ("ns", "bytes/s").
  std::string unit_in = {};
  /// A ratio of two things, of which neither is a part of the other: may be above 1.
  bool above_one = false;
};

/// How text shows a table. Other formats do not care.
enum class Layout : uint8_t {
  kRows,     // a line a row
  kRecord,   // one row, a line a column
  kPlot,     // a curve: first column x, second column y
  kLogPlot,  // the same with a logarithmic x
  /// A paragraph a row: number, headline, a sentence, then each further column of rank 0 by its
  /// heading. Columns of higher rank are left to formats for machines. Without rows only the notes.
  kList,
  /// A line a row, but keys are never shortened: where there is no room for everything, texts go
  /// below, and a key that is too long has a line of its own.
  kIds,
};

struct Table {
  std::string id;  // "goroutines": stable, names the table in JSON, CSV and metrics
  /// Only for who looks for it: an overview as text leaves it out.
  bool detail = false;
  std::string title = {};  // "Goroutines by start location"
  std::string help = {};   // a sentence or two
  Layout layout = Layout::kRows;
  std::vector<Column> columns = {};
  std::vector<std::vector<Cell>> rows = {};
  /// What the reader must know about these figures: "12 goroutines were still running at the end".
  std::vector<std::string> notes = {};
  /// Column id by which text and CSV are sorted unless the user says otherwise, descending; ""
  /// keeps the order of rows.
  std::string sort_by = {};
  /// Rows behind those in `rows` that are made one by one when they are written: there may be
  /// hundreds of thousands. `make_row` is given a position among all rows. Such a table has no
  /// sort_by.
  size_t later_rows = 0;
  std::function<std::vector<Cell>(size_t)> make_row = {};
  /// How many rows the last one stands for, because only so many were wanted; 0: it is a row.
  size_t rest_rows = 0;
};

/// A column and where its value comes from. Tables are declared as constant arrays of these.
template <class Row>
struct ColumnOf {
  Column column;
  Cell (*get)(const Row&);
};

template <class Row>
using Columns = std::vector<ColumnOf<Row>>;

/// For tables whose rows are single things (a task, a wait): a longer capture has more of them, not
/// larger ones.
template <class Row>
void do_not_grow(Columns<Row>& declared) {
  for (auto& c : declared) c.column.grows = false;
}

/// Fills in `columns` and `rows` of a table.
template <class Row, class Rows>
void fill(Table& table, const Columns<Row>& declared, const Rows& rows) {
  for (const auto& c : declared) table.columns.push_back(c.column);
  for (const Row& row : rows) {
    auto& cells = table.rows.emplace_back();
    cells.reserve(declared.size());
    for (const auto& c : declared) cells.push_back(c.get(row));
  }
}

/// Everything that one run found out.
struct Report {
  std::vector<Table> tables = {};
  /// What the user demanded and the figures do not satisfy, a sentence each: exit code 1.
  std::vector<std::string> failed_checks = {};
  /// Why the user's filters selected nothing of the capture; empty if they selected something.
  std::string nothing_selected = {};
};

}  // namespace tracetool
