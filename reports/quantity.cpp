#include "reports/quantity.h"

#include <charconv>
#include <cmath>
#include <span>

#include "reports/utf8.h"

namespace tracetool {
namespace {

struct Scale {
  std::string_view name;
  double factor;
};
constexpr Scale kDurations[] = {{"ns", 1},        {"us", 1e3}, {"\u00b5s", 1e3},
                                {"\u03bcs", 1e3}, {"ms", 1e6}, {"s", 1e9},
                                {"min", 60e9},    {"m", 60e9}, {"h", 3600e9}};
constexpr double kKi = 1024;
constexpr Scale kBytes[] = {{"B", 1},    {"KiB", kKi}, {"MiB", kKi* kKi}, {"GiB", kKi* kKi* kKi},
                            {"KB", 1e3}, {"kB", 1e3},  {"MB", 1e6},       {"GB", 1e9}};
constexpr Scale kRatios[] = {{"", 1}, {"%", 0.01}};
constexpr Scale kNumbers[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};

struct Kind {
  std::span<const Scale> scales;
  const char* examples;
};

Kind kind_of(Unit unit) {
  switch (unit) {
    case Unit::kNanoseconds:
    case Unit::kTime:
      return {kDurations, "a duration: 1.5s, 10ms, 250us"};
    case Unit::kBytes:
    case Unit::kBytesPerSecond:
      return {kBytes, "bytes: 512B, 64KiB, 1.5MiB"};
    case Unit::kRatio:
      return {kRatios, "a share: 12% or 0.12"};
    case Unit::kNone:
    case Unit::kCount:
    case Unit::kPerSecond:
    case Unit::kId:
      break;
  }
  return {kNumbers, "a plain number: 42, 1.5k"};
}

/// Takes a number off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  return value;
}

}  // namespace

Quantity parse_quantity(std::string_view text, const Measure& measure) {
  const Kind kind = kind_of(measure.unit);
  std::string per = measure.per;
  if (measure.unit == Unit::kPerSecond || measure.unit == Unit::kBytesPerSecond) per = "s";
  std::string_view rest = text;
  const std::optional<double> number = take_number(rest);
  const std::string expected = std::string(kind.examples) + (per.empty() ? "" : ", per " + per);
  if (!number) return {0, '"' + clean(text) + "\" is no number; write " + expected};
  std::string_view unit = rest;
  if (!per.empty() && unit.ends_with("/" + per)) unit.remove_suffix(per.size() + 1);
  for (const Scale& scale : kind.scales) {
    if (scale.name == unit) return {*number * scale.factor, {}};
  }
  if (*number == 0 && unit.empty()) return {};
  if (rest.empty()) return {0, '"' + clean(text) + "\" has no unit; write " + expected};
  return {0, '"' + clean(rest) + "\" is no unit of this figure; write " + expected};
}

std::optional<double> parse_percent(std::string_view text) {
  const std::optional<double> number = take_number(text);
  if (!number || text != "%") return std::nullopt;
  return *number / 100;
}

}  // namespace tracetool
