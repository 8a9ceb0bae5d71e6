// What allocation events add up to: by type, by who allocated, by size, and over time.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "analyses/measure/heap_curve.h"
#include "analyses/passes/allocs/heap_spans.h"
#include "analyses/passes/allocs/live_allocs.h"
#include "parser/model/event.h"

namespace tracetool {

struct CountBytes {
  int64_t count = 0, bytes = 0;
  void add(int64_t n, int64_t size) {
    count += n;
    add_bytes(bytes, size);
  }
  void add(const CountBytes& other) { add(other.count, other.bytes); }
};

/// existed + allocated = freed + lost + live.
struct AllocSums {
  CountBytes existed, allocated, freed;
  CountBytes lost;  // live when a part of the capture is missing, or not followed
  int64_t live_count() const { return existed.count + allocated.count - freed.count - lost.count; }
  int64_t live_bytes() const { return existed.bytes + allocated.bytes - freed.bytes - lost.bytes; }
  bool any() const { return existed.count + allocated.count > 0; }
  void merge(const AllocSums& other) {
    existed.add(other.existed);
    allocated.add(other.allocated);
    freed.add(other.freed);
    lost.add(other.lost);
  }
};

struct AllocType {
  StringId name = 0;
  uint32_t bytes = 0;
};

/// Who allocated: goroutines that started in one function.
struct AllocMaker {
  StringId name = 0;
  bool selected = true;
  AllocSums stacks;
};

/// The slots of one size, and the spans that hold them.
struct AllocSize {
  AllocSums objects, spans;
};

class AllocAccount {
 public:
  explicit AllocAccount(const GoroutineIndex& goroutines) : goroutines_(goroutines) {}

  // Types and makers that are none.
  static constexpr uint32_t kNoType = 0, kLostType = 1, kOtherTypes = 2;
  static constexpr uint32_t kBefore = 0, kNobody = 1, kOtherMakers = 2;
  /// So many pairs of type and maker have rows of their own.
  static constexpr size_t kMostPairs = size_t{1} << 16;
  // Rows of sizes() behind those of the size classes.
  static constexpr size_t kNotHeap = kSizeClasses.size(), kNoSize = kNotHeap + 1;

  void begin(int64_t now);
  void units(uint32_t page_bytes, uint32_t object_align);
  /// kExperimental; `before` if it only tells what the time window begins with.
  void event(const Event& e, bool before);
  /// A goroutine ended: its name is final.
  void ended(GoSlot slot);
  void gap(int64_t now);
  void finish(int64_t now);

  struct Pair {
    uint32_t maker, type;
    AllocSums sums;
  };
  bool recorded = false;       // there are such events, if only before the time window
  uint64_t events = 0;         // in it
  uint64_t unmatched = 0;      // frees of what was not there
  uint64_t unsized = 0;        // objects in no known span
  uint64_t nonsense = 0;       // sizes that cannot be
  uint64_t not_followed = 0;   // more was live at once than is kept
  uint64_t others = 0;         // objects of further pairs
  bool assumed_units = false;  // the capture does not tell them
  int64_t peak_bytes = 0, peak_at = kNever;
  HeapCurve bytes_curve, objects_curve;

  const std::vector<Pair>& pairs() const { return pairs_; }
  const std::vector<AllocType>& types() const { return types_; }
  const std::vector<AllocMaker>& makers() const { return makers_; }
  const std::array<AllocSize, kNoSize + 1>& sizes() const { return sizes_; }
  /// Stacks of goroutines by their size.
  const std::map<int64_t, AllocSums>& stacks() const { return stacks_; }

 private:
  enum class How : uint8_t { kExisted, kAllocated };
  /// Where an object lies, and how large its slot is.
  struct Slot {
    uint64_t key;
    int64_t bytes = 0;
    size_t size = kNoSize;
    bool tiny = false;
  };

  void span(const Event& e, How how);
  void span_free(uint64_t first, bool before);
  void object(const Event& e, How how);
  void object_free(const Event& e, bool before);
  void stack(const Event& e, How how);
  void stack_free(const Event& e, bool before);
  Slot slot_of(uint64_t object);
  uint32_t type_of(const Event& e);
  uint32_t maker_of(GoSlot g);
  uint32_t pair_of(uint32_t maker, uint32_t type);
  AllocSums& span_sums(const HeapSpans::Span& span);
  int64_t span_bytes(const HeapSpans::Span& span) const {
    return static_cast<int64_t>(span.pages * page_bytes_);
  }
  void live_changed(int64_t now, int64_t objects, int64_t bytes);
  void live_is(int64_t now);
  static void put(AllocSums& sums, How how, int64_t bytes) {
    (how == How::kExisted ? sums.existed : sums.allocated).add(1, bytes);
  }
  /// What went before the time window did not exist when it began.
  static void end(AllocSums& sums, bool before, int64_t bytes) {
    if (before) {
      sums.existed.add(-1, -bytes);
    } else {
      sums.freed.add(1, bytes);
    }
  }

  const GoroutineIndex& goroutines_;
  uint64_t page_bytes_ = 8192, object_align_ = 8;
  bool told_ = false;      // how long pages are
  bool snapshot_ = false;  // what existed was told: there is nothing else
  bool before_ = false;    // the current event lies before the time window
  HeapSpans spans_;
  LiveAllocs objects_, stack_places_;  // what: pair << kSizeBits | size; maker << kSizeBits | size
  std::vector<AllocType> types_ = std::vector<AllocType>(3);
  std::vector<AllocMaker> makers_ = std::vector<AllocMaker>(3);
  std::vector<Pair> pairs_;
  AddressMap<uint32_t> pair_index_;
  std::vector<uint32_t> type_index_, maker_index_;  // by name
  std::vector<uint32_t> unnamed_;                   // by slot: makers that have no name yet
  size_t unnamed_count_ = 0;
  uint32_t last_pair_ = ~uint32_t{0};
  std::array<AllocSize, kNoSize + 1> sizes_;
  std::map<int64_t, AllocSums> stacks_;
  int64_t begin_ = 0, live_objects_ = 0, live_bytes_ = 0;
};

}  // namespace tracetool
