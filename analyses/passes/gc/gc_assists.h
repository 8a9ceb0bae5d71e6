// Mark assists: who was conscripted, where and for how long, beside how long they ran at all.
#pragma once

#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/engine/goroutine_index.h"
#include "parser/model/event.h"

namespace tracetool {

struct AssistSums {
  uint64_t count = 0, cut = 0;
  int64_t elapsed = 0, running = 0;
  int64_t longest = 0, longest_at = kNever;
  uint64_t longest_goroutine = 0;

  void add(int64_t length, int64_t ran, int64_t begin, uint64_t goroutine, bool was_cut);
  void merge(const AssistSums& other);
};

struct AssistGroup {
  StringId name = 0;
  uint64_t goroutines = 0;  // that assisted
  int64_t running = 0;      // of all goroutines of the group
  AssistSums assists;
};

/// Sums by goroutine slot while it lives, then by start function: a goroutine's name may become
/// known long after its first assist.
class GcAssists {
 public:
  explicit GcAssists(const GoroutineIndex& goroutines) : goroutines_(goroutines) {}

  void room_for(size_t slots) {
    if (running_.size() < slots) running_.resize(slots);
  }
  void ran(GoSlot slot, int64_t time) { running_[slot] += time; }
  void assisted(GoSlot slot, StackId stack, const AssistSums& one);
  /// The goroutine, or the capture, is over.
  void ended(GoSlot slot);

  const std::vector<AssistGroup>& groups() const { return groups_.rows(); }
  const std::vector<AssistSums>& stacks() const { return stacks_; }
  const AssistSums& total() const { return total_; }
  /// Of all selected goroutines that ended.
  int64_t running() const { return all_running_; }

 private:
  AssistGroup& group_of(StringId name);

  const GoroutineIndex& goroutines_;
  std::vector<int64_t> running_;        // by slot
  std::vector<uint32_t> conscript_of_;  // by slot, 0 none
  Pool<AssistSums> conscripts_;
  Groups<AssistGroup> groups_;      // by name
  std::vector<AssistSums> stacks_;  // by stack
  AssistSums total_;
  int64_t all_running_ = 0;
};

}  // namespace tracetool
