#include "reports/model/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

// From `limit` on a value would round up to a whole one of the next unit, and is shown in that.
struct Step {
  double scale, limit;
  const char* name;
};
constexpr double kEndless = std::numeric_limits<double>::infinity();
constexpr Step kShownDurations[] = {{1, 999.5, "ns"},     {1e3, 999.5, "µs"},
                                    {1e6, 999.5, "ms"},   {1e9, 999.5, "s"},
                                    {6e10, 59.95, "min"}, {3.6e12, kEndless, "h"}};
constexpr Step kShownBytes[] = {{1, 1023.5, "B"},
                                {kKi, 1023.5, "KiB"},
                                {kKi * kKi, 1023.5, "MiB"},
                                {kKi * kKi * kKi, 1023.5, "GiB"},
                                {kKi * kKi * kKi * kKi, kEndless, "TiB"}};
constexpr Step kRates[] = {
    {1, 999.5, ""}, {1e3, 999.5, "k"}, {1e6, 999.5, "M"}, {1e9, kEndless, "G"}};

std::string grouped(std::string digits) {
  const size_t end = std::min(digits.find('.'), digits.size());
  for (size_t at = end; at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string three_digits(double value) {
  if (value >= 1e15) {
    std::array<char, 32> buffer;
    const auto end =
        std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific, 2);
    return {buffer.data(), end.ptr};
  }
  // Just below the thresholds the digits round to 9.99 and 99.9, so there are never four.
  return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string scaled(double value, std::span<const Step> steps) {
  size_t i = 0;
  while (value / steps[i].scale >= steps[i].limit) ++i;
  const double in_unit = value / steps[i].scale;
  const char* name = steps[i].name;
  if (i == 0 && in_unit == std::floor(in_unit)) return fixed(in_unit, 0) + name;
  if (in_unit < 0.005) return std::string("<0.01") + name;
  const std::string digits = three_digits(in_unit);
  return (i + 1 == steps.size() && in_unit < 1e15 ? grouped(digits) : digits) + name;
}

// Formats the magnitude and puts the sign back; a bound such as "<0.1%" turns around.
template <class Format>
std::string with_sign(double value, const Format& format) {
  if (!std::isfinite(value)) return "-";
  if (value >= 0) return format(value == 0 ? 0.0 : value);
  std::string text = format(-value);
  if (text[0] == '<') return ">-" + text.substr(1);
  if (text[0] == '>') return "<-" + text.substr(1);
  return "-" + text;
}

std::string bare(double value) {
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::general, 6);
  return {buffer.data(), end.ptr};
}

std::string format_number(int64_t value, Unit unit) {
  const auto real = static_cast<double>(value);
  switch (unit) {
    case Unit::kNone:
    case Unit::kId:
      return std::to_string(value);
    case Unit::kCount:
      return format_count(value);
    case Unit::kTime:
      return format_time(value);
    case Unit::kNanoseconds:
      return format_duration(real);
    case Unit::kBytes:
      return format_bytes(real);
    case Unit::kRatio:
      return format_ratio(real);
    case Unit::kPerSecond:
      return format_rate(real);
    case Unit::kBytesPerSecond:
      return format_bytes(real) + "/s";
  }
  return {};
}

std::string format_number(double value, Unit unit) {
  if (!std::isfinite(value)) return "-";
  switch (unit) {
    case Unit::kNone:
    case Unit::kId:
      return bare(value);
    case Unit::kCount:
      return format_count(value);
    case Unit::kTime:
      if (std::fabs(value) < 9e18) return format_time(std::llround(value));
      return format_duration(value);
    case Unit::kNanoseconds:
      return format_duration(value);
    case Unit::kBytes:
      return format_bytes(value);
    case Unit::kRatio:
      return format_ratio(value);
    case Unit::kPerSecond:
      return format_rate(value);
    case Unit::kBytesPerSecond:
      return format_bytes(value) + "/s";
  }
  return {};
}

}  // namespace

