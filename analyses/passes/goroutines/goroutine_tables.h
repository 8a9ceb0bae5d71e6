// The tables of the goroutines pass.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/go/wait_reasons.h"
#include "analyses/measure/goroutine_time.h"
#include "analyses/measure/histogram.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// Sums over goroutines; also one goroutine's.
struct GoroutineSums {
  uint64_t count = 0;
  int64_t total = 0, exec = 0, sched_wait = 0, syscall = 0, syscall_block = 0, unknown = 0;
  std::array<int64_t, kBlockClasses> block{};  // by WaitClass
  int64_t assist = 0, sweep = 0, stw = 0;

  int64_t& block_of(WaitClass c) { return block[static_cast<size_t>(c)]; }
  int64_t block_of(WaitClass c) const { return block[static_cast<size_t>(c)]; }
  int64_t block_total() const {
    int64_t sum = 0;
    for (int64_t b : block) sum += b;
    return sum;
  }
  void add(const GoroutineSums& other) {
    count += other.count;
    total += other.total;
    exec += other.exec;
    sched_wait += other.sched_wait;
    syscall += other.syscall;
    syscall_block += other.syscall_block;
    unknown += other.unknown;
    for (size_t i = 0; i < block.size(); ++i) block[i] += other.block[i];
    assist += other.assist;
    sweep += other.sweep;
    stw += other.stw;
  }
};

struct GoroutineGroup {
  std::string name;
  GoroutineSums sums;
  Histogram lifetime, sched_wait;
  NamedTimes block, ranges;
};

/// One goroutine, for --each.
struct OneGoroutine {
  uint64_t id, parent;
  int64_t creation, start, end;  // kNever: did not run, still alive
  std::string name;
  GoroutineSums sums;
};

struct GoroutineResults {
  Groups<GoroutineGroup> groups;
  std::vector<OneGoroutine> one_by_one;
  uint64_t alive = 0;     // at the end
  bool filtered = false;  // by the user
};

/// `each`: with the table of the goroutines one by one.
void add_goroutine_tables(const Tables& tables, const GoroutineResults& results, bool each,
                          Report& report);

}  // namespace tracetool
