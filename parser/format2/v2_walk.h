// Records of format 2 counted without being understood: what a file holds, and what of it was lost.
#pragma once

#include <cstdint>
#include <span>

#include "parser/model/facts.h"

namespace tracetool {

struct Walked {
  uint64_t events = 0;  // those of a thread's stream, and CPU samples
  size_t bytes = 0;     // of whole records: less than the body has if it is damaged or cut
};

/// Walks the body of a batch. With `counts` each record is added to its type's row.
Walked walk_batch(std::span<const uint8_t> body, CaptureFacts::WireCount* counts = nullptr);

}  // namespace tracetool
