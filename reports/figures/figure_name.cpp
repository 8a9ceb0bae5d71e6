#include <cctype>

#include "reports/figures/figure.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// Reads an id from the left; the first error stays.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  FigureName parse() {
    words(name_.table);
    if (at_ < text_.size() && text_[at_] == '[') {
      selectors();
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        words(name_.column);
      }
      if (name_.column.empty()) fail("a column is missing behind the brackets");
    } else if (name_.table.size() < 2) {
      fail("write TABLE.COLUMN");
    }
    if (at_ < text_.size()) fail("unexpected \"" + clean(text_.substr(at_)) + '"');
    auto& last = name_.column.empty() ? name_.table : name_.column;
    if (last.size() > 1 && last.back() == "per_second") {
      last.pop_back();
      name_.per_second = true;
    }
    return std::move(name_);
  }

 private:
  void fail(const std::string& why) {
    if (name_.error.empty()) name_.error = '"' + clean(text_) + "\": " + why;
  }
  void words(std::vector<std::string>& into) {
    for (;;) {
      const size_t begin = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      if (at_ == begin) return fail("a name is missing");
      std::string word(text_.substr(begin, at_ - begin));
      for (char& c : word) c = c == '-' ? '_' : static_cast<char>(std::tolower(c));
      into.push_back(std::move(word));
      if (at_ >= text_.size() || text_[at_] != '.') return;
      ++at_;
    }
  }
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  void selectors() {
    do {
      ++at_;  // the bracket or comma
      blanks();
      FigureName::Selector selector;
      const size_t begin = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      if (at_ > begin) {
        selector.key = text_.substr(begin, at_ - begin);
        blanks();
        if (at_ >= text_.size() || text_[at_] != '=') return fail("names of rows stand in quotes");
        ++at_;
        blanks();
      }
      if (!quoted(selector.text)) return;
      name_.selectors.push_back(std::move(selector));
      blanks();
    } while (at_ < text_.size() && text_[at_] == ',');
    if (at_ >= text_.size() || text_[at_] != ']') return fail("\"]\" is missing");
    ++at_;
  }
  bool quoted(std::string& into) {
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote == '*') {
      into = "*";
      ++at_;
      return true;
    }
    if (quote != '"' && quote != '\'') {
      fail("names of rows stand in quotes");
      return false;
    }
    // A doubled quote stands for one.
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (!text_.substr(at_ + 1).starts_with(quote)) {
          ++at_;
          return true;
        }
        ++at_;
      }
      into += text_[at_];
    }
    fail("the quote does not end");
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
  FigureName name_;
};

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

FigureName parse_figure_name(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return Parser(text).parse();
}

}  // namespace tracetool
