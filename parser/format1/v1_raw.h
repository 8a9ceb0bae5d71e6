// The records of format 1 one by one, as they stand in the file.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "parser/input/byte_source.h"
#include "parser/model/fault.h"

namespace tracetool {

/// As read_raw2, for Go 1.7 to 1.21: "GoStart dt=12 g=5 seq=3" and the record's offset as a
/// comment.
std::optional<Fault> read_raw1(ByteSource& source, int version,
                               const std::function<bool(std::string_view)>& line);

}  // namespace tracetool