std::string_view name_of(Unit unit) {
  constexpr std::string_view kNames[] = {
      "none", "count", "ns", "time_ns", "bytes", "ratio", "per_second", "bytes_per_second", "id"};
  return kNames[static_cast<size_t>(unit)];
}

std::string_view name_of(Role role) {
  constexpr std::string_view kNames[] = {"key", "id", "sum", "min", "max", "stat", "info"};
  return kNames[static_cast<size_t>(role)];
}

std::string_view name_of(Better better) {
  constexpr std::string_view kNames[] = {"neither", "lower", "higher"};
  return kNames[static_cast<size_t>(better)];
}

std::string_view name_of(Layout layout) {
  switch (layout) {
    case Layout::kRows:
    case Layout::kIds:  // only text shows them otherwise
      return "rows";
    case Layout::kRecord:
      return "record";
    case Layout::kPlot:
      return "plot";
    case Layout::kLogPlot:
      return "log_plot";
    case Layout::kList:
      return "list";
  }
  return "";
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> buffer;  // the largest double has 309 digits
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::fixed, decimals);
  return {buffer.data(), end.ptr};
}

std::string exact(double value) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value);
  return {buffer.data(), end.ptr};
}

std::string format_duration(double ns) {
  return with_sign(ns, [](double v) { return v == 0 ? "0" : scaled(v, kShownDurations); });
}

std::string format_time(int64_t ns) {
  // Unsigned, because the lowest int64_t has no positive counterpart.
  const uint64_t size = ns < 0 ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
  const uint64_t us = size / 1000 + (size % 1000 >= 500 ? 1 : 0);
  const std::string decimals = std::to_string(us % 1000000);
  return (ns < 0 && us > 0 ? "-" : "") + std::to_string(us / 1000000) + "." +
         std::string(6 - decimals.size(), '0') + decimals + "s";
}

std::string format_bytes(double bytes) {
  return with_sign(bytes, [](double v) { return scaled(v, kShownBytes); });
}

std::string format_count(int64_t count) {
  std::string digits = std::to_string(count);
  if (count >= 0) return grouped(digits);
  return "-" + grouped(digits.substr(1));
}

std::string format_count(double count) {
  return with_sign(count, [](double v) {
    if (v < 1e15 && v == std::floor(v)) return grouped(fixed(v, 0));
    if (v < 0.005) return std::string("<0.01");
    return v < 1e15 ? grouped(three_digits(v)) : three_digits(v);
  });
}

std::string format_ratio(double ratio) {
  return with_sign(ratio, [](double v) -> std::string {
    const double percent = v * 100;
    if (v == 0) return "0%";
    if (v == 1) return "100%";
    if (percent < 0.05) return "<0.1%";
    if (percent >= 99.95 && v < 1) return ">99.9%";
    if (percent < 999.95) return fixed(percent, 1) + "%";
    return (percent < 1e15 ? grouped(fixed(percent, 0)) : three_digits(percent)) + "%";
  });
}

std::string format_rate(double per_second) {
  return with_sign(per_second, [](double v) { return scaled(v, kRates) + "/s"; });
}

std::string format_cell(const Cell& cell, Unit unit) {
  if (const auto* text = std::get_if<std::string>(&cell)) return clean(*text);
  if (const auto* stack = std::get_if<StackCell>(&cell)) {
    return stack->empty() ? "-" : short_frame(stack->front().text());
  }
  if (const auto* whole = std::get_if<int64_t>(&cell)) return format_number(*whole, unit);
  if (const auto* real = std::get_if<double>(&cell)) return format_number(*real, unit);
  return "-";
}

std::string format_cell(const Cell& cell, const Column& column) {
  std::string text = format_cell(cell, column.unit);
  const std::optional<double> number = number_in(cell);
  if (!column.delta || !number || *number <= 0) return text;
  return "+" + text;
}

std::optional<double> number_in(const Cell& cell) {
  if (const auto* whole = std::get_if<int64_t>(&cell)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&cell);
  if (real != nullptr && std::isfinite(*real)) return *real;
  return std::nullopt;
}

}  // namespace tracetool
