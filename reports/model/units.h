// The text of one value for people: three significant digits and the unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reports/model/table.h"

namespace tracetool {

inline constexpr double kKi = 1024;

/// Stable names for files: "ns", "sum", "lower", "rows".
std::string_view name_of(Unit unit);
std::string_view name_of(Role role);
std::string_view name_of(Better better);
std::string_view name_of(Layout layout);

/// 1.23s 45.6ms 789µs 12ns; 16.7min from 1000 seconds on, hours from 60 minutes on; 0 for zero.
std::string format_duration(double ns);
/// 1.234567s: a position, so it keeps its microseconds.
std::string format_time(int64_t ns);
/// 512B 1.50KiB 23.4MiB
std::string format_bytes(double bytes);
/// 1,234,567; fractions with three significant digits.
std::string format_count(int64_t count);
std::string format_count(double count);
/// 12.3%; never 0.0% or 100.0% for what only rounds to it.
std::string format_ratio(double ratio);
/// 12.3M/s
std::string format_rate(double per_second);

/// Any cell on one line, harmless on a terminal. "-" for no value and for what is not finite.
std::string format_cell(const Cell& cell, Unit unit);
/// The same with a plus sign where the column holds differences.
std::string format_cell(const Cell& cell, const Column& column);
/// The same where the row may name the unit.
std::string format_cell(const Table& table, size_t row, size_t column);

/// Whether a column only names the unit of another one, which shows it with its values.
bool names_unit(const Table& table, size_t column);

/// What a figure is in: a unit, and per what ("s", "task") if it was divided.
struct Measure {
  Unit unit = Unit::kNone;
  std::string per = {};
};
/// "ns/s" and back.
std::string name_of(const Measure& measure);
Measure measure_of(std::string_view name);
std::string format_cell(const Cell& cell, const Measure& measure);

/// For machines: the shortest digits that read back as the same double. Expects a finite one.
std::string exact(double value);
/// The number in a cell, unless it is text, missing or not finite.
std::optional<double> number_in(const Cell& cell);
/// `value` with that many decimals, whatever the locale.
std::string fixed(double value, int decimals);

}  // namespace tracetool
