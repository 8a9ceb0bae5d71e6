#include "tests/support/examples.h"

#include <algorithm>

namespace tracetool::test {
namespace {

const std::string kLeftOut = "…";

TextLines without_blank_end(TextLines lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::string first_wrong(const TextLines& given, const TextLines& printed) {
  const TextLines example = without_blank_end(given), output = without_blank_end(printed);
  auto at = output.begin();
  bool anywhere = false;  // what comes next need not follow at once
  for (auto part = example.begin(); part != example.end();) {
    if (*part == kLeftOut) {
      anywhere = true;
      ++part;
      continue;
    }
    const auto end = std::find(part, example.end(), kLeftOut);
    const auto length = end - part;
    auto found = at;
    if (anywhere && end == example.end()) {
      found = output.end() - std::min(length, output.end() - at);
    } else if (anywhere) {
      found = std::search(at, output.end(), part, end);
      if (found == output.end()) return *part;
    }
    const auto [wrong, other] = std::mismatch(part, end, found, output.end());
    if (wrong != end) return *wrong;
    at = found + length;
    part = end;
    anywhere = false;
  }
  return at == output.end() || anywhere ? "" : "(the end)";
}

TextLines updated(const TextLines& given, const TextLines& printed) {
  const TextLines example = without_blank_end(given), output = without_blank_end(printed);
  TextLines out;
  auto at = output.begin();
  auto line = example.begin();
  while (true) {
    // From what is in both to what is in both next.
    auto next = line;
    auto found = output.end();
    for (; next != example.end(); ++next) {
      if (*next == kLeftOut || next->empty()) continue;
      found = std::find(at, output.end(), *next);
      if (found != output.end()) break;
    }
    const auto left_out = std::find(line, next, kLeftOut);
    const auto between = found - at;
    if (left_out == next) {
      out.insert(out.end(), at, found);
    } else {
      const auto shown = std::min(left_out - line, between);
      out.insert(out.end(), at, at + shown);
      if (shown < between) out.push_back(kLeftOut);
    }
    if (next == example.end()) return out;
    out.push_back(*found);
    at = found + 1;
    line = next + 1;
  }
}

}  // namespace tracetool::test
