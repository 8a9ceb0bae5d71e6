#include "reports/model/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "reports/model/quantity.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string quoted(std::string_view text) { return '"' + clean(text) + '"'; }

/// A quantity of at least 0 and at most `most`.
ValueError parse_positive(std::string_view text, Unit unit, double most, double& value) {
  if (text.starts_with('-')) return quoted(text) + " is negative";
  Quantity quantity = parse_quantity(text, {unit, {}});
  if (!quantity.error.empty()) return std::move(quantity.error);
  if (quantity.value > most) return quoted(text) + " is too large";
  value = quantity.value;
  return std::nullopt;
}

}  // namespace

ValueError parse_duration(std::string_view text, int64_t& ns) {
  double value = 0;
  if (auto error = parse_positive(text, Unit::kNanoseconds, 9e18, value)) return error;
  ns = std::llround(value);
  return std::nullopt;
}

ValueError parse_size(std::string_view text, uint64_t& bytes) {
  const bool plain =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  double value = 0;
  const std::string with_unit = std::string(text) + (plain ? "B" : "");
  if (auto error = parse_positive(with_unit, Unit::kBytes, 9e18, value)) return error;
  bytes = static_cast<uint64_t>(value);
  return std::nullopt;
}

ValueError parse_share(std::string_view text, double& share) {
  double value = 0;
  if (auto error = parse_positive(text, Unit::kRatio, 9e18, value)) return error;
  if (std::string error = share_error(text, value); !error.empty()) return error;
  share = value;
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
