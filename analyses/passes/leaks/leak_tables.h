// What the leaks pass gathered, and the tables made of it.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "analyses/engine/stack_cell.h"
#include "analyses/measure/load_curve.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// Goroutines that started in one function and were created on one stack.
/// existed + created = ended + there + lost.
struct LeakGroup {
  StringId name = 0;
  StackId creation = 0;  // 0: not known, as they existed before the trace
  bool older = false;
  int64_t existed = 0, created = 0, ended = 0, there = 0;
  int64_t lost = 0;  // there when a part of the capture is missing
  int64_t never_ran = 0, stuck = 0;
  int64_t longest_life = 0;                                    // of those that ended
  std::vector<int64_t> ages = {};                              // of those that are there
  std::map<std::pair<StringId, StackId>, int64_t> waits = {};  // the same

  int64_t oldest() const { return ages.empty() ? 0 : std::ranges::max(ages); }
  /// Whether there is a life to compare ages with.
  bool comparable() const { return !older && ended > 0 && there > 0; }
  /// Of those that are there, how many are older than any that ended.
  int64_t outlived() const {
    return std::ranges::count_if(ages, [&](int64_t age) { return age > longest_life; });
  }

  /// All but the waits.
  void add(const LeakGroup& other) {
    existed += other.existed;
    created += other.created;
    ended += other.ended;
    there += other.there;
    lost += other.lost;
    never_ran += other.never_ran;
    stuck += other.stuck;
    longest_life = std::max(longest_life, other.longest_life);
    ages.insert(ages.end(), other.ages.begin(), other.ages.end());
  }
};

/// Stands for a reason: blocked in a system call.
inline constexpr StringId kInSyscall = ~StringId{0};

struct LeakResults {
  StackCells& stacks;
  const std::vector<LeakGroup>& groups;
  const LoadCurve& count;
  int64_t at_begin;
  int64_t length;
  bool gaps, scoped;
};

void add_leak_tables(const LeakResults& results, Report& report);

}  // namespace tracetool
