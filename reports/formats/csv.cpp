#include "reports/formats/csv.h"

#include <cmath>
#include <string>
#include <string_view>

#include "reports/model/table_ops.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// Line breaks that would make a command of what follows become visible.
std::string without_commands(std::string text) {
  if (text.find("::") == text.npos) return text;
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool command =
        (c == '\n' || c == '\r') && is_command(std::string_view(text).substr(at + 1));
    if (command) {
      out += c == '\n' ? "\\n" : "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

bool needs_mark(std::string_view text) {
  constexpr std::string_view kRisky = "=+-@\t\r\n'";
  return !text.empty() && (kRisky.find(text.front()) != kRisky.npos || is_command(text));
}

std::string quoted(std::string_view text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos;
  const bool padded = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (plain && !padded) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_text(std::string_view text) { return quoted(csv_safe(text)); }

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

std::string csv_safe(std::string_view text) {
  std::string safe = without_commands(clean(text, "\n\r\t"));
  if (needs_mark(safe)) safe.insert(0, 1, '\'');
  return safe;
}

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

}  // namespace tracetool
