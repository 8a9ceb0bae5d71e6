// Appends text and numbers to a line: tens of millions of events are written this way, for which
// streams are too slow.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace tracetool {

class LineBuffer {
 public:
  explicit LineBuffer(std::ostream& out) : out_(out) { text_.reserve(kFull + 4096); }
  ~LineBuffer() { flush(); }
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;

  LineBuffer& operator<<(std::string_view text) {
    text_.append(text);
    return *this;
  }
  LineBuffer& operator<<(char c) {
    text_.push_back(c);
    return *this;
  }
  LineBuffer& operator<<(int64_t n) { return number(n); }
  LineBuffer& operator<<(uint64_t n) { return number(n); }
  LineBuffer& operator<<(uint32_t n) { return number(n); }
  /// -1 where there is none.
  LineBuffer& operator<<(std::optional<uint64_t> n) { return n ? number(*n) : *this << "-1"; }
  /// In seconds with all digits: a double does not have those of a long capture.
  void seconds(int64_t ns) {
    constexpr int64_t kSecond = 1'000'000'000;
    *this << ns / kSecond << '.'
          << std::string_view(std::to_string(kSecond + ns % kSecond)).substr(1) << 's';
  }
  /// The line so far begins here; for columns.
  size_t mark() const { return text_.size(); }
  /// Fills up with blanks until `column` characters stand behind `mark`, at least one.
  void pad(size_t mark, size_t column) {
    const size_t have = text_.size() - mark;
    text_.append(have < column ? column - have : 1, ' ');
  }
  /// False when nothing can be written any more.
  bool end_line() {
    text_.push_back('\n');
    return end_piece();
  }
  /// The same without a line's end.
  bool end_piece() {
    if (text_.size() >= kFull) flush();
    return out_.good();
  }
  void flush() {
    out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

 private:
  static constexpr size_t kFull = 1 << 16;
  template <class Number>
  LineBuffer& number(Number n) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
    text_.append(digits, static_cast<size_t>(end - digits));
    return *this;
  }

  std::ostream& out_;
  std::string text_;
};

}  // namespace tracetool
