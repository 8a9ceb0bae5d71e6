// How large a slot of a heap span is: the size classes of Go's allocator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tracetool {

/// Bytes of a slot by size class, the same in Go 1.23 to 1.27; class 0 is one large object a span.
inline constexpr std::array<uint32_t, 68> kSizeClasses = {
    0,     8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,  160,   176,
    192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,  512,   576,
    640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304, 2688,  3072,
    3200,  3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728, 10240, 10880,
    12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};

/// A span as its event describes it.
struct SpanKind {
  uint64_t bits = 0;  // "kindclass"

  bool heap() const { return (bits & 1) == 0; }
  bool known() const { return heap() ? size_class() < kSizeClasses.size() : bits == 1; }
  bool large() const { return size_class() == 0; }
  /// Slots that several small objects without pointers share.
  bool tiny() const { return bits == (2u << 2 | 1u << 1); }
  uint64_t size_class() const { return bits >> 2; }
};

}  // namespace tracetool
