// The tables of the gc pass.
#pragma once

#include "analyses/engine/stack_cell.h"
#include "analyses/passes/gc/gc_assists.h"
#include "analyses/passes/gc/gc_cycles.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

struct GcResults {
  StackCells& stacks;
  const GcAssists& assists;
  GcCycles cycles = {};
  uint64_t waits = 0;  // of the program's goroutines, for the collector
  int64_t waited = 0;
  int64_t pause_max = 0, pause_max_at = kNever;
  int64_t length = 0;      // of the capture
  double p_time = 0;       // GOMAXPROCS integrated over it
  bool selective = false;  // see selection.h
};

void add_gc_tables(GcResults& results, Report& report);
void add_gc_cycles(const std::vector<GcCycle>& cycles, uint64_t summed_up, Report& report);
void add_gc_assists(const GcResults& results, Report& report);

}  // namespace tracetool
