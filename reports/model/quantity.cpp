#include "reports/model/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

struct Scale {
  std::string_view name;
  double factor;
};
constexpr Scale kReadDurations[] = {{"ns", 1},        {"us", 1e3}, {"\u00b5s", 1e3},
                                    {"\u03bcs", 1e3}, {"ms", 1e6}, {"s", 1e9},
                                    {"min", 60e9},    {"m", 60e9}, {"h", 3600e9}};
constexpr double kMi = kKi * kKi, kGi = kMi * kKi, kTi = kGi * kKi;
constexpr Scale kReadBytes[] = {{"B", 1},     {"KiB", kKi}, {"MiB", kMi}, {"GiB", kGi},
                                {"TiB", kTi}, {"K", kKi},   {"M", kMi},   {"G", kGi},
                                {"KB", 1e3},  {"kB", 1e3},  {"MB", 1e6},  {"GB", 1e9}};
constexpr Scale kRatios[] = {{"", 1}, {"%", 0.01}};
constexpr Scale kNumbers[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};

struct Kind {
  std::span<const Scale> scales;
  const char* name;
  const char* examples;
  bool of_parts = false;  // 1m30s
};

Kind kind_of(Unit unit) {
  switch (unit) {
    case Unit::kNanoseconds:
    case Unit::kTime:
      return {kReadDurations, "duration", "1.5s, 10ms or 250us", true};
    case Unit::kBytes:
    case Unit::kBytesPerSecond:
      return {kReadBytes, "size", "512B, 64KiB or 1.5MiB"};
    case Unit::kRatio:
      return {kRatios, "share", "12% or 0.12"};
    case Unit::kNone:
    case Unit::kCount:
    case Unit::kPerSecond:
    case Unit::kId:
      break;
  }
  return {kNumbers, "number", "42 or 1.5k"};
}

/// Takes a sign off the front of `text`: its factor.
double take_sign(std::string_view& text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  return minus ? -1 : 1;
}

bool begins_number(char c) { return c == '.' || (c >= '0' && c <= '9'); }

void skip_blanks(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

/// Takes a number without a sign off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  if (text.empty() || !begins_number(text.front())) return std::nullopt;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  skip_blanks(text);
  return value;
}

/// Takes what stands before the next number off the front of `text`, if another may follow.
std::string_view take_unit(std::string_view& text, bool of_parts) {
  const auto* const next =
      of_parts ? std::ranges::find_if(text, begins_number) : text.data() + text.size();
  std::string_view unit = text.substr(0, static_cast<size_t>(next - text.data()));
  text.remove_prefix(unit.size());
  while (unit.ends_with(' ')) unit.remove_suffix(1);
  return unit;
}

}  // namespace

Quantity parse_quantity(std::string_view text, const Measure& measure) {
  const Kind kind = kind_of(measure.unit);
  std::string per = measure.per;
  if (measure.unit == Unit::kPerSecond || measure.unit == Unit::kBytesPerSecond) per = "s";
  const auto refuse = [&](std::string_view part, const std::string& why) {
    const std::string form = std::string("; write ") + kind.examples;
    return Quantity{0,
                    '"' + clean(part) + "\" " + why + form + (per.empty() ? "" : ", per " + per)};
  };
  std::string_view rest = text;
  const double sign = take_sign(rest);
  if (!per.empty() && rest.ends_with("/" + per)) rest.remove_suffix(per.size() + 1);
  double sum = 0;
  do {
    const std::optional<double> number = take_number(rest);
    if (!number) return refuse(text, std::string("is no ") + kind.name);
    const std::string_view unit = take_unit(rest, kind.of_parts);
    const auto scale = std::ranges::find(kind.scales, unit, &Scale::name);
    if (scale != kind.scales.end()) {
      sum += *number * scale->factor;
    } else if (!unit.empty()) {
      return refuse(unit, std::string("is no unit of a ") + kind.name);
    } else if (*number != 0) {
      return refuse(text, "has no unit");
    }
  } while (!rest.empty());
  return {sign * sum, {}};
}

std::string share_error(std::string_view text, double share) {
  if (std::fabs(share) <= 1) return {};
  const std::string typed = clean(text);
  return '"' + typed + "\" is more than 1, the whole" +
         (text.ends_with('%') ? "; write 12% or 0.12" : ": did you mean " + typed + "%?");
}

std::optional<double> parse_percent(std::string_view text) {
  const double sign = take_sign(text);
  const std::optional<double> number = take_number(text);
  if (!number || text != "%") return std::nullopt;
  return sign * *number / 100;
}

}  // namespace tracetool
