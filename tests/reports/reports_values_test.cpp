// Values of options: the same units for all of them.
#include <catch2/catch.hpp>

#include "reports/model/quantity.h"
#include "reports/model/values.h"

using namespace tracetool;
using Catch::Contains;

namespace {

int64_t ns_in(const char* text) {
  int64_t ns = -1;
  const ValueError error = parse_duration(text, ns);
  INFO(text << ": " << error.value_or(""));
  REQUIRE_FALSE(error);
  return ns;
}

template <class Value>
std::string refused(ValueError (*parse)(std::string_view, Value&), const char* text) {
  Value value{};
  const ValueError error = parse(text, value);
  INFO(text);
  REQUIRE(error);
  return *error;
}

uint64_t bytes_in(const char* text) {
  uint64_t bytes = 0;
  const ValueError error = parse_size(text, bytes);
  INFO(text << ": " << error.value_or(""));
  REQUIRE_FALSE(error);
  return bytes;
}

double share_in(const char* text) {
  double share = -1;
  REQUIRE_FALSE(parse_share(text, share));
  return share;
}

}  // namespace

TEST_CASE("durations in every unit, alone and together", "[values]") {
  CHECK(ns_in("0") == 0);
  CHECK(ns_in("7ns") == 7);
  CHECK(ns_in("250us") == 250'000);
  CHECK(ns_in("250\u00b5s") == 250'000);
  CHECK(ns_in("250\u03bcs") == 250'000);
  CHECK(ns_in("10ms") == 10'000'000);
  CHECK(ns_in("1.5s") == 1'500'000'000);
  CHECK(ns_in("1min") == 60'000'000'000);
  CHECK(ns_in("1m") == 60'000'000'000);
  CHECK(ns_in("1m30s") == 90'000'000'000);
  CHECK(ns_in("1min30s") == 90'000'000'000);
  CHECK(ns_in("1h2m3s4ms5us6ns") == 3'723'004'005'006);
  CHECK(ns_in("1m 30s") == 90'000'000'000);
  CHECK(ns_in("1.5 ms") == 1'500'000);
  CHECK(ns_in(".5s") == 500'000'000);
  CHECK(ns_in("+1s") == 1'000'000'000);
}

TEST_CASE("what is no duration is told with what is", "[values]") {
  CHECK(refused(parse_duration, "fast") == "\"fast\" is no duration; write 1.5s, 10ms or 250us");
  CHECK(refused(parse_duration, "5") == "\"5\" has no unit; write 1.5s, 10ms or 250us");
  CHECK(refused(parse_duration, "1m30") == "\"1m30\" has no unit; write 1.5s, 10ms or 250us");
  CHECK(refused(parse_duration, "5 parsecs") ==
        "\"parsecs\" is no unit of a duration; write 1.5s, 10ms or 250us");
  CHECK(refused(parse_duration, "-1s") == "\"-1s\" is negative");
  for (const char* text : {"", "s", "1m-30s", "1s,", "nan", "infs", "1e9s", "--1s", "1..5s"})
    CHECK_FALSE(refused(parse_duration, text).empty());
  CHECK(refused(parse_duration, "9999999h") == "\"9999999h\" is too large");
  CHECK_THAT(refused(parse_duration, "1\x1b"), Contains("\\x1b"));
}

TEST_CASE("sizes, shares and numbers", "[values]") {
  CHECK(bytes_in("4096") == 4096);
  CHECK(bytes_in("4096B") == 4096);
  CHECK(bytes_in("64MiB") == 64 << 20);
  CHECK(bytes_in("64M") == 64 << 20);
  CHECK(bytes_in("512K") == 512 << 10);
  CHECK(bytes_in("1.5GiB") == uint64_t{3} << 29);
  CHECK(bytes_in("1TiB") == uint64_t{1} << 40);
  CHECK(bytes_in("1MB") == 1'000'000);
  CHECK(refused(parse_size, "64ms") == "\"ms\" is no unit of a size; write 512B, 64KiB or 1.5MiB");
  CHECK(refused(parse_size, "-1") == "\"-1\" is negative");
  CHECK(refused(parse_size, "9999999999999TiB") == "\"9999999999999TiB\" is too large");

  CHECK(share_in("0") == 0);
  CHECK(share_in("40%") == Approx(0.4));
  CHECK(share_in("0.4") == 0.4);
  CHECK(share_in("100%") == 1);
  CHECK(refused(parse_share, "140%") == "\"140%\" is more than 1, the whole; write 12% or 0.12");
  CHECK(refused(parse_share, "x") == "\"x\" is no share; write 12% or 0.12");
  CHECK(refused(parse_share, "-1%") == "\"-1%\" is negative");

  uint64_t number = 0;
  CHECK_FALSE(parse_number("18446744073709551615", number));
  CHECK(number == UINT64_MAX);
  CHECK(refused(parse_number, "18446744073709551616") == "\"18446744073709551616\" is too large");
  CHECK(refused(parse_number, "1.5") == "\"1.5\" is not a whole number");
}

TEST_CASE("rules have the units that options have", "[values]") {
  const Measure ns{Unit::kNanoseconds, {}};
  CHECK(parse_quantity("1m30s", ns).value == 90e9);
  CHECK(parse_quantity("-1m30s", ns).value == -90e9);
  CHECK(parse_quantity("1ms500us/task", {Unit::kNanoseconds, "task"}).value == 1.5e6);
  CHECK_THAT(parse_quantity("5/s", {Unit::kNanoseconds, "s"}).error,
             Contains("has no unit; write 1.5s, 10ms or 250us, per s"));
}
