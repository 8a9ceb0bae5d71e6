// What the leaks pass gathered, and the tables made of it.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "analyses/load_curve.h"
#include "parser/tables.h"
#include "reports/table.h"

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
  int64_t oldest = 0;                                          // age of the oldest that is there
  std::map<std::pair<StringId, StackId>, int64_t> waits = {};  // of those that are there

  /// All but the waits.
  void add(const LeakGroup& other) {
    existed += other.existed;
    created += other.created;
    ended += other.ended;
    there += other.there;
    lost += other.lost;
    never_ran += other.never_ran;
    stuck += other.stuck;
    oldest = std::max(oldest, other.oldest);
  }
};

/// Stands for a reason: blocked in a system call.
inline constexpr StringId kInSyscall = ~StringId{0};

struct LeakResults {
  const Tables& tables;
  const std::vector<LeakGroup>& groups;
  const LoadCurve& count;
  int64_t at_begin;
  int64_t length;
  bool gaps, scoped;
};

void add_leak_tables(const LeakResults& results, Report& report);

}  // namespace tracetool
