#include "parser/model/fault.h"

#include <charconv>

namespace tracetool {

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kUnreadable:
      return "unreadable";
    case FaultKind::kUnsupported:
      return "unsupported";
    case FaultKind::kTruncated:
      return "truncated";
    case FaultKind::kMalformed:
      return "malformed";
    case FaultKind::kInvalid:
      return "invalid";
    case FaultKind::kNote:
      return "note";
  }
  return "unknown";
}

std::string no_memory_for(const char* what, const MemoryBudget& budget) {
  uint64_t n = budget.most();
  const char* unit = n == 1 ? "byte" : "bytes";
  for (const char* larger : {"KiB", "MiB", "GiB"}) {
    if (n == 0 || n % 1024 != 0) break;
    n /= 1024;
    unit = larger;
  }
  return std::string("no memory is left for ") + what + ": " + std::to_string(n) + " " + unit +
         " are allowed for what has to be kept (--max-memory)";
}

std::string Fault::where() const {
  std::string out;
  const auto add = [&out](const std::string& part) {
    if (part.empty()) return;
    if (!out.empty()) out += ", ";
    out += part;
  };
  if (generation) add("generation " + std::to_string(*generation));
  if (thread)
    add(*thread == -1 ? "no thread" : "thread " + std::to_string(static_cast<uint64_t>(*thread)));
  add(event);
  add(field);
  return out;
}

std::string Fault::describe() const {
  std::string out;
  if (offset) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, *offset, 16).ptr;
    out.append("offset 0x").append(digits, end).append(": ");
  }
  out += message;
  if (const std::string place = where(); !place.empty()) out.append(" (").append(place).append(")");
  if (!lost.empty()) out.append("; missing: ").append(lost.describe());
  return out;
}

}  // namespace tracetool
