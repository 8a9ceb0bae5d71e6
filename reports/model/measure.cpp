// Units of figures whose unit differs from row to row.
#include <algorithm>

#include "reports/model/units.h"

namespace tracetool {
namespace {

constexpr Unit kUnits[] = {Unit::kNone,      Unit::kCount,          Unit::kNanoseconds,
                           Unit::kTime,      Unit::kBytes,          Unit::kRatio,
                           Unit::kPerSecond, Unit::kBytesPerSecond, Unit::kId};

}  // namespace

std::string name_of(const Measure& measure) {
  std::string name(name_of(measure.unit));
  return measure.per.empty() ? name : name + "/" + measure.per;
}

Measure measure_of(std::string_view name) {
  Measure measure;
  const size_t slash = std::min(name.find('/'), name.size());
  const auto* unit =
      std::ranges::find_if(kUnits, [&](Unit u) { return name_of(u) == name.substr(0, slash); });
  if (unit != std::end(kUnits)) measure.unit = *unit;
  if (slash < name.size()) measure.per = name.substr(slash + 1);
  return measure;
}

std::string format_cell(const Cell& cell, const Measure& measure) {
  std::string text = format_cell(cell, measure.unit);
  if (measure.per.empty() || !number_in(cell)) return text;
  return text + "/" + measure.per;
}

bool names_unit(const Table& table, size_t column) {
  return std::ranges::any_of(table.columns, [&](const Column& c) {
    return !c.unit_in.empty() && c.unit_in == table.columns[column].id;
  });
}

std::string format_cell(const Table& table, size_t row, size_t column) {
  static const Cell kMissing;
  const auto& cells = table.rows[row];
  const Cell& cell = column < cells.size() ? cells[column] : kMissing;
  const Column& declared = table.columns[column];
  if (declared.unit_in.empty()) return format_cell(cell, declared);
  const auto unit = std::ranges::find(table.columns, declared.unit_in, &Column::id);
  const auto at = static_cast<size_t>(unit - table.columns.begin());
  const auto* name = at < cells.size() ? std::get_if<std::string>(&cells[at]) : nullptr;
  std::string text = format_cell(cell, name == nullptr ? Measure{} : measure_of(*name));
  const std::optional<double> number = number_in(cell);
  return declared.delta && number && *number > 0 ? "+" + text : text;
}

}  // namespace tracetool
