// Format 2 (Go 1.22 and later) as parser/formats.cpp lists it.
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
void read_format2(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts);
/// As WireFormat::record_name.
std::string_view record_name2(uint8_t type);
/// As WireFormat::can_begin.
bool can_begin2(int version, std::span<const uint8_t> bytes);

}  // namespace tracetool
