// What the cpu pass gathered, and the tables made of it.
#pragma once

#include <array>
#include <vector>

#include "analyses/engine/stack_cell.h"
#include "analyses/go/wait_reasons.h"
#include "analyses/measure/histogram.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// Parts of a goroutine's time; from kCpuBlock on by WaitClass.
enum CpuPart : uint8_t { kCpuExecution, kCpuSched, kCpuSyscall, kCpuSyscallBlock, kCpuBlock };
using CpuParts = std::array<int64_t, kCpuBlock + kBlockClasses>;

/// Goroutines that started in one function.
struct CpuGroup {
  StringId name = 0;
  uint64_t goroutines = 0, samples = 0;
  CpuParts parts = {};
};

struct CpuResults {
  StackCells& stacks;
  uint64_t rate;                       // samples a second of CPU time; 0 to be found out
  std::vector<uint64_t> samples = {};  // by stack
  uint64_t nobody = 0;                 // samples on no known goroutine
  std::vector<CpuGroup> groups = {};
  Histogram gaps = {};  // between the samples of one thread
};

void add_cpu_tables(const CpuResults& results, Report& report);

}  // namespace tracetool
