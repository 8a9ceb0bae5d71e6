// What goroutines did in the recent past: 32 bytes for each interval that ended, in a ring.
//
// An interval is a stay of a goroutine in one state. Its begin is the end of the goroutine's
// interval before it. One that was ended by another goroutine knows the last interval which that
// one had ended before: from there history leads on.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "analyses/goroutine_index.h"
#include "parser/block.h"

namespace tracetool {

/// Position of an interval, counted from 1 and modulo 2^32; 0 is none.
using IntervalId = uint32_t;

enum class IntervalState : uint8_t {
  kUnknown,  // before the log began, or before the goroutine was created
  kRunnable,
  kRunning,
  kWaiting,
  kSyscall,
};

struct Interval {
  int64_t end;
  IntervalId previous;  // of the same goroutine
  IntervalId waker;     // last interval of who ended it (or created the goroutine)
  uint32_t who;         // serial of the goroutine
  uint32_t waker_who;   // and of who ended it; 0 nobody
  /// Waiting: where it blocked. Runnable: the waker's. Running, syscall: where it stopped running
  /// or entered. Unknown: the creator's.
  StackId stack;
  uint32_t reason_state;
  /// Of blocking, or why it stopped running.
  StringId reason() const { return reason_state & 0x1FFFFFFF; }
  IntervalState state() const { return static_cast<IntervalState>(reason_state >> 29); }
  void set(IntervalState state, StringId reason) {
    reason_state = static_cast<uint32_t>(state) << 29 | (reason & 0x1FFFFFFF);
  }
};
static_assert(sizeof(Interval) == 32);

class IntervalLog {
 public:
  struct Who {
    uint64_t id = 0;
    StringId name = 0;
  };

  IntervalLog(const GoroutineIndex& goroutines, uint64_t max_bytes);

  /// Nothing that has been recorded is needed; nothing is recorded until start().
  void stop();
  void start(int64_t now) {
    if (!recording_) started_at_ = now;
    recording_ = true;
  }
  bool recording() const { return recording_; }
  /// Intervals before this position are needed no more.
  void forget_before(uint64_t position);
  /// Where the next interval goes.
  uint64_t position() const { return head_; }
  /// Whether intervals had to be dropped while they were needed.
  bool overflowed() const { return overflowed_; }

  /// A goroutine's transition: call for every one, in order, while recording.
  void transition(const Event& e);

  /// The last interval that `slot` has ended; makes one where the log knows nothing of it.
  IntervalId last_of(GoSlot slot) { return last_of(slot, oldest()); }
  const Interval* find(IntervalId id) const {
    const uint64_t back = static_cast<uint32_t>(static_cast<uint32_t>(head_) - id);
    if (id == 0 || back == 0 || back > head_ - floor_) return nullptr;
    return &at(head_ - back);
  }
  /// Begin of an interval: kNever if the log does not reach back so far.
  int64_t begin_of(const Interval& interval) const {
    const Interval* previous = find(interval.previous);
    return previous == nullptr ? kNever : previous->end;
  }
  /// Whether what cannot be found was dropped for lack of memory, not because it is too old.
  bool lossy() const { return floor_ == lost_before_; }
  Who who(uint32_t serial) const { return serial < who_.size() ? who_[serial] : Who(); }

 private:
  static constexpr uint64_t kChunk = 1 << 14;  // intervals: half a megabyte
  Interval& at(uint64_t position) const {
    return chunks_[(position / kChunk) % chunks_.size()][position % kChunk];
  }
  IntervalId append(const Interval& interval);
  IntervalId last_of(GoSlot slot, int64_t since);
  /// When the oldest state began of which the log knows.
  int64_t oldest() const { return lossy() ? at(floor_).end : started_at_; }
  void set_waker(Interval& interval, GoSlot waker);
  uint32_t serial_of(GoSlot slot);

  const GoroutineIndex& goroutines_;
  uint64_t head_ = 1, floor_ = 1;
  uint64_t lost_before_ = 0;
  std::vector<std::unique_ptr<Interval[]>> chunks_;  // by position; empty until needed
  std::vector<std::unique_ptr<Interval[]>> spare_;
  std::vector<uint64_t> last_;  // by slot: position of the last interval, 0 none
  std::vector<Who> who_;        // by serial
  int64_t started_at_ = 0;
  bool recording_ = false;
  bool overflowed_ = false;
};

}  // namespace tracetool
