// The text form of wire events, as Go's own tools print it.
#pragma once

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tracetool {

inline void append_number(std::string& out, uint64_t number, int base = 10) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number, base).ptr);
}

/// A Go string literal of ASCII characters.
inline void append_quoted(std::string& out, std::span<const uint8_t> bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const uint8_t byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out += {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : 'r'};
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  out += '"';
}

/// " field=7"
inline void append_field(std::string& out, const char* before, std::string_view field,
                         uint64_t value) {
  out.append(before).append(field).append("=");
  append_number(out, value);
}

}  // namespace tracetool
