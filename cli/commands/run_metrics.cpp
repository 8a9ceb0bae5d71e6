// `metrics`: the ids of all figures, with what they mean and, for a capture, their values.
#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/io/load_report.h"
#include "cli/io/report_output.h"
#include "cli/options/exit_code.h"
#include "reports/figures/figure.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

struct Row {
  Figure figure;
  std::string rows;  // how its table's rows are named, for lists
};

const Columns<Row>& declared() {
  static const Columns<Row> kColumns = {
      {{.id = "figure",
        .heading = "Figure",
        .role = Role::kKey,
        .help = "The id, as rules name it."},
       [](const Row& r) -> Cell { return r.figure.id; }},
      {{.id = "value",
        .heading = "Value",
        .role = Role::kStat,
        .help = "In the capture, in base units; none without a capture.",
        .unit_in = "unit"},
       [](const Row& r) { return r.figure.value; }},
      {{.id = "unit", .heading = "Unit", .help = "Base unit of the value."},
       [](const Row& r) -> Cell { return name_of(r.figure.measure); }},
      {{.id = "better", .heading = "Better", .help = "Which direction is an improvement."},
       [](const Row& r) -> Cell { return std::string(name_of(r.figure.column->better)); }},
      {{.id = "grows",
        .heading = "Grows",
        .rank = 2,
        .help = "yes if it grows with the length of the capture; .per_second may then follow."},
       [](const Row& r) -> Cell { return r.figure.column->grows ? "yes" : "no"; }},
      {{.id = "rows",
        .heading = "Rows by",
        .rank = 1,
        .help = "Keys that choose a row of the table, as in TABLE[\"KEY\"].COLUMN."},
       [](const Row& r) -> Cell { return r.rows.empty() ? Cell() : Cell(r.rows); }},
      {{.id = "meaning", .heading = "Meaning", .help = "What it says."},
       [](const Row& r) -> Cell {
         const Column& column = *r.figure.column;
         return column.help.empty() ? column.heading : column.help;
       }},
  };
  return kColumns;
}

std::string keys_of(const Table& table) {
  std::string out;
  for (const Column& c : table.columns) {
    if (c.role == Role::kKey) out += (out.empty() ? "" : ",") + c.id;
  }
  return table.layout == Layout::kRecord ? "" : out;
}

/// Statistics of rows have no total, but a user has to know their ids too.
std::vector<Row> rows_of(const Report& report) {
  std::vector<Row> rows;
  const std::vector<Figure> totals = all_figures(report);
  auto total = totals.begin();
  for (const Table& table : report.tables) {
    const std::string keys = keys_of(table);
    for (const Column& column : table.columns) {
      if (total != totals.end() && total->column == &column) {
        rows.push_back({*total++, keys});
      } else if (column.role == Role::kStat && !keys.empty()) {
        Figure f{.id = table.id + "[\"...\"]." + column.id, .table = &table, .column = &column};
        f.measure.unit = column.unit;
        rows.push_back({std::move(f), keys});
      }
    }
  }
  return rows;
}

}  // namespace

int run_metrics(const Invocation& invocation, Io& io) {
  std::vector<PassRequest> requests;
  if (const auto error = default_requests(invocation.settings.gates.passes, requests);
      !error.empty())
    return usage_error(invocation, io, "--passes: " + error);
  LoadedReport loaded;
  if (invocation.path.empty()) {
    loaded.report = empty_report(requests);
  } else {
    loaded = load_report(invocation.path, invocation.settings, requests);
    tell_faults(loaded, io);
    if (loaded.code == kExitUnusable) return loaded.code;
  }
  Table table{.id = "metrics", .title = "Figures and their ids", .layout = Layout::kIds};
  Columns<Row> columns = declared();
  if (invocation.path.empty())
    std::erase_if(columns, [](const ColumnOf<Row>& c) { return c.column.id == "value"; });
  fill(table, columns, rows_of(loaded.report));
  Report report{{std::move(table)}};
  // A list to look ids up in has no use if it is cut.
  Invocation whole = invocation;
  if (!whole.settings.top) whole.settings.top = 0;
  return write_made(report, {}, loaded.code, whole, io);
}

}  // namespace tracetool
