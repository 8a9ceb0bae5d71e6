// Where a further trace begins behind one that was cut: inside what would have been its next
// record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "parser/format1/v1_wire.h"

namespace tracetool {

inline constexpr size_t kNowhere = ~size_t{0};

/// Where the header of a trace stands in these bytes, whatever is around it.
size_t find_header(std::span<const uint8_t> bytes);
/// The same for a header that something follows which a trace can begin with: a header in a
/// program's text is none. Only for what could not be read, as it looks at every byte.
size_t find_trace(std::span<const uint8_t> bytes);

/// Whether these bytes can be so many records of format 1, as far as they go.
bool can_be_records(const v1::Layout& layout, std::span<const uint8_t> bytes, int count);

}  // namespace tracetool
