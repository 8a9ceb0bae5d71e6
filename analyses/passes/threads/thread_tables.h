// The tables of the threads pass.
#pragma once

#include <string>
#include <vector>

#include "analyses/passes/threads/thread_usage.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// Who ran on a thread.
struct ThreadRuns {
  uint64_t runs = 0;
  /// Runs in a row of one goroutine, with no other on the thread and none of its on another thread
  /// between them; and the longest such row.
  GoSlot slot = kNoGo;
  uint64_t row = 0, longest_row = 0;
  uint64_t id = 0;  // whose that was
  StringId name = 0;
};

struct ThreadResults {
  const Tables& tables;
  const ThreadUsage& usage;
  const std::vector<ThreadRuns>& runs;  // by thread, as far as any ran
  bool ran;                             // whether `runs` was counted
  bool gaps, selective;
};

void add_thread_tables(const ThreadResults& results, Report& report);

}  // namespace tracetool
