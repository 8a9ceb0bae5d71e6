// The records of format 1 (Go 1.7 to 1.21): their names, their layout in each version, and what
// each of them needs to come next.
#pragma once

#include <array>
#include <cstdint>

namespace tracetool::v1 {

enum Wire : uint8_t {
  kBatch = 1,
  kFrequency,
  kStack,
  kGomaxprocs,
  kProcStart,
  kProcStop,
  kGCStart,
  kGCDone,
  kSTWStart,
  kSTWDone,
  kGCSweepStart,
  kGCSweepDone,
  kGoCreate,
  kGoStart,
  kGoEnd,
  kGoStop,
  kGoSched,
  kGoPreempt,
  kGoSleep,
  kGoBlock,
  kGoUnblock,
  kGoBlockSend,
  kGoBlockRecv,
  kGoBlockSelect,
  kGoBlockSync,
  kGoBlockCond,
  kGoBlockNet,
  kGoSysCall,
  kGoSysExit,
  kGoSysBlock,
  kGoWaiting,
  kGoInSyscall,
  kHeapAlloc,
  kHeapGoal,
  kTimerGoroutine,
  kFutileWakeup,
  kString,
  kGoStartLocal,
  kGoUnblockLocal,
  kGoSysExitLocal,
  kGoStartLabel,
  kGoBlockGC,
  kGCMarkAssistStart,
  kGCMarkAssistDone,
  kUserTaskCreate,
  kUserTaskEnd,
  kUserRegion,
  kUserLog,
  kCPUSample,
};
inline constexpr int kWireTypes = 64;  // what six bits can say; the rest are no events
inline constexpr int kMostValues = 5;  // of a record: the tick delta and four arguments

struct WireSpec {
  const char* name = "unknown";
  uint8_t since = 0;  // first version with this record
  /// Names of its values, the tick delta not among them.
  std::array<const char*, kMostValues - 1> fields = {};
};
const WireSpec& wire_spec(uint8_t type);

/// How many values a record has, by its type; 0 for what the version does not know.
using Layout = std::array<uint8_t, kWireTypes>;
inline constexpr uint8_t kOwnLayout = 0xFF;  // Stack and String
Layout layout_of(int version);

/// The sequence numbers' view of a goroutine.
enum class Status : uint8_t { kDead, kRunnable, kRunning, kWaiting };

inline constexpr uint64_t kMostText = 1'000'000;  // bytes of a string or message

/// What must hold before a record may come next, and what holds afterwards.
struct Rule {
  enum Who : uint8_t { kNobody, kArgument, kCurrent, kGc };
  enum Seq : uint8_t { kAny, kIs0, kIs1, kIsArgument };
  Who who = kNobody;  // whose state matters: the first argument's, or that of the P's goroutine
  Seq seq = kAny;
  Status from = Status::kDead;
  Status to = Status::kDead;
  uint8_t counts = 0;  // added to the sequence number
};
extern const std::array<Rule, kWireTypes> kRules;

/// `delta` ticks behind `ticks`; what no number holds is the end of all time.
constexpr uint64_t later(uint64_t ticks, uint64_t delta) {
  const uint64_t sum = ticks + delta;
  return sum < delta ? ~uint64_t{0} : sum;
}

/// A varint in bytes that were checked before.
inline uint64_t varint_trusted(const uint8_t*& p) {
  uint64_t b = *p++;
  if (b < 0x80) [[likely]]
    return b;
  uint64_t value = b & 0x7F;
  for (int shift = 7;; shift += 7) {
    b = *p++;
    value |= (b & 0x7F) << shift;
    if (b < 0x80) return value;
  }
}

}  // namespace tracetool::v1
