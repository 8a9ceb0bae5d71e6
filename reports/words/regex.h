// Regular expressions as users write them, over names and messages of unknown origin.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace tracetool {

/// Searching takes time in proportion to the text, whatever the expression. Text is UTF-8; a byte
/// that is none counts as the character of that number, so that any text can be matched.
class Regex {
 public:
  /// Nothing where `pattern` is no expression: `error` then says what is wrong with it, and where.
  static std::optional<Regex> of(std::string_view pattern, std::string& error);
  /// Whether it matches any part of `text`. May be asked by several threads.
  bool found_in(std::string_view text) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace tracetool
