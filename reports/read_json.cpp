#include "reports/read_json.h"

#include <nlohmann/json.hpp>

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

Table table_of(const std::string& id, const Json& json) {
  static constexpr Layout kLayouts[] = {Layout::kRows, Layout::kRecord, Layout::kPlot,
                                        Layout::kLogPlot};
  Table table;
  table.id = id;
  table.title = json.value("title", id);
  table.help = json.value("help", "");
  table.layout = by_name(json.value("layout", "rows"), kLayouts, Layout::kRows);
  table.sort_by = json.value("sort_by", "");
  for (const Json& column : json.at("columns")) table.columns.push_back(column_of(column));
  for (const Json& row : json.at("rows")) {
    auto& cells = table.rows.emplace_back();
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

SavedReport read_saved(std::string_view text) {
  SavedReport saved;
  try {
    const Json json = Json::parse(text);
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
      saved.report.tables.push_back(table_of(id, table));
    }
  } catch (const Json::exception& e) {
    saved.error = "damaged JSON: " + clean(e.what());
  }
  return saved;
}

}  // namespace tracetool
