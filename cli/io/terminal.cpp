#include "cli/io/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace tracetool {

/// 0 for what is not the width of any terminal.
static size_t sane_width(const char* text) {
  constexpr size_t kLeast = 24, kMost = 10000;
  if (text == nullptr) return 0;
  const std::string_view digits = text;
  size_t width = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), width);
  const bool number = failed == std::errc() && end == digits.data() + digits.size();
  return number && width >= kLeast && width <= kMost ? width : 0;
}

Terminal detect_terminal() {
  Terminal t;
  t.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  t.err_is_terminal = isatty(STDERR_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  t.no_color = (no_color != nullptr && *no_color != '\0') ||
               (term != nullptr && std::string_view(term) == "dumb");
  winsize size{};
  if (t.out_is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) t.width = size.ws_col;
  t.columns = sane_width(std::getenv("COLUMNS"));
  return t;
}

}  // namespace tracetool
