// What bytes look like that are records.
#pragma once

#include <cstdint>
#include <span>

#include "parser/format1/v1_wire.h"

namespace tracetool::v1 {

/// Whether these bytes can be so many records of format 1, as far as they go.
bool can_be_records(const Layout& layout, std::span<const uint8_t> bytes, int count);

}  // namespace tracetool::v1
