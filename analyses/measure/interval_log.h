// What goroutines did in the recent past: 32 bytes for each interval that ended, in a ring.
//
// An interval is a stay of a goroutine in one state. Its begin is the end of the goroutine's
// interval before it. One that was ended by another goroutine knows the last interval which that
// one had ended before: from there history leads on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "parser/model/block.h"

namespace tracetool {

/// Position of an interval, modulo 2^32; 0 is none.
using IntervalId = uint32_t;

enum class IntervalState : uint8_t {
  kUnknown,  // before the log began, or before the goroutine was created
  kRunnable,
  kRunning,
  kWaiting,
  kSyscall,
};
const char* name_of(IntervalState state);

IntervalState state_of(GoState state);

struct Interval {
  int64_t end;
  IntervalId previous;  // of the same goroutine
  IntervalId waker;     // last interval of who ended it (or created the goroutine)
  uint32_t who;         // for IntervalLog::who
  uint32_t waker_who;   // the same of who ended it; 0 nobody
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

  /// Beside the intervals, each 16,384 of them keep 16 bytes for each goroutine among them.
  IntervalLog(const GoroutineIndex& goroutines, uint64_t max_bytes);

  /// Nothing that has been recorded is needed; nothing is recorded until start().
  void stop();
  void start(int64_t now) {
    if (recording_) return;
    started_at_ = now;
    recording_ = true;
    who_since_ = head_;
  }
  bool recording() const { return recording_; }
  /// Intervals before this position are needed no more.
  void forget_before(uint64_t position);
  /// Where the next interval goes.
  uint64_t position() const { return head_; }
  /// Whether intervals had to be dropped while they were needed.
  bool overflowed() const { return lost_before_ != 0; }

  /// A goroutine's transition: call for every one, in order, while recording.
  void transition(const Event& e);

  /// The last interval that `slot` has ended; makes one where the log knows nothing of it.
  IntervalId last_of(GoSlot slot) {
    make_room();
    return last_of(slot, oldest());
  }
  const Interval* find(IntervalId id) const {
    const uint64_t position = position_of(id);
    return position == 0 ? nullptr : &at(position);
  }
  /// Begin of an interval. Where the log lost what came before it, only the last part of it is
  /// known; kNever if it was the first.
  int64_t begin_of(const Interval& interval) const {
    const Interval* previous = find(interval.previous);
    if (previous != nullptr) return previous->end;
    return interval.previous != 0 && lossy() ? std::min(interval.end, oldest()) : kNever;
  }
  /// Whose interval `id` is (which must be in the log), and who ended it.
  Who who(IntervalId id) const { return chunk_of(position_of(id)).who[find(id)->who]; }
  Who waker(IntervalId id) const { return chunk_of(position_of(id)).who[find(id)->waker_who]; }
  /// Whether what cannot be found was dropped for lack of memory, not because it is too old.
  bool lossy() const { return floor_ == lost_before_; }

 private:
  static constexpr uint64_t kChunk = 1 << 14;  // intervals: half a megabyte
  /// Most that one transition appends.
  static constexpr uint64_t kRoom = 4;

  struct Chunk {
    std::unique_ptr<Interval[]> intervals;
    std::vector<Who> who;  // 0 is nobody
  };
  struct Slot {
    uint64_t last = 0;   // position of its last interval
    uint64_t named = 0;  // position at which it was entered into Chunk::who …
    uint32_t who = 0;    // … and where
  };

  /// 0 if it is not in the log.
  uint64_t position_of(IntervalId id) const {
    const uint64_t back = static_cast<uint32_t>(static_cast<uint32_t>(head_) - id);
    return id == 0 || back == 0 || back > head_ - floor_ ? 0 : head_ - back;
  }
  const Chunk& chunk_of(uint64_t position) const {
    return chunks_[(position / kChunk) & (chunks_.size() - 1)];
  }
  const Interval& at(uint64_t position) const {
    return chunk_of(position).intervals[position % kChunk];
  }
  void make_room() {
    if (head_ % kChunk > kChunk - kRoom || current_ == nullptr) [[unlikely]]
      next_chunk();
  }
  void next_chunk();
  IntervalId append(const Interval& interval) {
    current_->intervals[head_ % kChunk] = interval;
    return static_cast<IntervalId>(head_++);
  }
  Slot& slot(GoSlot slot) {
    if (slot >= slots_.size()) [[unlikely]]
      slots_.resize(goroutines_.slots());
    return slots_[slot];
  }
  uint32_t who_of(GoSlot g, Slot& slot) {
    if (slot.named < who_since_) [[unlikely]]
      enter(g, slot);
    return slot.who;
  }
  void enter(GoSlot g, Slot& slot);
  IntervalId last_of(GoSlot slot, int64_t since);
  /// When the oldest state began of which the log knows.
  int64_t oldest() const { return lossy() ? at(floor_).end : started_at_; }

  const GoroutineIndex& goroutines_;
  uint64_t head_ = 1, floor_ = 1;
  uint64_t lost_before_ = 0;
  uint64_t who_since_ = 1;     // entries into `who` before this position do not count
  Chunk* current_ = nullptr;   // into which head_ points
  std::vector<Chunk> chunks_;  // by position; their number is a power of two
  std::vector<Chunk> spare_;
  std::vector<Slot> slots_;
  int64_t started_at_ = 0;
  bool recording_ = false;
};

}  // namespace tracetool
