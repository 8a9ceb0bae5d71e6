// Second pass over a capture of format 1: merges the streams of all Ps into one order.
//
// Each stream is in order by itself. Of the streams' next records, the earliest one comes next
// whose goroutine is in the state that the record needs (sequence numbers tell which record changes
// it when). A record that is not ready is not in the heap, and is looked at again when its
// goroutine changes: O(log P) for each record, and a look at all that wait where somebody waited.
// CPU samples are one more stream, whose records are always ready.
//
// Among records of equal ticks the heap's shape decides, so its steps are those of Go's reader, and
// streams get into it in the same order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "parser/format1/v1_capture.h"
#include "parser/format1/v1_convert.h"
#include "parser/model/fault.h"
#include "parser/wire/go_heap.h"

namespace tracetool::v1 {

class Merge {
 public:
  Merge(const Capture& capture, Converter& converter, Recorder& recorder);

  /// Hands all records to the converter. A fault if they contradict each other: what came before
  /// it is recorded.
  std::optional<Fault> run();
  /// The fault is that events wait for others that may be missing, not a contradiction.
  bool starved() const { return starved_; }
  /// Syscalls that cannot have ended when their records say, and end where these were written.
  const std::optional<Fault>& misplaced_exits();

 private:
  /// Where reading stands in one stream.
  struct Reading {
    const uint8_t* p = nullptr;
    const uint8_t* end = nullptr;
    uint32_t next_segment = kNoSegment;
    uint64_t ticks = 0;
  };
  struct Queue {
    Record head;
    Reading reading;
    GoRecord* subject = nullptr;
    Proc proc;
  };
  /// What sequence numbers tell of a goroutine, by slot.
  struct Turn {
    uint64_t seq = 0;
    bool awaited = false;  // some queue may wait for it
    Status status = Status::kDead;
  };
  struct HeapItem {
    uint64_t ticks;
    uint32_t queue;  // or kSamples
  };
  static constexpr uint32_t kSamples = ~uint32_t{0};
  /// A queue that is not in the heap.
  struct Available {
    uint32_t queue;      // or kSamples
    uint32_t waits_for;  // slot of a goroutine, or one of these
  };
  static constexpr uint32_t kForever = kNoGo, kGc = kNoGo - 1, kNew = kNoGo - 2;
  static constexpr uint64_t kPlaceCost = 16;  // in looks at a queue that waits for something else

  bool next(Reading& reading, Record& out) const;
  void foretell(const Queue& q);
  bool syscall_blocks(const Queue& q) const;
  bool step();
  void sample();
  void reach(uint64_t ticks);
  bool end_syscalls_before(uint64_t ticks);
  void end_syscalls_at(uint64_t ticks);
  bool end_syscall(const Displaced& d);

  GoRecord* goroutine(uint64_t id);
  void find_subject(Queue& q);
  bool ready(const Queue& q) const;
  void turn(Queue& q);
  bool place(Available& a);
  bool fill(uint32_t changed);
  bool refill(uint32_t queue, uint32_t changed);
  bool step_exit(Queue& q);

  bool fail(const uint8_t* at, uint8_t type, std::string why);
  void fail_stuck();
  Loss lost();

  const Capture& capture_;
  Converter& converter_;
  Recorder& recorder_;
  GoTable& goroutines_;
  std::vector<Queue> queues_;
  GoHeap<HeapItem, &HeapItem::ticks> heap_;
  std::vector<Turn> turns_;
  uint64_t gc_seq_ = 0;
  bool gc_awaited_ = false;
  std::vector<Available> available_;
  size_t next_sample_ = 0, next_exit_ = 0;
  uint64_t first_ticks_ = 0, last_ticks_ = 0;
  uint64_t limit_ticks_ = ~uint64_t{0};  // later ones have no time
  bool begun_ = false;
  uint64_t done_ = 0;  // records
  uint64_t patience_;  // how often queues that wait may still be looked at
  std::optional<Fault> fault_;
  bool starved_ = false;
  std::optional<Fault> misplaced_;
  uint64_t misplaced_exits_ = 0;
};

}  // namespace tracetool::v1
