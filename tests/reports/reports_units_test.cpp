#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "reports/model/units.h"
#include "reports/words/utf8.h"

using namespace tracetool;

TEST_CASE("durations keep three digits and never round up to 1000 of a unit", "[reports]") {
  CHECK(format_duration(0) == "0");
  CHECK(format_duration(-0.0) == "0");
  CHECK(format_duration(1) == "1ns");
  CHECK(format_duration(12) == "12ns");
  CHECK(format_duration(12.34) == "12.3ns");
  CHECK(format_duration(0.4) == "0.40ns");
  CHECK(format_duration(0.001) == "<0.01ns");
  CHECK(format_duration(-0.001) == ">-0.01ns");
  CHECK(format_duration(999) == "999ns");
  CHECK(format_duration(999.4) == "999ns");
  CHECK(format_duration(999.5) == "1.00µs");
  CHECK(format_duration(1000) == "1.00µs");
  CHECK(format_duration(9994) == "9.99µs");
  CHECK(format_duration(9995) == "10.0µs");
  CHECK(format_duration(99949) == "99.9µs");
  CHECK(format_duration(99950) == "100µs");
  CHECK(format_duration(789e3) == "789µs");
  CHECK(format_duration(999499) == "999µs");
  CHECK(format_duration(999500) == "1.00ms");
  CHECK(format_duration(45.6e6) == "45.6ms");
  CHECK(format_duration(999.5e6) == "1.00s");
  CHECK(format_duration(1.23e9) == "1.23s");
  CHECK(format_duration(90e9) == "90.0s");
  CHECK(format_duration(999.4e9) == "999s");
  CHECK(format_duration(999.5e9) == "16.7min");
  CHECK(format_duration(59.94 * 60e9) == "59.9min");
  CHECK(format_duration(59.95 * 60e9) == "1.00h");
  CHECK(format_duration(12345 * 3600e9) == "12,345h");
  CHECK(format_duration(-1.5e6) == "-1.50ms");
  CHECK(format_duration(std::nan("")) == "-");
}

TEST_CASE("positions keep microseconds", "[reports]") {
  CHECK(format_time(0) == "0.000000s");
  CHECK(format_time(1234567000) == "1.234567s");
  CHECK(format_time(1234567499) == "1.234567s");
  CHECK(format_time(999999500) == "1.000000s");
  CHECK(format_time(-1500000) == "-0.001500s");
  CHECK(format_time(-1) == "0.000000s");
  CHECK(format_time(std::numeric_limits<int64_t>::min()) == "-9223372036.854776s");
  CHECK(format_time(std::numeric_limits<int64_t>::max()) == "9223372036.854776s");
}

TEST_CASE("bytes, counts, ratios and rates at their boundaries", "[reports]") {
  CHECK(format_bytes(0) == "0B");
  CHECK(format_bytes(1023) == "1023B");
  CHECK(format_bytes(1024) == "1.00KiB");
  CHECK(format_bytes(1023.4 * 1024) == "1023KiB");
  CHECK(format_bytes(1023.5 * 1024) == "1.00MiB");
  CHECK(format_bytes(1536.0 * 1024 * 1024) == "1.50GiB");
  CHECK(format_bytes(-2048) == "-2.00KiB");

  CHECK(format_count(int64_t{0}) == "0");
  CHECK(format_count(int64_t{999}) == "999");
  CHECK(format_count(int64_t{1000}) == "1,000");
  CHECK(format_count(int64_t{1234567}) == "1,234,567");
  CHECK(format_count(int64_t{-123456}) == "-123,456");
  CHECK(format_count(std::numeric_limits<int64_t>::min()) == "-9,223,372,036,854,775,808");
  CHECK(format_count(12.345) == "12.3");
  CHECK(format_count(1234567.8) == "1,234,568");
  CHECK(format_count(0.001) == "<0.01");
  CHECK(format_count(1e300) == "1.00e+300");

  CHECK(format_ratio(0) == "0%");
  CHECK(format_ratio(0.0001) == "<0.1%");
  CHECK(format_ratio(0.0005) == "0.1%");
  CHECK(format_ratio(0.123) == "12.3%");
  CHECK(format_ratio(0.9994) == "99.9%");
  CHECK(format_ratio(0.9996) == ">99.9%");
  CHECK(format_ratio(1) == "100%");
  CHECK(format_ratio(2.5) == "250.0%");
  CHECK(format_ratio(12.3456) == "1,235%");
  CHECK(format_ratio(-0.0001) == ">-0.1%");

  CHECK(format_rate(0) == "0/s");
  CHECK(format_rate(12) == "12/s");
  CHECK(format_rate(999.5) == "1.00k/s");
  CHECK(format_rate(12.3e6) == "12.3M/s");
  CHECK(format_rate(0.001) == "<0.01/s");
}

