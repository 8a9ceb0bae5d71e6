#include "reports/words/utf8.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tracetool {
namespace {

struct Range {
  char32_t first, last;
};

// Both lists are sorted. They leave out rare scripts: a wrong width costs alignment, nothing else.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x093C, 0x093C}, {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1ACE}, {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20F0},
    {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
};
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x23F0, 0x23F0},   {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x303E},
    {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F90C, 0x1F9FF},
    {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

template <size_t N>
bool contains(const Range (&ranges)[N], char32_t code) {
  const auto* at = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                    [](char32_t c, const Range& r) { return c < r.first; });
  return at != std::begin(ranges) && code <= (at - 1)->last;
}

size_t width_of(char32_t code) {
  if (code < 0x300) return 1;
  if (contains(kZeroWidth, code)) return 0;
  return contains(kWide, code) ? 2 : 1;
}

bool harmful(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) ||                       // C0, DEL, C1
         code == 0xAD || code == 0x61C || code == 0x200B || code == 0xFEFF ||  // invisible
         code == 0x200E || code == 0x200F ||                                   // direction
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
         (code >= 0xFFF0 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}

void append_escape(std::string& out, char32_t code) {
  constexpr char kHex[] = "0123456789abcdef";
  if (code == '\n') {
    out += "\\n";
  } else if (code == '\r') {
    out += "\\r";
  } else if (code == '\t') {
    out += "\\t";
  } else if (code < 0x100) {
    out += {'\\', 'x', kHex[code >> 4], kHex[code & 15]};
  } else {
    std::string digits;
    for (; code != 0; code >>= 4) digits.insert(digits.begin(), kHex[code & 15]);
    out += "\\u{" + digits + "}";
  }
}

// Bytes of the longest prefix that takes at most `width` columns, combining characters included.
size_t prefix(std::string_view text, size_t width) {
  size_t at = 0;
  while (at < text.size()) {
    const Decoded next = decode_utf8(text.substr(at));
    const size_t columns = width_of(next.code);
    if (columns > width) break;
    width -= columns;
    at += next.bytes;
  }
  return at;
}

// Nearly all text is, and needs no decoding.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_blank(char32_t code) {
  return code == ' ' || code == '\t' || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F || code == 0x3000;
}

/// Two of them, perhaps a word, and a bracket.
constexpr std::string_view kCommand = "##";

bool begins_command(std::string_view text) {
  if (!text.starts_with(kCommand)) return false;
  text.remove_prefix(kCommand.size());
  while (!text.empty() &&
         ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z')))
    text.remove_prefix(1);
  return text.starts_with('[');
}

}  // namespace

Decoded decode_utf8(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  constexpr Decoded kInvalid{0xFFFD, 1, false};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return kInvalid;
  char32_t code = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kInvalid;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[bytes] || code > 0x10FFFF || surrogate) return kInvalid;
  return {code, bytes, true};
}

std::string clean(std::string_view text, std::string_view keep) {
  if (is_plain(text) && text.find(kCommand) == text.npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode_utf8(text);
    if (!next.valid) {
      out += "\uFFFD";
    } else if (harmful(next.code) &&
               (next.code >= 0x80 || keep.find(text[0]) == std::string_view::npos)) {
      append_escape(out, next.code);
    } else if (begins_command(text)) {
      append_escape(out, next.code);
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

bool is_command(std::string_view line) {
  while (!line.empty()) {
    const Decoded next = decode_utf8(line);
    if (!is_blank(next.code)) break;
    line.remove_prefix(next.bytes);
  }
  return line.starts_with("::");
}

std::string no_command(std::string line) {
  if (is_command(line)) line.replace(line.find("::"), 1, "\\x3a");
  return line;
}

size_t display_width(std::string_view text) {
  if (is_plain(text)) return text.size();
  size_t width = 0;
  while (!text.empty()) {
    const Decoded next = decode_utf8(text);
    width += width_of(next.code);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string shorten(std::string_view text, size_t width) {
  const size_t full = display_width(text);
  if (full <= width) return std::string(text);
  if (width == 0) return {};
  const size_t head = (width - 1) / 2;
  const size_t tail = width - 1 - head;
  size_t cut = prefix(text, full - tail);
  // A wide character across the cut would make the tail one column too wide.
  if (display_width(text.substr(cut)) > tail) cut += decode_utf8(text.substr(cut)).bytes;
  while (cut < text.size() && width_of(decode_utf8(text.substr(cut)).code) == 0) {
    cut += decode_utf8(text.substr(cut)).bytes;
  }
  return std::string(text.substr(0, prefix(text, head))) + "…" + std::string(text.substr(cut));
}

std::vector<std::string> wrap(std::string_view text, size_t width) {
  if (width == 0 || display_width(text) <= width) return {std::string(text)};
  std::vector<std::string> lines(1);
  size_t used = 0;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    size_t columns = display_width(word);
    if (used > 0 && used + 1 + columns > width) {
      lines.emplace_back();
      used = 0;
    }
    for (; columns > width; columns = display_width(word)) {
      const size_t piece = std::max(prefix(word, width), decode_utf8(word).bytes);
      lines.back() += word.substr(0, piece);
      lines.emplace_back();
      word.remove_prefix(piece);
    }
    if (word.empty()) continue;
    if (used > 0) lines.back() += ' ';
    lines.back() += word;
    used += columns + (used > 0 ? 1 : 0);
  }
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string short_frame(std::string_view frame, size_t width) {
  const size_t space = frame.find(' ');
  const std::string function = clean(frame.substr(0, space));
  if (space == std::string_view::npos) return width == 0 ? function : shorten(function, width);
  std::string_view place = frame.substr(space + 1);
  if (const size_t slash = place.rfind('/'); slash != std::string_view::npos) {
    place.remove_prefix(slash + 1);
  }
  std::string whole = function + " " + clean(place);
  if (width == 0 || display_width(whole) <= width) return whole;
  return shorten(function, width);
}

}  // namespace tracetool
