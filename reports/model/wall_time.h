// Times of day: moments on the wall clock, in ns since 1970 (UTC), as text and back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tracetool {

inline constexpr int64_t kDayNs = 86'400'000'000'000;

/// "2026-11-24T19:26:55.123456789Z": for machines, always of that length.
std::string iso_time(int64_t unix_ns);
/// "2026-11-24 19:26:55.123456"
std::string readable_time(int64_t unix_ns);

/// The same as iso_time() for many moments, of which most lie in the same second.
class IsoTime {
 public:
  std::string_view operator()(int64_t unix_ns);

 private:
  int64_t second_ = INT64_MIN;
  std::array<char, 30> text_{};
};

/// A time as it was typed.
struct TypedTime {
  bool dated = false;
  /// ns since 1970, or, without a date, since midnight; in UTC either way, so that it may be
  /// negative or more than a day.
  int64_t ns = 0;
  int64_t offset = 0;  // ns that its zone is ahead of UTC
  std::string text = {};
};

/// Whether `text` is meant as such a time and not as a duration.
bool looks_like_time(std::string_view text);
/// "2026-11-24T19:26:55.123Z", also with a blank for T, with +02:00 or UTC for Z, without a zone
/// (UTC), without seconds, or without the date; nothing if it is no such time.
std::optional<TypedTime> parse_time(std::string_view text);

}  // namespace tracetool
