#include "parser/format2/v2_walk.h"

#include "parser/format2/wire_spec.h"
#include "parser/wire/varint.h"

namespace tracetool {
namespace {

bool skip_varints(const uint8_t*& p, const uint8_t* end, uint64_t count, uint64_t& last) {
  VarintError error = VarintError::kNone;
  for (uint64_t i = 0; i < count && error == VarintError::kNone; ++i)
    last = varint_checked(p, end, error);
  return error == VarintError::kNone;
}

/// Moves behind a record. False if there is no whole one.
bool skip_record(const uint8_t*& p, const uint8_t* end) {
  const uint8_t type = *p++;
  const WireSpec& spec = wire_spec(type);
  const bool item =
      type == kWireBatch || type == kWireExperimentalBatch || type == kWireEndOfGeneration;
  if (spec.name.empty() || item) return false;
  uint64_t last = 0;
  const int fields = spec.arg_count() + (spec.timed ? 1 : 0);
  if (!skip_varints(p, end, static_cast<uint64_t>(fields), last)) return false;
  if (type == kWireStack) {
    uint64_t ignored;
    return last <= kMostFrames && skip_varints(p, end, 4 * last, ignored);
  }
  if (type != kWireString) return true;
  uint64_t length = 0;
  if (!skip_varints(p, end, 1, length) || length > static_cast<uint64_t>(end - p)) return false;
  p += length;
  return true;
}

}  // namespace

Walked walk_batch(std::span<const uint8_t> body, CaptureFacts::WireCount* counts) {
  Walked walked;
  const uint8_t* p = body.data();
  const uint8_t* const end = p + body.size();
  while (p != end) {
    const uint8_t* const at = p;
    const uint8_t type = *p;
    if (!skip_record(p, end)) break;
    const auto size = static_cast<size_t>(p - at);
    walked.bytes += size;
    walked.events += wire_spec(type).timed || type == kWireCpuSample;
    if (counts == nullptr) continue;
    ++counts[type].events;
    counts[type].bytes += size;
  }
  return walked;
}

}  // namespace tracetool
