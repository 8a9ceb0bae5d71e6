#include "analyses/passes/gc/gc_assists.h"

namespace tracetool {

void AssistSums::add(int64_t length, int64_t ran, int64_t begin, uint64_t goroutine, bool was_cut) {
  merge({1, was_cut ? uint64_t{1} : 0, length, ran, length, begin, goroutine});
}

void AssistSums::merge(const AssistSums& other) {
  count += other.count;
  cut += other.cut;
  elapsed += other.elapsed;
  running += other.running;
  if (other.longest <= longest) return;
  longest = other.longest;
  longest_at = other.longest_at;
  longest_goroutine = other.longest_goroutine;
}

void GcAssists::assisted(GoSlot slot, StackId stack, const AssistSums& one) {
  total_.merge(one);
  if (stack >= stacks_.size()) stacks_.resize(stack + size_t{1});
  stacks_[stack].merge(one);
  if (slot >= conscript_of_.size()) conscript_of_.resize(slot + size_t{1});
  uint32_t& index = conscript_of_[slot];
  if (index == 0) {
    if (free_.empty()) {
      conscripts_.emplace_back();
      index = static_cast<uint32_t>(conscripts_.size());
    } else {
      index = free_.back();
      free_.pop_back();
    }
  }
  conscripts_[index - 1].merge(one);
}

void GcAssists::ended(GoSlot slot) {
  const int64_t running = running_[slot];
  running_[slot] = 0;
  const uint32_t conscript = slot < conscript_of_.size() ? conscript_of_[slot] : 0;
  if (running == 0 && conscript == 0) return;
  const Goroutine& g = goroutines_[slot];
  if (g.selected) {
    all_running_ += running;
    group_of(g.name).running += running;
  }
  if (conscript == 0) return;
  AssistGroup& group = group_of(g.name);
  ++group.goroutines;
  group.assists.merge(conscripts_[conscript - 1]);
  conscripts_[conscript - 1] = {};
  free_.push_back(conscript);
  conscript_of_[slot] = 0;
}

AssistGroup& GcAssists::group_of(StringId name) {
  if (name >= group_index_.size()) group_index_.resize(name + size_t{1});
  if (group_index_[name] == 0) {
    groups_.push_back({.name = name, .goroutines = 0, .running = 0, .assists = {}});
    group_index_[name] = static_cast<uint32_t>(groups_.size());
  }
  return groups_[group_index_[name] - 1];
}

}  // namespace tracetool
