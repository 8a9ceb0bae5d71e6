// Where a further trace begins behind one that was cut: inside what would have been its next
// record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "parser/input/byte_source.h"
#include "parser/model/loss.h"

namespace tracetool {

inline constexpr size_t kNowhere = ~size_t{0};

/// Where the header of a trace stands in these bytes, whatever is around it.
size_t find_header(std::span<const uint8_t> bytes);
/// The same for a header that something follows which a trace can begin with: a header in a
/// program's text is none. Only for what could not be read, as it looks at every byte.
size_t find_trace(std::span<const uint8_t> bytes);

/// Reads on to the end of the input, or to where another trace begins, for the size of what cannot
/// be understood. Gives up on what looks endless: then `loss` says "at least".
void skip_rest(ByteSource& source, Loss& loss);

}  // namespace tracetool
