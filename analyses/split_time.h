// Time split by what the goroutine did: fixed size, for sums over regions and tasks; and the
// columns that show it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "analyses/goroutine_time.h"
#include "analyses/reasons.h"
#include "parser/tables.h"
#include "reports/table.h"

namespace tracetool {

struct SplitTime {
  int64_t exec = 0, sched_wait = 0, syscall = 0, syscall_block = 0;
  std::array<int64_t, kBlockClasses> block{};

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

/// Knows the class of each reason after having looked at its text once.
class ReasonClasses {
 public:
  explicit ReasonClasses(const Tables& tables) : tables_(tables) {}
  BlockClass operator[](StringId reason) {
    if (reason >= classes_.size()) classes_.resize(reason + size_t{1}, kUnknown);
    uint8_t& known = classes_[reason];
    if (known == kUnknown) known = static_cast<uint8_t>(block_class(tables_.string(reason)));
    return static_cast<BlockClass>(known);
  }
  /// Adds [from, to) of what the transition `e` ends.
  void add(SplitTime& split, const Event& e, int64_t from, int64_t to) {
    if (e.spent_in() == GoState::kWaiting) {
      const StringId reason = e.from() == GoState::kUndetermined ? e.name : e.since_name;
      split.block[static_cast<size_t>((*this)[reason])] += to - from;
      return;
    }
    GoroutineTime time;
    time.add(e, from, to);
    split.exec += time.exec;
    split.sched_wait += time.sched_wait;
    split.syscall += time.syscall;
    split.syscall_block += time.syscall_block;
  }

 private:
  static constexpr uint8_t kUnknown = 0xFF;
  const Tables& tables_;
  std::vector<uint8_t> classes_;
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
      [](const Row& r) { return Cell(r.split.block[0]); });
  add(
      "block_sync_ns", "sync", 4, "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
      [](const Row& r) { return Cell(r.split.block[1]); }, kLower);
  add("block_select_ns", "select", 4, "blocked in a select",
      [](const Row& r) { return Cell(r.split.block[2]); });
  add("block_chan_ns", "chan", 4, "blocked on a channel send or receive",
      [](const Row& r) { return Cell(r.split.block[3]); });
  add("block_sleep_ns", "sleep", 4, "blocked in time.Sleep",
      [](const Row& r) { return Cell(r.split.block[4]); });
  add(
      "block_gc_ns", "GC", 4, "blocked for the garbage collector",
      [](const Row& r) { return Cell(r.split.block[5]); }, kLower);
  add("block_other_ns", "other", 4, "blocked for any other reason",
      [](const Row& r) { return Cell(r.split.block[6]); });
  add("syscall_ns", "Syscall", 2, "in a system call, still holding its P",
      [](const Row& r) { return Cell(r.split.syscall); });
  add("syscall_block_ns", "Syscall block", 2,
      "in a system call after its P was taken (GoBlockSyscall)",
      [](const Row& r) { return Cell(r.split.syscall_block); });
}

}  // namespace tracetool
