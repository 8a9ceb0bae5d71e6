#include "reports/encoding/go_json.h"

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_control(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out += {'\\', c};
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += {kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
  }
}

}  // namespace

void append_go_json(std::string& out, std::string_view text) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x80) {
      if (c >= ' ' && c != '"' && c != '\\')
        out += c;
      else
        append_control(out, c);
      ++i;
      continue;
    }
    const Decoded d = decode_utf8(text.substr(i));
    if (!d.valid) {
      out += "\\ufffd";
    } else if (d.code == 0x2028 || d.code == 0x2029) {
      out += "\\u202";
      out += kHex[d.code & 15];
    } else {
      out.append(text.substr(i, d.bytes));
    }
    i += d.bytes;
  }
  out += '"';
}

}  // namespace tracetool
