#include "reports/formats/json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "reports/model/units.h"

namespace tracetool {
namespace {

template <class List, class TextOf>
std::string json_list(const List& list, const TextOf& text_of) {
  std::string out = "[";
  for (const auto& item : list) out += (out.size() > 1 ? "," : "") + json_string(text_of(item));
  return out + "]";
}

std::string json_cell(const Cell& cell) {
  if (const auto* whole = std::get_if<int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&cell)) {
    if (!std::isfinite(*real)) return "null";
    std::string digits = exact(*real);
    // A column of doubles stays one for readers that tell 1 from 1.0.
    return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
  }
  if (const auto* text = std::get_if<std::string>(&cell)) return json_string(*text);
  if (const auto* stack = std::get_if<StackCell>(&cell)) {
    return json_list(*stack, [](const FrameCell& frame) { return frame.text(); });
  }
  return "null";
}

// An object with the same key twice would lose one of them in most readers.
std::string unique(const std::string& id, std::set<std::string>& used) {
  std::string name = id;
  for (int n = 2; !used.insert(name).second; ++n) name = id + "_" + std::to_string(n);
  return name;
}

void write_column(std::ostream& out, const Column& column, const std::string& id) {
  const auto name = [](std::string_view text) { return json_string(std::string(text)); };
  out << R"({"id":)" << json_string(id) << R"(,"heading":)" << json_string(column.heading)
      << R"(,"unit":)" << name(name_of(column.unit)) << R"(,"role":)" << name(name_of(column.role))
      << R"(,"better":)" << name(name_of(column.better)) << R"(,"grows":)"
      << (column.grows ? "true" : "false") << R"(,"help":)" << json_string(column.help) << '}';
}

void append_row(std::string& out, const std::vector<Cell>& row,
                const std::vector<std::string>& keys) {
  out += '{';
  for (size_t c = 0; c < keys.size(); ++c) {
    if (c > 0) out += ',';
    out += keys[c] + (c < row.size() ? json_cell(row[c]) : "null");
  }
  out += '}';
}

bool is_number(const Cell& cell) {
  return std::holds_alternative<int64_t>(cell) || std::holds_alternative<double>(cell);
}

void write_table(std::ostream& out, const Table& table) {
  const auto layout = std::string(name_of(table.layout));
  out << R"({"title":)" << json_string(table.title) << R"(,"help":)" << json_string(table.help)
      << R"(,"layout":)" << json_string(layout) << R"(,"sort_by":)" << json_string(table.sort_by)
      << ",\n\"columns\":[";
  std::set<std::string> used;
  std::vector<std::string> keys;
  for (const Column& column : table.columns) {
    const std::string id = unique(column.id, used);
    out << (keys.empty() ? "\n" : ",\n");
    write_column(out, column, id);
    keys.push_back(json_string(id) + ":");
  }
  out << "],\n\"rows\":[";
  const size_t real_rows = table.rows.size() - (table.rest_rows > 0);
  std::string line;
  for (size_t r = 0; r < real_rows + table.later_rows; ++r) {
    line = r == 0 ? "\n" : ",\n";
    append_row(line, r < real_rows ? table.rows[r] : table.make_row(r), keys);
    out << line;
  }
  out << ']';
  if (table.rest_rows > 0) {
    line = ",\n\"rest_rows\":" + std::to_string(table.rest_rows) + ",\n\"rest\":";
    std::vector<Cell> rest = table.rows.back();
    // Its label is for people.
    for (Cell& cell : rest)
      if (!is_number(cell)) cell = {};
    append_row(line, rest, keys);
    out << line;
  }
  out << ",\n\"notes\":" << json_strings(table.notes) << '}';
}

}  // namespace

std::string json_string(const std::string& text) {
  const nlohmann::json value(text);
  std::string out = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  // JSON allows DEL and the C1 controls as they are, but terminals obey them.
  constexpr char kHex[] = "0123456789abcdef";
  for (size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if (byte == 0x7F) {
      out.replace(i, 1, "\\u007f");
    } else if (byte == 0xC2 && static_cast<unsigned char>(out[i + 1]) < 0xA0) {
      const auto code = static_cast<unsigned char>(out[i + 1]);
      out.replace(i, 2, std::string("\\u00") + kHex[code >> 4] + kHex[code & 15]);
    }
  }
  return out;
}

void begin_json(std::ostream& out, const std::string& schema, const JsonHeader& header,
                std::set<std::string> own) {
  out << R"({"schema":)" << json_string(schema) << R"(,"schema_version":)" << kJsonSchemaVersion;
  own.insert({"schema", "schema_version"});
  for (const auto& field : header.fields) {
    out << ",\n" << json_string(unique(field.first, own)) << ':' << json_cell(field.second);
  }
}

std::string json_strings(const std::vector<std::string>& texts) {
  return json_list(texts, [](const std::string& text) { return text; });
}

void write_json(std::ostream& out, const Report& report, const JsonHeader& header) {
  begin_json(out, "tracetool-report", header, {"selection", "faults", "failed_checks", "tables"});
  out << ",\n\"selection\":" << json_strings(header.selection)
      << ",\n\"faults\":" << json_strings(header.faults)
      << ",\n\"failed_checks\":" << json_strings(report.failed_checks) << ",\n\"tables\":{";
  std::set<std::string> ids;
  for (const Table& table : report.tables) {
    out << (ids.empty() ? "\n" : ",\n") << json_string(unique(table.id, ids)) << ':';
    write_table(out, table);
  }
  out << "}}\n";
}

const TableFormat json_format = {
    .name = "json",
    .for_people = false,
    .one_table = false,
    .write = [](std::ostream& out, const Report& report,
                const RenderOptions& options) { write_json(out, report, options.header); },
};

}  // namespace tracetool
