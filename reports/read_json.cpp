#include "reports/read_json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "reports/json.h"
#include "reports/units.h"
#include "reports/utf8.h"

namespace tracetool {
namespace {

// Ordered, because tables come in the order in which they were written.
using Json = nlohmann::ordered_json;

template <class Enum, size_t N>
Enum by_name(const std::string& name, const Enum (&all)[N], Enum otherwise) {
  for (const Enum e : all) {
    if (name_of(e) == name) return e;
  }
  return otherwise;
}

Cell cell_of(const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number_float()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return int64_t{value.get<bool>()};
  if (value.is_array()) return value.get<StackCell>();
  return {};
}

Column column_of(const Json& json) {
  static constexpr Role kRoles[] = {Role::kKey, Role::kId,   Role::kSum, Role::kMin,
                                    Role::kMax, Role::kStat, Role::kInfo};
  static constexpr Better kBetters[] = {Better::kNeither, Better::kLower, Better::kHigher};
  Column column;
  column.id = json.at("id").get<std::string>();
  column.heading = json.value("heading", column.id);
  column.unit = measure_of(json.value("unit", "none")).unit;
  column.role = by_name(json.value("role", "info"), kRoles, Role::kInfo);
  column.better = by_name(json.value("better", "neither"), kBetters, Better::kNeither);
  column.grows = json.value("grows", false);
  column.help = json.value("help", "");
  return column;
}

/// Why reading gives up on what is otherwise well written.
struct TooMuch {
  std::string why;
};

/// In its parsed form a text takes up to so many times its length: "{}," is an object.
constexpr uint64_t kMemoryOfText = 24;

/// Objects keep the order of their names and are searched from the front, so they may not have
/// many.
constexpr size_t kMostNames = 256;

Json parsed(std::string_view text) {
  std::vector<size_t> names;  // of the objects that are open
  return Json::parse(text, [&names](int, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start) names.push_back(0);
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && ++names.back() > kMostNames)
      throw TooMuch{"more than " + std::to_string(kMostNames) + " names in one object"};
    return true;
  });
}

Table table_of(const std::string& id, const Json& json, uint64_t& memory) {
  static constexpr Layout kLayouts[] = {Layout::kRows, Layout::kRecord, Layout::kPlot,
                                        Layout::kLogPlot};
  Table table;
  table.id = id;
  table.title = json.value("title", id);
  table.help = json.value("help", "");
  table.layout = by_name(json.value("layout", "rows"), kLayouts, Layout::kRows);
  table.sort_by = json.value("sort_by", "");
  if (json.at("columns").size() > kMostNames)
    throw TooMuch{"a table of more than " + std::to_string(kMostNames) + " columns"};
  for (const Json& column : json.at("columns")) table.columns.push_back(column_of(column));
  const Json& rows = json.at("rows");
  const uint64_t row_bytes = sizeof(std::vector<Cell>) + table.columns.size() * sizeof(Cell);
  if (rows.size() > memory / row_bytes)
    throw TooMuch{"its tables take more memory than is allowed (--max-memory)"};
  memory -= rows.size() * row_bytes;
  table.rows.reserve(rows.size());
  for (const Json& row : rows) {
    auto& cells = table.rows.emplace_back();
    cells.reserve(table.columns.size());
    for (const Column& column : table.columns) {
      const auto it = row.find(column.id);
      cells.push_back(it == row.end() ? Cell() : cell_of(*it));
    }
  }
  return table;
}

}  // namespace

bool looks_saved(std::string_view start) {
  const size_t at = start.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && start[at] == '{';
}

uint64_t most_saved_text(uint64_t most_memory) { return most_memory / kMemoryOfText; }

SavedReport read_saved(std::string_view text, uint64_t most_memory) {
  SavedReport saved;
  try {
    const Json json = parsed(text);
    if (json.value("schema", "") != "tracetool-report") {
      saved.error = "JSON, but not written by tracetool analyze --format json";
      return saved;
    }
    if (const int version = json.value("schema_version", 0); version != kJsonSchemaVersion) {
      saved.error = "saved results of schema version " + std::to_string(version) +
                    "; this program reads " + std::to_string(kJsonSchemaVersion);
      return saved;
    }
    saved.command = json.value("command", "");
    saved.input = json.value("input", "");
    if (json.contains("duration_ns")) saved.duration_ns = json["duration_ns"].get<double>();
    saved.selection = json.value("selection", saved.selection);
    saved.damaged = json.contains("faults") && !json["faults"].empty();
    for (const auto& [id, table] : json.at("tables").items()) {
      saved.cut |= table.contains("rest_rows");
      saved.report.tables.push_back(table_of(id, table, most_memory));
    }
  } catch (const TooMuch& much) {
    saved.report = {};
    saved.error = "saved results that are too large: " + much.why;
  } catch (const Json::exception& e) {
    saved.error = "damaged JSON: " + clean(e.what());
  }
  return saved;
}

}  // namespace tracetool
