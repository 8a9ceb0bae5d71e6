// Time split by what the goroutine did: fixed size, for sums over regions and tasks; and the
// columns that show it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "analyses/go/reasons.h"
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
  const auto add = [&](const char* id, const char* heading, int rank, const char* help,
                       Cell (*get)(const Row&), Better better = Better::kNeither) {
    columns.push_back(
        {{id, heading, Unit::kNanoseconds, Role::kSum, better, true, rank, help}, get});
  };
  constexpr Better kLower = Better::kLower;
  add("execution_ns", "Execution", 1, "running on a P",
      [](const Row& r) { return Cell(r.split.exec); });
  add(
      "sched_wait_ns", "Sched wait", 1, "runnable, waiting for a P",
      [](const Row& r) { return Cell(r.split.sched_wait); }, kLower);
  add("block_ns", "Block", 1, "blocked, all reasons: the sum of the next seven columns",
      [](const Row& r) { return Cell(r.split.block_total()); });
  add("block_network_ns", "network", 4, "blocked on the network poller (GoBlockNet)",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kNet)); });
  add(
      "block_sync_ns", "sync", 4, "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kSync)); }, kLower);
  add("block_select_ns", "select", 4, "blocked in a select",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kSelect)); });
  add("block_chan_ns", "chan", 4, "blocked on a channel send or receive",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kChan)); });
  add("block_sleep_ns", "sleep", 4, "blocked in time.Sleep",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kSleep)); });
  add(
      "block_gc_ns", "GC", 4, "blocked for the garbage collector",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kGc)); }, kLower);
  add("block_other_ns", "other", 4, "blocked for any other reason",
      [](const Row& r) { return Cell(r.split.block_of(WaitClass::kOther)); });
  add("syscall_ns", "Syscall", 2, "in a system call, still holding its P",
      [](const Row& r) { return Cell(r.split.syscall); });
  add("syscall_block_ns", "Syscall block", 2,
      "in a system call after its P was taken (GoBlockSyscall)",
      [](const Row& r) { return Cell(r.split.syscall_block); });
}

}  // namespace tracetool
