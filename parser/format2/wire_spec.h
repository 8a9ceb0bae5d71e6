// The wire events of format 2: one row an event, read by decoder, raw dump and tests' trace
// builder.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tracetool {

/// Type bytes of format 2.
enum WireType : uint8_t {
  kWireBatch = 1,
  kWireStacks = 2,
  kWireStack = 3,
  kWireStrings = 4,
  kWireString = 5,
  kWireCpuSamples = 6,
  kWireCpuSample = 7,
  kWireFrequency = 8,
  kWireProcsChange = 9,
  kWireProcStart = 10,
  kWireProcStop = 11,
  kWireProcSteal = 12,
  kWireProcStatus = 13,
  kWireGoCreate = 14,
  kWireGoCreateSyscall = 15,
  kWireGoStart = 16,
  kWireGoDestroy = 17,
  kWireGoDestroySyscall = 18,
  kWireGoStop = 19,
  kWireGoBlock = 20,
  kWireGoUnblock = 21,
  kWireGoSyscallBegin = 22,
  kWireGoSyscallEnd = 23,
  kWireGoSyscallEndBlocked = 24,
  kWireGoStatus = 25,
  kWireSTWBegin = 26,
  kWireSTWEnd = 27,
  kWireGCActive = 28,
  kWireGCBegin = 29,
  kWireGCEnd = 30,
  kWireGCSweepActive = 31,
  kWireGCSweepBegin = 32,
  kWireGCSweepEnd = 33,
  kWireGCMarkAssistActive = 34,
  kWireGCMarkAssistBegin = 35,
  kWireGCMarkAssistEnd = 36,
  kWireHeapAlloc = 37,
  kWireHeapGoal = 38,
  kWireGoLabel = 39,
  kWireUserTaskBegin = 40,
  kWireUserTaskEnd = 41,
  kWireUserRegionBegin = 42,
  kWireUserRegionEnd = 43,
  kWireUserLog = 44,
  kWireGoSwitch = 45,
  kWireGoSwitchDestroy = 46,
  kWireGoCreateBlocked = 47,
  kWireGoStatusStack = 48,
  kWireExperimentalBatch = 49,
  kWireSync = 50,
  kWireClockSnapshot = 51,
  kWireEndOfGeneration = 52,
  kWireSpan = 128,
  kWireSpanAlloc = 129,
  kWireSpanFree = 130,
  kWireHeapObject = 131,
  kWireHeapObjectAlloc = 132,
  kWireHeapObjectFree = 133,
  kWireGoroutineStack = 134,
  kWireGoroutineStackAlloc = 135,
  kWireGoroutineStackFree = 136,
};

/// Experimental batches of allocation events (GODEBUG=traceallocfree=1), and the first byte of
/// their two kinds.
inline constexpr uint8_t kAllocFreeExperiment = 1;
inline constexpr uint8_t kAllocFreeTypes = 0, kAllocFreeInfo = 1;

inline constexpr size_t kMostWireArgs = 4;
inline constexpr uint64_t kMostBatchBytes = 65536;
inline constexpr uint64_t kMostStringBytes = 1024;
inline constexpr uint64_t kMostFrames = 128;

struct WireSpec {
  std::string_view name;  // "" where the type does not exist
  bool timed = false;     // carries dt and stands in a thread's stream
  int since = 0;          // first format number N that has it
  /// Argument names after dt: "g", "g_seq", "stack" and "new_stack" for stacks, "…_string" for
  /// strings, else a plain number.
  std::array<std::string_view, 5> args = {};
  constexpr int arg_count() const {
    int n = 0;
    while (n < 5 && !args[static_cast<size_t>(n)].empty()) ++n;
    return n;
  }
};

/// The row of a type byte.
const WireSpec& wire_spec(uint8_t type);

/// Arguments after dt of a timed event, or -1 where the type is none: for the decoder's hot loop.
extern const std::array<int8_t, 256> kTimedArgs;

}  // namespace tracetool
