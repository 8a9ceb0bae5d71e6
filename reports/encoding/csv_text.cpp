#include "reports/encoding/csv_text.h"

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// Line breaks that would make a command of what follows become visible.
std::string without_commands(std::string text) {
  if (text.find("::") == text.npos) return text;
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool command =
        (c == '\n' || c == '\r') && is_command(std::string_view(text).substr(at + 1));
    if (command) {
      out += c == '\n' ? "\\n" : "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

bool needs_mark(std::string_view text) {
  constexpr std::string_view kRisky = "=+-@\t\r\n'";
  return !text.empty() && (kRisky.find(text.front()) != kRisky.npos || is_command(text));
}

std::string quoted(std::string_view text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos;
  const bool padded = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (plain && !padded) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string csv_safe(std::string_view text) {
  std::string safe = without_commands(clean(text, "\n\r\t"));
  if (needs_mark(safe)) safe.insert(0, 1, '\'');
  return safe;
}

std::string csv_text(std::string_view text) { return quoted(csv_safe(text)); }

}  // namespace tracetool
