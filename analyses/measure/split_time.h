// Time split by what the goroutine did: fixed size, for sums over regions and tasks; and the
// columns that show it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "analyses/go/wait_reasons.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/goroutine_time.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

struct SplitTime {
  int64_t exec = 0, sched_wait = 0, syscall = 0, syscall_block = 0;
  std::array<int64_t, kBlockClasses> block{};  // by WaitClass

  int64_t& block_of(WaitClass c) { return block[static_cast<size_t>(c)]; }
  int64_t block_of(WaitClass c) const { return block[static_cast<size_t>(c)]; }
  int64_t block_total() const {
    int64_t sum = 0;
    for (const int64_t b : block) sum += b;
    return sum;
  }
  int64_t total() const { return exec + sched_wait + syscall + syscall_block + block_total(); }
  void add(const SplitTime& other) {
    exec += other.exec;
    sched_wait += other.sched_wait;
    syscall += other.syscall;
    syscall_block += other.syscall_block;
    for (size_t i = 0; i < block.size(); ++i) block[i] += other.block[i];
  }
};

/// Splits times by the classes of their waits.
class TimeSplitter {
 public:
  explicit TimeSplitter(const Tables& tables) : reasons_(tables) {}

  /// Adds [from, to) of what the transition `e` ends.
  void add(SplitTime& split, const Event& e, int64_t from, int64_t to) {
    if (e.spent_in() == GoState::kWaiting) {
      const bool first = e.from() == GoState::kUndetermined;
      const WaitClass c = first ? reasons_.of(e.name) : reasons_.of(e.since_name, e.since_stack);
      split.block_of(c) += to - from;
      return;
    }
    GoroutineTime time;
    time.add(e, from, to, reasons_);
    split.exec += time.exec;
    split.sched_wait += time.sched_wait;
    split.syscall += time.syscall;
    split.syscall_block += time.syscall_block;
  }

 private:
  WaitReasons reasons_;
};

/// Columns of a row with `SplitTime split`.
template <class Row>
void add_split_columns(Columns<Row>& columns) {
  append(
      columns,
      {{amount("execution_ns", "Execution", 1, "running on a P"),
        [](const Row& r) -> Cell { return r.split.exec; }},
       {cost("sched_wait_ns", "Sched wait", 1, "runnable, waiting for a P"),
        [](const Row& r) -> Cell { return r.split.sched_wait; }},
       {amount("block_ns", "Block", 1, "blocked, all reasons: the sum of the next seven columns"),
        [](const Row& r) -> Cell { return r.split.block_total(); }}});
  add_block_columns<[](const Row& r, WaitClass c) { return r.split.block_of(c); }>(
      columns, 4,
      {"blocked on the network poller (GoBlockNet)",
       "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
       "blocked on a channel send or receive", "blocked in a select", "blocked in time.Sleep",
       "blocked for the garbage collector", "blocked for any other reason"});
  append(columns, {{amount("syscall_ns", "Syscall", 2, "in a system call, still holding its P"),
                    [](const Row& r) -> Cell { return r.split.syscall; }},
                   {amount("syscall_block_ns", "Syscall block", 2,
                           "in a system call after its P was taken (GoBlockSyscall)"),
                    [](const Row& r) -> Cell { return r.split.syscall_block; }}});
}

}  // namespace tracetool
