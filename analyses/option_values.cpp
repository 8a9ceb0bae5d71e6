#include "analyses/option_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace tracetool {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {
    {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}}};
constexpr double kLongest = 9e18;

std::string bad(const std::string& name, const std::string& text, const char* expected) {
  return name + " '" + text + "': expected " + expected;
}

}  // namespace

std::optional<int64_t> duration_in(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (failed != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    size_t length = 0;
    while (length < text.size() && text[length] != '.' &&
           (text[length] < '0' || text[length] > '9'))
      ++length;
    const std::string_view unit = text.substr(0, length);
    double factor = 0;
    for (const auto& [known, ns] : kUnits)
      if (known == unit) factor = ns;
    if (factor == 0) return std::nullopt;
    sum += number * factor;
    text.remove_prefix(length);
  }
  if (!(sum < kLongest)) return std::nullopt;
  return std::llround(sum);
}

bool read_duration(const PassOptions& options, const std::string& name, int64_t& value,
                   std::string& error) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  const auto duration = duration_in(text);
  if (!duration) {
    error = bad(name, text, "a duration such as 250us, 10ms or 1.5s");
    return false;
  }
  value = *duration;
  return true;
}

bool read_number(const PassOptions& options, const std::string& name, uint64_t& value,
                 std::string& error) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && end == text.data() + text.size()) return true;
  error = bad(name, text, "a whole number");
  return false;
}

bool read_regex(const PassOptions& options, const std::string& name,
                std::optional<std::regex>& value, std::string& error) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  try {
    value.emplace(text);
  } catch (const std::regex_error&) {
    error = bad(name, text, "a regular expression");
    return false;
  }
  return true;
}

std::optional<uint64_t> size_in(std::string_view text) {
  uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  int shift = -1;
  if (unit.empty() || unit == "B") shift = 0;
  if (unit == "KiB" || unit == "K") shift = 10;
  if (unit == "MiB" || unit == "M") shift = 20;
  if (unit == "GiB" || unit == "G") shift = 30;
  if (failed != std::errc() || shift < 0 || number > uint64_t{1} << 33) return std::nullopt;
  return number << shift;
}

bool read_size(const PassOptions& options, const std::string& name, uint64_t& value,
               std::string& error) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  const std::optional<uint64_t> size = size_in(text);
  if (!size) {
    error = bad(name, text, "a size such as 64MiB");
    return false;
  }
  value = *size;
  return true;
}

}  // namespace tracetool
