#include "reports/formats/csv.h"

#include <cmath>
#include <string>

#include "reports/encoding/csv_text.h"
#include "reports/model/table_ops.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

std::string csv_cell(const Cell& cell) {
  if (const auto* whole = std::get_if<int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&cell)) {
    return std::isfinite(*real) ? exact(*real) : std::string();
  }
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_text(*text);
  if (const auto* stack = std::get_if<StackCell>(&cell)) {
    std::string out;
    for (const FrameCell& frame : *stack) out += (out.empty() ? "" : ";") + frame.text();
    return csv_text(out);
  }
  return {};
}

// A record of one empty field would be an empty line, which readers skip.
void write_record(std::ostream& out, const std::string& record) {
  out << (record.empty() ? "\"\"" : record) << "\r\n";
}

}  // namespace

void write_csv(std::ostream& out, const Table& table) {
  std::string record;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    record += (c > 0 ? "," : "") + csv_text(table.columns[c].id);
  }
  write_record(out, record);
  const auto write_row = [&](const std::vector<Cell>& cells) {
    record.clear();
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) record += ',';
      if (c < cells.size()) record += csv_cell(cells[c]);
    }
    write_record(out, record);
  };
  for (const size_t row : row_order(table)) write_row(table.rows[row]);
  for (size_t i = 0; i < table.later_rows; ++i) write_row(table.make_row(table.rows.size() + i));
}

const TableFormat csv_format = {
    .name = "csv",
    .for_people = false,
    .one_table = true,
    .write = [](std::ostream& out, const Report& report,
                const RenderOptions&) { write_csv(out, report.tables.front()); },
};

}  // namespace tracetool
