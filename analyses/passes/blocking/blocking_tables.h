// What the blocking pass gathered, and the tables made of it.
#pragma once

#include <string>
#include <vector>

#include "analyses/engine/stack_cell.h"
#include "analyses/go/wait_reasons.h"
#include "analyses/measure/duration_stats.h"
#include "parser/model/tables.h"

namespace tracetool {

inline constexpr uint32_t kNoRecord = ~uint32_t{0};

/// Waits of one class and reason that began on one stack.
struct WaitRecord {
  WaitClass cls = WaitClass::kOther;
  StringId reason = 0;
  StackId stack = 0;
  uint32_t last_waker = kNoRecord;  // what ended the last wait mostly ends the next one too
  std::string what = {};
  DurationStats stats = {};
  CountTime open_start = {}, open_end = {};
};

/// What ended waits of a record.
struct WakerRecord {
  uint32_t record;
  StackId stack;
  WakerClass kind;
  CountTime ended = {};
};

struct BlockingResults {
  StackCells& stacks;
  uint32_t wanted;  // classes, as bits
  bool open;        // with the table of open waits
  std::vector<WaitRecord> records = {};
  std::vector<WakerRecord> wakers = {};

  bool wants(WaitClass c) const { return wanted >> static_cast<unsigned>(c) & 1; }
};

void add_blocking_tables(const BlockingResults& results, Report& report);

}  // namespace tracetool
