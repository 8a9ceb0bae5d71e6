#include "cli/values.h"

#include <charconv>
#include <cmath>

namespace tracetool {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// ns of the unit that `text` begins with, and how long its name is. Long names come first.
double unit_at(std::string_view text, size_t& length) {
  static constexpr struct {
    std::string_view name;
    double ns;
  } kUnits[] = {{"ns", 1},     {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3}, {"ms", 1e6},
                {"min", 60e9}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};
  for (const auto& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    length = unit.name.size();
    return unit.ns;
  }
  return 0;
}

}  // namespace

ValueError parse_duration(std::string_view text, int64_t& ns) {
  const std::string bad = quoted(text) + " is no duration; write 1.5s, 10ms or 250us";
  if (text == "0") {
    ns = 0;
    return std::nullopt;
  }
  if (text.starts_with('-')) return quoted(text) + " is negative";
  if (text.empty()) return bad;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0 || !std::isfinite(number)) return bad;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty())
      return bad.substr(0, bad.find(" is no")) + " has no unit; write 1.5s, 10ms or 250us";
    size_t length = 0;
    const double unit = unit_at(text, length);
    if (unit == 0) return bad;
    text.remove_prefix(length);
    total += number * unit;
  }
  if (total > 9e18) return bad;
  ns = static_cast<int64_t>(std::llround(total));
  return std::nullopt;
}

ValueError parse_number(std::string_view text, uint64_t& number) {
  if (text.starts_with('-')) return quoted(text) + " is negative";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return quoted(text) + " is too large";
  if (error != std::errc() || end != text.data() + text.size())
    return quoted(text) + " is not a whole number";
  return std::nullopt;
}

ValueError parse_numbers(std::string_view text, std::vector<uint64_t>& numbers) {
  const std::vector<std::string> parts = split_list(text);
  if (parts.empty()) return "an empty list";
  for (const std::string& part : parts) {
    uint64_t number = 0;
    if (auto error = parse_number(part, number)) return error;
    numbers.push_back(number);
  }
  return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

}  // namespace tracetool
