// Which rows a selector means.
#include <algorithm>
#include <cmath>

#include "reports/figures/figure.h"
#include "reports/model/quantity.h"

namespace tracetool {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.find('*') == std::string_view::npos) return pattern == text;
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// "main.(*T).f file.go:12" -> "main.(*T).f"
std::string_view without_place(std::string_view frame) {
  const size_t space = frame.rfind(' ');
  const size_t colon = frame.rfind(':');
  if (space == std::string_view::npos || colon == std::string_view::npos || colon < space)
    return frame;
  return frame.substr(0, space);
}

bool names_text(std::string_view text, std::string_view value) {
  // A type name of Go has a star in "(*T)", so equality comes first.
  return text == value || text == without_place(value) || matches(text, value) ||
         matches(text, without_place(value));
}

}  // namespace

bool names_key(std::string_view text, const Cell& cell, const Column& column) {
  if (text == "*") return true;
  if (const auto* value = std::get_if<std::string>(&cell)) return names_text(text, *value);
  if (const auto* stack = std::get_if<StackCell>(&cell)) {
    return std::ranges::any_of(*stack,
                               [&](const auto& frame) { return names_text(text, frame.text()); });
  }
  const std::optional<double> number = number_in(cell);
  if (!number) return false;
  const Quantity wanted = parse_quantity(text, {column.unit, {}});
  return wanted.error.empty() && std::fabs(wanted.value - *number) <= 1e-9 * std::fabs(*number);
}

std::string whereabouts(const Figure& figure) {
  if (figure.rows.size() != 1 || figure.table == nullptr) return {};
  // Only a maximum happened at a place and to someone.
  if (figure.column->role != Role::kMax) return {};
  std::string out;
  for (size_t c = 0; c < figure.table->columns.size(); ++c) {
    const Column& column = figure.table->columns[c];
    if (column.role != Role::kInfo && column.role != Role::kId) continue;
    if (column.unit != Unit::kTime && column.unit != Unit::kId) continue;
    const std::string text = format_cell(*figure.table, figure.rows.front(), c);
    if (text != "-") out += (out.empty() ? "" : ", ") + column.heading + " " + text;
  }
  return out;
}

}  // namespace tracetool
