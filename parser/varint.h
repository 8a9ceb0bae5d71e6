// LEB128, as both formats use it: at most 10 bytes, zero padding allowed.
#pragma once

#include <cstdint>

namespace tracetool {

enum class VarintError : uint8_t { kNone, kShort, kTooLong };

/// The rest of a varint whose first three bytes all had more to follow. Reads below `end` only.
inline uint64_t varint_rest(const uint8_t*& p, const uint8_t* end, uint64_t value, int shift,
                            VarintError& error) {
  for (;; shift += 7) {
    if (p == end) {
      error = VarintError::kShort;
      return 0;
    }
    const uint64_t b = *p++;
    if (shift == 63 && b > 1) {
      error = VarintError::kTooLong;
      return 0;
    }
    value |= (b & 0x7F) << shift;
    if (b < 0x80) return value;
  }
}

/// With bounds; `error` is set (and left alone if there is none).
inline uint64_t varint_checked(const uint8_t*& p, const uint8_t* end, VarintError& error) {
  return varint_rest(p, end, 0, 0, error);
}

/// Without bounds for the short forms: at least three bytes must be readable at `p`. One, two and
/// three bytes are unrolled because nearly all values are that short (docs/performance.md).
inline uint64_t varint_fast(const uint8_t*& p, const uint8_t* end, VarintError& error) {
  uint64_t b = *p++;
  if (b < 0x80) [[likely]]
    return b;
  uint64_t value = b & 0x7F;
  b = *p++;
  if (b < 0x80) [[likely]]
    return value | b << 7;
  value |= (b & 0x7F) << 7;
  b = *p++;
  if (b < 0x80) return value | b << 14;
  value |= (b & 0x7F) << 14;
  return varint_rest(p, end, value, 21, error);
}

}  // namespace tracetool
