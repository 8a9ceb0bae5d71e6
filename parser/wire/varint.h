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

/// What follows three bytes that all had more to come, which is rare: kept out of the callers'
/// code. nullptr if the varint has more than 64 bits.
[[gnu::noinline]] inline const uint8_t* varint_long(const uint8_t* p, uint64_t& value) {
  VarintError error = VarintError::kNone;
  value = varint_rest(p, p + 10, value, 21, error);
  return error == VarintError::kNone ? p : nullptr;
}

/// Without bounds: ten bytes must be readable at `p`. Returns where the next field begins, nullptr
/// for a varint of more than 64 bits. One, two and three bytes are unrolled because nearly all
/// values are that short (docs/performance.md).
[[gnu::always_inline]] inline const uint8_t* varint_fast(const uint8_t* p, uint64_t& out) {
  const uint64_t a = p[0];
  if (a < 0x80) [[likely]] {
    out = a;
    return p + 1;
  }
  const uint64_t b = p[1];
  if (b < 0x80) [[likely]] {
    out = (a & 0x7F) | b << 7;
    return p + 2;
  }
  const uint64_t c = p[2];
  const uint64_t low = (a & 0x7F) | (b & 0x7F) << 7;
  if (c < 0x80) {
    out = low | c << 14;
    return p + 3;
  }
  uint64_t value = low | (c & 0x7F) << 14;
  p = varint_long(p + 3, value);
  out = value;
  return p;
}

}  // namespace tracetool
