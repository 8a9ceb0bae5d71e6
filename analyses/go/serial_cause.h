// What others wait for while one P runs alone: the words that `parallelism` tells it in, and that a
// finding reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tracetool {

/// Of several the first: who holds a lock or makes others assist holds up even those that wait for
/// yet other goroutines.
enum class SerialCause : uint8_t { kLock, kCollector, kProc, kOthers, kNothing };
inline constexpr size_t kSerialCauses = 5;
inline constexpr std::array<const char*, kSerialCauses> kSerialCauseNames = {
    "lock", "collector", "P", "other goroutines", "nothing"};

/// So much of the Ps' time is good use of them.
inline constexpr double kWellUsed = 0.6;

}  // namespace tracetool
