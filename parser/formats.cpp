// The versions of the wire format: one row each.
#include "parser/format1/v1_raw.h"
#include "parser/format1/v1_reader.h"
#include "parser/format2/v2_raw.h"
#include "parser/format2/v2_reader.h"
#include "parser/format2/wire_spec.h"
#include "parser/model/wire_version.h"

namespace tracetool {
namespace {

constexpr WireFormat kFormat1 = {.read = read_format1,
                                 .list = read_raw1,
                                 .record_name = record_name1,
                                 .can_begin = can_begin1,
                                 .streams = false};
constexpr WireFormat kFormat2 = {.read = read_format2,
                                 .list = read_raw2,
                                 .record_name = record_name2,
                                 .can_begin = can_begin2,
                                 .streams = true};

// Go 1.5 and 1.6 write no symbols.
constexpr WireVersion kVersions[] = {
    {5, "Go 1.5, 1.6"},
    {7, "Go 1.7", &kFormat1},
    {8, "Go 1.8", &kFormat1},
    {9, "Go 1.9", &kFormat1},
    {10, "Go 1.10", &kFormat1},
    {11, "Go 1.11 to 1.18", &kFormat1},
    {19, "Go 1.19, 1.20", &kFormat1},
    {21, "Go 1.21", &kFormat1},
    {22, "Go 1.22", &kFormat2},
    {23, "Go 1.23, 1.24", &kFormat2},
    {25, "Go 1.25", &kFormat2},
    {26, "Go 1.26, 1.27", &kFormat2},
};

}  // namespace

std::span<const WireVersion> wire_versions() { return kVersions; }

ExperimentalRecord experimental_record(uint8_t type) {
  const WireSpec& spec = wire_spec(type);
  return {spec.name, spec.arg_count()};
}

}  // namespace tracetool
