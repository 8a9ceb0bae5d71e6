// Expressions of users: what they match, what is said of bad ones, and that no text makes them
// slow.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "reports/words/regex.h"

using namespace tracetool;
using Catch::Contains;

namespace {

bool found(const std::string& pattern, const std::string& text) {
  std::string error;
  const auto regex = Regex::of(pattern, error);
  INFO(pattern << ": " << error);
  REQUIRE(regex);
  return regex->found_in(text);
}

std::string refused(const std::string& pattern) {
  std::string error;
  CHECK_FALSE(Regex::of(pattern, error));
  return error;
}

}  // namespace

TEST_CASE("an expression is searched for, with regard to case", "[regex]") {
  CHECK(found("work", "main.worker"));
  CHECK_FALSE(found("Work", "main.worker"));
  CHECK(found("(?i)WORK", "main.worker"));
  CHECK_FALSE(found("^work", "main.worker"));
  CHECK(found("^main\\.w.*r$", "main.worker"));
  CHECK(found("", ""));
  CHECK(found("^$", ""));
  CHECK(found("(a|b){2}\\d+[[:alpha:]]", "xab12c"));
}

TEST_CASE("a dot stops at the end of a line, and $ is the end of all", "[regex]") {
  CHECK_FALSE(found("a.b", "a\nb"));
  CHECK(found("(?s)a.b", "a\nb"));
  CHECK_FALSE(found("a$", "a\nb"));
  CHECK(found("(?m)a$", "a\nb"));
  CHECK(found("a.b", std::string("a\0b", 3)));
}

TEST_CASE("characters are matched as they are read, bytes that are none as Latin-1", "[regex]") {
  CHECK(found("^.$", "é"));
  CHECK(found("^[äé]$", "é"));
  CHECK(found("(?i)É", "é"));
  CHECK(found("^a.b$",
              "a\xff"
              "b"));
  CHECK(found("^...$", "\xff\xc3\xa9\xfe"));
  CHECK(found("\\xff", "a\xff"));
  CHECK_FALSE(found("\\xfe", "a\xff"));
  CHECK(found("\xff", "a\xff"));
  CHECK(found("^é$", "\xe9"));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    CHECK(found("(?s)^.$", text));
    CHECK(found("^[\\x00-\\xff]$", text));
  }
}

TEST_CASE("long texts and bad expressions take no time", "[regex]") {
  const auto begin = std::chrono::steady_clock::now();
  const std::string million(1'000'000, 'a');
  CHECK(found(".*", million));
  CHECK(found("^(a*)*$", million));
  CHECK_FALSE(found("(a*)*z", million));
  CHECK_FALSE(found("(a|aa)+z", million));
  CHECK_FALSE(found("(.*)*x", million));
  CHECK_FALSE(found("a{1000}z", million));
  CHECK_FALSE(found("(a?){20}a{20}z", million));
  CHECK(found("(x+x+)+y|a$", million));
  // Seconds would be a fault, and backtracking takes years.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE("what is wrong with an expression, and where", "[regex]") {
  CHECK(refused("(ab") == "\"(ab\" is no regular expression: a ( without its )");
  CHECK(refused("ab)") == "\"ab)\" is no regular expression: a ) without its (");
  CHECK_THAT(refused("é[ab"), Contains("a [ without its ] at character 2"));
  CHECK_THAT(refused("ab\\"), Contains("a \\ at its end"));
  CHECK_THAT(refused("ab\\q"), Contains("unknown escape \"\\q\" at character 3"));
  CHECK_THAT(refused("(a)\\1"), Contains("no back-references, as \"\\1\" at character 4"));
  CHECK_THAT(refused("a(?=b)"), Contains("no look-around, as \"(?=\" at character 2"));
  CHECK_THAT(refused("(?<!b)a"), Contains("no look-around, as"));
  CHECK_THAT(refused("a[z-b]"), Contains("no range of characters: \"z-b\" at character 3"));
  CHECK_THAT(refused("a|*b"), Contains("nothing to repeat before \"*\" at character 3"));
  CHECK_THAT(refused("*"), Contains("nothing to repeat before \"*\""));
  CHECK_THAT(refused("a**"), Contains("repeated twice: \"**\" at character 2"));
  CHECK_THAT(refused("a{2000}"), Contains("at most 1000 repetitions, not \"{2000}\""));
  CHECK_THAT(refused("(?z)"), Contains("unknown group \"(?z\""));
  CHECK_THAT(refused("(?P<n"), Contains("no name of a group"));
  // Of two places it is not known which.
  CHECK_THAT(refused("a*(*)"), Contains("nothing to repeat before \"*\"") && !Contains("at char"));
}

TEST_CASE("expressions are bounded", "[regex]") {
  CHECK_THAT(refused("((a{100}){100}){100}"), Contains("repetitions"));
  CHECK_THAT(refused(std::string(200'000, '(')), Contains("too large"));
  std::string classes;
  for (int i = 0; i < 5'000; ++i) classes += "\\pL";
  CHECK_THAT(refused(classes), Contains("too large"));
  CHECK(refused(classes).size() < 200);
  // These would take a millisecond at each character.
  const auto times = [](size_t n, const std::string& part) {
    std::string all;
    for (size_t i = 0; i < n; ++i) all += part;
    return all;
  };
  for (const std::string& dear :
       {times(20, "(.?){1000}"), times(20, "(..?){900}"), times(10, "(|.|..){900}"),
        times(40, "([^ab]{0,999}[ab])"), std::string("(.?){1000}")})
    CHECK_THAT(refused(dear + "\\x00"), Contains("too large"));
  CHECK(found("^\\w{1,1000}$", std::string(1'000, 'a')));
  CHECK(found("\\pL\\pL\\pL", "abc"));
  CHECK(found(std::string(1'000, '(') + "a" + std::string(1'000, ')'), "a"));
}

TEST_CASE("an expression with control characters is told in one harmless line", "[regex]") {
  const std::string error = refused("\x1b[31m(\n");
  CHECK(error.find('\x1b') == error.npos);
  CHECK(error.find('\n') == error.npos);
  CHECK_THAT(error, Contains("\\x1b[31m(\\n"));
}
