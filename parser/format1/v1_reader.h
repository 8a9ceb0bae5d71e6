// Format 1 (Go 1.7 to 1.21) as parser/formats.cpp lists it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "parser/input/byte_source.h"
#include "parser/model/facts.h"
#include "parser/model/tables.h"

namespace tracetool {

class Recorder;

/// As WireFormat::read.
void read_format1(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts);
/// As WireFormat::record_name.
std::string_view record_name1(uint8_t type);
/// As WireFormat::can_begin.
bool can_begin1(int version, std::span<const uint8_t> bytes);

}  // namespace tracetool
