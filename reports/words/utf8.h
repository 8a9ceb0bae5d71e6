// Text of unknown origin on a terminal: names in a trace are arbitrary bytes, and could move the
// cursor or reorder a line if they were printed as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool {

/// One character, and how many bytes it took. Bytes that are not UTF-8 come one at a time, as
/// U+FFFD with `valid` false.
struct Decoded {
  char32_t code = 0;
  size_t bytes = 0;
  bool valid = true;
};
/// Decodes the start of `text`, which must not be empty.
Decoded decode_utf8(std::string_view text);

/// Valid UTF-8 on one line: invalid bytes become U+FFFD; control characters, line separators and
/// characters that change the direction of text become visible escapes such as \x1b. So does the
/// first character of "##[" and "##name[", by which build services know a command wherever it
/// stands.
/// `keep` lists ASCII control characters to leave alone.
std::string clean(std::string_view text, std::string_view keep = {});

/// Whether a build service would take the line for a command of its own: "::" behind any blanks.
bool is_command(std::string_view line);
/// Such a line with an escape for the first colon, any other as it is: for all that is text.
std::string no_command(std::string line);

/// Terminal columns that `text` takes; wide characters count 2, combining ones 0. Expects the
/// outcome of clean().
size_t display_width(std::string_view text);

/// At most `width` columns, with "…" in the middle when something had to go.
std::string shorten(std::string_view text, size_t width);

/// Lines of at most `width` columns, broken at spaces where possible. A width of 0 breaks nothing.
std::vector<std::string> wrap(std::string_view text, size_t width);

/// "function file:line" with the directory left out; with `width` > 0 the place goes when it does
/// not fit, and then the middle of the function's name.
std::string short_frame(std::string_view frame, size_t width = 0);

}  // namespace tracetool
