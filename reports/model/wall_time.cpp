#include "reports/model/wall_time.h"

#include <algorithm>
#include <chrono>

namespace tracetool {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/// Writes the lowest `digits` digits of `value`.
void put(char* at, int64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

/// "2026-11-24T19:26:55." of a whole second; 20 characters.
void put_second(char* at, int64_t second) {
  using namespace std::chrono;
  const int64_t day = floor_div(second, kDayNs / kSecond);
  const int64_t of_day = second - day * (kDayNs / kSecond);
  const year_month_day date{sys_days{days{day}}};
  put(at, static_cast<int>(date.year()), 4);
  put(at + 5, static_cast<unsigned>(date.month()), 2);
  put(at + 8, static_cast<unsigned>(date.day()), 2);
  put(at + 11, of_day / 3600, 2);
  put(at + 14, of_day / 60 % 60, 2);
  put(at + 17, of_day % 60, 2);
  at[4] = at[7] = '-';
  at[10] = 'T';
  at[13] = at[16] = ':';
  at[19] = '.';
}

/// Takes parts off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }
  bool take(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    last_ = text_.front();
    text_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  char last() const { return last_; }
  /// Exactly so many digits, for a value of at most `most`.
  bool number(size_t digits, int64_t most, int64_t& value) {
    value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (!take("0123456789")) return false;
      value = value * 10 + (last_ - '0');
    }
    return value <= most;
  }
  /// Digits behind the point, as ns; more than nine change nothing.
  bool fraction(int64_t& ns) {
    int64_t unit = kSecond / 10;
    bool any = false;
    for (ns = 0; take("0123456789"); unit /= 10, any = true) ns += unit * (last_ - '0');
    return any;
  }

 private:
  std::string_view text_;
  char last_ = 0;
};

bool is_dated(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() > 4 && std::all_of(text.begin(), text.begin() + 4, digit) && text[4] == '-';
}

/// Days since 1970.
bool scan_date(Scanner& in, int64_t& days) {
  using namespace std::chrono;
  int64_t y = 0, m = 0, d = 0;
  if (!in.number(4, 9999, y) || !in.take("-") || !in.number(2, 12, m) || !in.take("-") ||
      !in.number(2, 31, d))
    return false;
  const year_month_day date{year{static_cast<int>(y)}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok()) return false;
  days = sys_days{date}.time_since_epoch().count();
  return true;
}

/// ns since midnight.
bool scan_clock(Scanner& in, int64_t& ns) {
  int64_t h = 0, m = 0, s = 0, rest = 0;
  if (!in.number(2, 23, h) || !in.take(":") || !in.number(2, 59, m)) return false;
  if (in.take(":")) {
    if (!in.number(2, 59, s) || (in.take(".,") && !in.fraction(rest))) return false;
  }
  ns = ((h * 60 + m) * 60 + s) * kSecond + rest;
  return true;
}

/// ns ahead of UTC.
bool scan_zone(Scanner& in, int64_t& offset) {
  in.take(" ");
  if (in.done() || in.take("Zz") || in.take_word("UTC")) return true;
  if (!in.take("+-")) return false;
  const int64_t sign = in.last() == '-' ? -1 : 1;
  int64_t h = 0, m = 0;
  if (!in.number(2, 23, h)) return false;
  in.take(":");
  if (!in.done() && !in.number(2, 59, m)) return false;
  offset = sign * (h * 60 + m) * 60 * kSecond;
  return true;
}

}  // namespace

std::string_view IsoTime::operator()(int64_t unix_ns) {
  const int64_t second = floor_div(unix_ns, kSecond);
  if (second != second_) {
    second_ = second;
    put_second(text_.data(), second);
    text_[29] = 'Z';
  }
  const int64_t rest = unix_ns % kSecond;
  put(text_.data() + 20, rest < 0 ? rest + kSecond : rest, 9);
  return {text_.data(), text_.size()};
}

std::string iso_time(int64_t unix_ns) { return std::string(IsoTime()(unix_ns)); }

std::string readable_time(int64_t unix_ns) {
  std::string text = iso_time(unix_ns);
  text[10] = ' ';
  text.resize(26);
  return text;
}

bool looks_like_time(std::string_view text) {
  return text.find(':') != std::string_view::npos || is_dated(text);
}

std::optional<TypedTime> parse_time(std::string_view text) {
  Scanner in(text);
  TypedTime time{.dated = is_dated(text), .text = std::string(text)};
  int64_t days = 0, clock = 0;
  if (time.dated && (!scan_date(in, days) || !in.take("Tt "))) return std::nullopt;
  if (!scan_clock(in, clock) || !scan_zone(in, time.offset) || !in.done()) return std::nullopt;
  if (__builtin_mul_overflow(days, kDayNs, &time.ns) ||
      __builtin_add_overflow(time.ns, clock - time.offset, &time.ns))
    return std::nullopt;
  return time;
}

}  // namespace tracetool