TEST_CASE("cells show missing values, signs and first frames", "[reports]") {
  CHECK(format_cell(Cell(), Unit::kCount) == "-");
  CHECK(format_cell(Cell(std::nan("")), Unit::kNanoseconds) == "-");
  CHECK(format_cell(Cell(INFINITY), Unit::kTime) == "-");
  CHECK(format_cell(Cell(int64_t{1234}), Unit::kId) == "1234");
  CHECK(format_cell(Cell(int64_t{1234}), Unit::kNone) == "1234");
  CHECK(format_cell(Cell(1.5), Unit::kNone) == "1.5");
  CHECK(format_cell(Cell(int64_t{2048}), Unit::kBytesPerSecond) == "2.00KiB/s");
  CHECK(format_cell(Cell(StackCell{}), Unit::kNone) == "-");
  CHECK(format_cell(Cell(StackCell{"main.f /a/b/c.go:7", "main.g"}), Unit::kNone) ==
        "main.f c.go:7");
  Column column;
  column.unit = Unit::kNanoseconds;
  column.delta = true;
  CHECK(format_cell(Cell(int64_t{1500}), column) == "+1.50µs");
  CHECK(format_cell(Cell(int64_t{-1500}), column) == "-1.50µs");
  CHECK(format_cell(Cell(int64_t{0}), column) == "0");
}

TEST_CASE("doubles for machines read back as they were", "[reports]") {
  for (const double value : {0.1, 1.0 / 3, 1e300, 2.3e-308, -12345.678, 1e21}) {
    CHECK(std::stod(exact(value)) == value);
  }
}

TEST_CASE("text of unknown origin is made harmless", "[reports]") {
  CHECK(clean("plain ünïcode 日本") == "plain ünïcode 日本");
  CHECK(clean("a\x1b[31mb\n\r\t\x7f") == "a\\x1b[31mb\\n\\r\\t\\x7f");
  CHECK(clean(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(clean("\xc2\x9b") == "\\x9b");   // C1 control sequence introducer
  for (const auto& [invisible, shown] :  // soft hyphen, letter mark, zero width, byte order
       {std::pair("\u00AD", "\\xad"), std::pair("\u061C", "\\u{61c}"),
        std::pair("\u200B", "\\u{200b}"), std::pair("\uFEFF", "\\u{feff}")})
    CHECK(clean(invisible) == shown);
  CHECK(clean("\xe2\x80\xae") == "\\u{202e}");           // right-to-left override
  CHECK(clean("\xff\xc3") == "\uFFFD\uFFFD");            // no lead byte, cut short
  CHECK(clean("\xc0\xaf") == "\uFFFD\uFFFD");            // too long a form
  CHECK(clean("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");  // half a surrogate pair
  CHECK(clean("\xf5\x80\x80\x80").find('\xf5') == std::string::npos);
  CHECK(clean("a\nb\tc", "\n") == "a\nb\\tc");
}

TEST_CASE("display width counts terminal columns", "[reports]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("789µs") == 5);
  CHECK(display_width("日本語") == 6);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("…") == 1);
  CHECK(display_width("🚀") == 2);
}

TEST_CASE("shortening keeps both ends", "[reports]") {
  CHECK(shorten("runtime.gcBgMarkWorker", 22) == "runtime.gcBgMarkWorker");
  CHECK(shorten("runtime.gcBgMarkWorker", 17) == "runtime.…rkWorker");
  CHECK(shorten("abcdef", 1) == "…");
  CHECK(shorten("abcdef", 0).empty());
  for (size_t width = 0; width < 20; ++width) {
    CHECK(display_width(shorten("日本語のテキスト", width)) <= width);
    CHECK(display_width(shorten("e\u0301e\u0301e\u0301e\u0301e\u0301", width)) <= width);
  }
  CHECK(short_frame("main.f /a/b/c.go:7", 13) == "main.f c.go:7");
  CHECK(short_frame("main.f /a/b/c.go:7", 12) == "main.f");
  CHECK(short_frame("main.handler /a/b/c.go:7", 8) == "mai…dler");
}

TEST_CASE("a command is one behind blanks of any kind", "[reports]") {
  for (const char* blank :
       {"", " ", "\t", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
        "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u202f", "\u205f", "\u3000"}) {
    CHECK(is_command(std::string(blank) + "::error::x"));
    CHECK(no_command(std::string(blank) + "::x") == std::string(blank) + "\\x3a:x");
  }
  for (const char* other : {"x", ":x", "\u200b", "\u2060"})
    CHECK_FALSE(is_command(std::string(other) + "::x"));
}

TEST_CASE("wrapping stays within the width and loses nothing", "[reports]") {
  CHECK(wrap("one two three", 0) == std::vector<std::string>{"one two three"});
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("abcdefgh ij", 4) == std::vector<std::string>{"abcd", "efgh", "ij"});
  CHECK(wrap("", 4) == std::vector<std::string>{""});
  CHECK(wrap("     ", 4) == std::vector<std::string>{""});
  for (size_t width = 2; width < 30; ++width) {
    std::string joined;
    for (const std::string& line :
         wrap("日本語のテキスト and a longer_word_without_a_break", width)) {
      CHECK(display_width(line) <= width);
      for (const char c : line) {
        if (c != ' ') joined += c;
      }
    }
    CHECK(joined == "日本語のテキストandalonger_word_without_a_break");
  }
}
