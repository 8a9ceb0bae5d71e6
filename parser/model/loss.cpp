#include "parser/model/loss.h"

#include <cstdio>

namespace tracetool {
namespace {

std::string grouped(uint64_t n) {
  std::string digits = std::to_string(n);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string seconds(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6fs", static_cast<double>(ns) / 1e9);
  return text;
}

/// "stacks of 30 of 400 events (7.5%)"
std::string share(const char* what, uint64_t n, uint64_t all) {
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.3g%%",
                100 * static_cast<double>(n) / static_cast<double>(all == 0 ? 1 : all));
  return std::string(what) + " of " + grouped(n) + " of " + counted(all, "event") + " (" + percent +
         ")";
}

}  // namespace

std::string counted(uint64_t n, const char* what) {
  return grouped(n) + " " + what + (n == 1 ? "" : "s");
}

std::string Loss::describe() const {
  std::string size;
  if (bytes && *bytes != 0) size = (at_least ? "at least " : "") + counted(*bytes, "byte");
  if (batches && *batches != 0)
    size +=
        (size.empty() ? "" : " in ") + grouped(*batches) + (*batches == 1 ? " batch" : " batches");
  std::string out;
  if (events && *events != 0) {
    out = counted(*events, "event");
    if (from && to && *from < *to) out += " from " + seconds(*from) + " to " + seconds(*to);
    // Perhaps of these events, perhaps of others that can no longer be counted.
    if (!size.empty()) out.append("; ").append(size).append(" not used");
  } else {
    out = size;
  }
  if (!whole.empty()) out = whole + (out.empty() ? "" : ": " + out);
  const auto add = [&out](const std::string& part) {
    if (!out.empty()) out += "; ";
    out += part;
  };
  if (!rest.empty()) add(rest);
  if (nameless != 0) add(share("names", nameless, delivered));
  if (stackless != 0) add(share("stacks", stackless, delivered));
  return out;
}

}  // namespace tracetool
