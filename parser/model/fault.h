// What can be wrong with an input, and where. Damaged input is a normal case here: a fault travels
// beside what could be read, never instead of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/model/loss.h"
#include "parser/model/memory_budget.h"

namespace tracetool {

enum class FaultKind : uint8_t {
  kUnreadable,   // the file cannot be opened, or is something else than a Go trace
  kUnsupported,  // a Go trace of a version that this program does not know
  kTruncated,    // the input ends too early
  kMalformed,    // bytes that no writer produces
  kInvalid,      // well-formed events that contradict each other
  kNote,         // unusual but harmless
};

struct Fault {
  FaultKind kind = FaultKind::kMalformed;
  std::string message;                  // a clause: "varint runs past the end of its batch"
  std::optional<uint64_t> offset = {};  // in the decompressed stream
  std::optional<uint64_t> generation = {};
  std::optional<int64_t> thread = {};
  std::string event = {};  // wire event name
  std::string field = {};  // name of its argument
  Loss lost = {};          // what is missing because of it

  /// "offset 0x1a2f: varint runs past … (generation 3, thread 7, GoStart, g_seq)"
  std::string describe() const;
  /// "generation 3, thread 7, GoStart, g_seq": what is known of it.
  std::string where() const;
};

/// "no memory is left for this generation and what is kept of the others: 2 GiB are allowed".
std::string no_memory_for(const char* what, const MemoryBudget& budget);

const char* name_of(FaultKind kind);  // "truncated", …

}  // namespace tracetool
