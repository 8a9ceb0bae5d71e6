// Everything the run interned: strings, frames, stacks, threads. Ids stay valid to the end.
//
// The reading thread appends; another thread may look up any id it was handed in a block.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parser/model/event.h"
#include "parser/model/hash.h"
#include "parser/model/memory_budget.h"
#include "parser/model/stable_vector.h"

namespace tracetool {

using FrameId = uint32_t;

struct Frame {
  uint64_t pc;
  StringId function;
  StringId file;
  uint64_t line;  // 1-based, 0 unknown
  bool operator==(const Frame&) const = default;
};

/// Pairs the trace clock with the wall clock, once a generation since Go 1.25.
struct ClockSnapshot {
  int64_t time;       // ns, on the scale of Event::time
  uint64_t mono_ns;   // monotonic clock
  uint64_t wall_sec;  // Unix time
  uint64_t wall_nsec;
};

class Tables {
 public:
  /// What is interned is taken from `budget`, if there is one.
  explicit Tables(MemoryBudget* budget = nullptr);
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  /// Whether all that is kept for the run has grown beyond what is allowed: the caller stops.
  bool full() const { return budget_ != nullptr && budget_->over(); }
  MemoryBudget* budget() const { return budget_; }

  StringId intern(std::string_view text);
  FrameId intern(const Frame& frame);
  /// Innermost frame first. An empty list is stack 0, one all-zero frame kEmptyStack.
  StackId intern(std::span<const FrameId> frames);
  /// `prefix` + `middle` + `suffix`, e.g. "stop-the-world (" KIND ")".
  StringId intern(std::string_view prefix, std::string_view middle, std::string_view suffix);
  /// Dense index of an OS thread id (or of format 1's internal number); kNoThread for -1.
  /// kNoThread too when there is no room for another: the caller reports it.
  ThreadIndex intern_thread(int64_t id);

  std::string_view string(StringId id) const { return strings_[id]; }
  const Frame& frame(FrameId id) const { return frames_[id]; }
  std::span<const FrameId> stack(StackId id) const {
    const StackRef& s = stacks_[id];
    return {s.frames, s.count};
  }
  /// Function names at the two ends of a stack; "" for an empty one.
  StringId leaf_function(StackId id) const;
  StringId root_function(StackId id) const;
  int64_t thread_id(ThreadIndex m) const { return m == kNoThread ? -1 : threads_[m]; }

  /// Not to be called while a reading thread still runs.
  size_t string_count() const { return strings_.size(); }
  size_t stack_count() const { return stacks_.size(); }
  size_t thread_count() const { return threads_.size(); }

 private:
  struct StackRef {
    const FrameId* frames;
    uint32_t count;
  };
  /// Bytes that never move, in blocks of doubling size up to a bound.
  class Arena {
   public:
    void* take(size_t bytes, size_t align);

   private:
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    size_t used_ = 0, size_ = 0;
  };
  /// Open addressing over ids; hash and equality are the caller's.
  struct IdSet {
    std::vector<uint32_t> cells;   // id + 1, 0 empty
    std::vector<uint32_t> hashes;  // beside each cell
    size_t count = 0;
    template <class Equal>
    uint32_t* find(uint32_t hash, Equal equal);
    void grow();
  };

  /// Ids are held in a set whose cells are at least twice as many.
  static constexpr size_t kIdBytes = 2 * 2 * sizeof(uint32_t);
  void take(size_t bytes) {
    if (budget_ != nullptr) budget_->take(bytes + kIdBytes);
  }

  MemoryBudget* budget_;
  Arena arena_;
  StableVector<std::string_view> strings_;
  StableVector<Frame> frames_;
  StableVector<StackRef> stacks_;
  StableVector<int64_t> threads_;
  IdSet string_set_, frame_set_, stack_set_;
  std::unordered_map<uint64_t, ThreadIndex, IdHash> thread_set_;
};

}  // namespace tracetool
