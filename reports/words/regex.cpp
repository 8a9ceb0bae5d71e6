#include "reports/words/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// What an expression and its automaton may take together.
constexpr int64_t kMostMemory = 8 << 20;
constexpr size_t kLongest = 100'000;
/// Without an automaton each character takes as many steps as there are: 20 µs were measured for
/// (a?){1000}.
constexpr int kMostSteps = 5000;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

/// `text` itself if it is UTF-8; else a copy in `room` with each byte that is none as a character.
std::string_view as_utf8(std::string_view text, std::string& room) {
  if (is_ascii(text)) return text;
  bool valid = true;
  for (std::string_view rest = text; !rest.empty();) {
    const Decoded next = decode_utf8(rest);
    if (next.valid) {
      room += rest.substr(0, next.bytes);
    } else {
      const auto byte = static_cast<unsigned char>(rest[0]);
      room += static_cast<char>(0xC0 | byte >> 6);
      room += static_cast<char>(0x80 | (byte & 0x3F));
      valid = false;
    }
    rest.remove_prefix(next.bytes);
  }
  return valid ? text : std::string_view(room);
}

std::string in_quotes(std::string_view text) { return '"' + shorten(clean(text), 60) + '"'; }

bool is_back_reference(std::string_view escape) {
  return escape.size() >= 2 && ((escape[1] >= '1' && escape[1] <= '9') || escape[1] == 'k');
}

/// Of several possible places none is named.
std::string place_of(std::string_view part, std::string_view pattern) {
  const size_t at = pattern.find(part);
  if (part.empty() || at == pattern.npos || pattern.find(part, at + 1) != pattern.npos) return {};
  size_t characters = 1;
  for (std::string_view rest = pattern.substr(0, at); !rest.empty(); ++characters)
    rest.remove_prefix(decode_utf8(rest).bytes);
  return " at character " + std::to_string(characters);
}

std::string what_is_wrong(const re2::RE2& compiled, std::string_view pattern) {
  const std::string& part = compiled.error_arg();
  const bool whole = part.empty() || part == pattern;
  const auto with = [&](const std::string& what) {
    return what + (whole ? "" : " " + in_quotes(part) + place_of(part, pattern));
  };
  switch (compiled.error_code()) {
    case re2::RE2::ErrorMissingParen:
      return "a ( without its )";
    case re2::RE2::ErrorUnexpectedParen:
      return "a ) without its (";
    case re2::RE2::ErrorMissingBracket:
      return "a [ without its ]" + place_of(part, pattern);
    case re2::RE2::ErrorTrailingBackslash:
      return "a \\ at its end";
    case re2::RE2::ErrorBadEscape:
      if (is_back_reference(part)) return with("no back-references, as");
      return with("unknown escape");
    case re2::RE2::ErrorBadCharClass:
      return with("unknown class of characters");
    case re2::RE2::ErrorBadCharRange:
      return with("no range of characters:");
    case re2::RE2::ErrorRepeatArgument:
      return with("nothing to repeat before") + (whole ? " " + in_quotes(pattern) : "");
    case re2::RE2::ErrorRepeatSize:
      return with("at most 1000 repetitions, not") + (whole ? " " + in_quotes(pattern) : "");
    case re2::RE2::ErrorRepeatOp:
      return with("repeated twice:");
    case re2::RE2::ErrorBadPerlOp:
      if (part == "(?=" || part == "(?!" || part == "(?<") return with("no look-around, as");
      return with("unknown group");
    case re2::RE2::ErrorBadNamedCapture:
      return with("no name of a group:");
    case re2::RE2::ErrorPatternTooLarge:
      return "too large";
    default:
      return compiled.error() + (whole ? "" : " " + in_quotes(part));
  }
}

}  // namespace

std::optional<Regex> Regex::of(std::string_view pattern, std::string& error) {
  if (pattern.size() > kLongest) {
    error = in_quotes(pattern) + " is no regular expression: too large";
    return std::nullopt;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  std::string room;
  const std::string_view text = as_utf8(pattern, room);
  auto compiled = std::make_shared<const re2::RE2>(piece(text), options);
  if (compiled->ok() && compiled->ProgramSize() <= kMostSteps) return Regex(std::move(compiled));
  error = in_quotes(pattern) + " is no regular expression: " +
          (compiled->ok() ? "too large" : what_is_wrong(*compiled, text));
  return std::nullopt;
}

bool Regex::found_in(std::string_view text) const {
  std::string room;
  const std::string_view valid = as_utf8(text, room);
  return compiled_->Match(piece(valid), 0, valid.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace tracetool
