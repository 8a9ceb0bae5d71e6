#include "analyses/passes/gc/gc_assists.h"

#include "analyses/engine/by_id.h"

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
  by_id(stacks_, stack).merge(one);
  uint32_t& conscript = by_id(conscript_of_, slot);
  if (conscript == 0) conscript = conscripts_.take();
  conscripts_[conscript].merge(one);
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
  group.assists.merge(conscripts_[conscript]);
  conscripts_.give(conscript);
  conscript_of_[slot] = 0;
}

AssistGroup& GcAssists::group_of(StringId name) {
  return groups_.of(name, [&] {
    return AssistGroup{.name = name, .goroutines = 0, .running = 0, .assists = {}};
  });
}

}  // namespace tracetool
