// What the parallelism pass gathered, and the tables made of it.
#pragma once

#include <vector>

#include "analyses/engine/stack_cell.h"
#include "analyses/measure/load_curve.h"
#include "analyses/passes/parallelism/busy_levels.h"
#include "analyses/passes/parallelism/proc_usage.h"
#include "analyses/passes/parallelism/serial_causes.h"
#include "analyses/passes/parallelism/serial_time.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

struct ParallelismResults {
  StackCells& stacks;
  const BusyLevels& levels;
  const ProcUsage& procs;
  const SerialTime& serial;
  const SerialCauseTimes& causes;  // of all time with one P busy
  const LoadCurve& busy;
  const LoadCurve& runnable;
  int64_t length;    // of the capture
  int64_t unknown;   // part of it that was lost
  int64_t shortest;  // serial phase

  /// GOMAXPROCS integrated over time.
  double capacity() const { return busy.total().capacity; }
};

void add_parallelism_tables(const ParallelismResults& results, Report& report);
/// serial_causes, serial_phases and serial_culprits.
void add_serial_tables(const ParallelismResults& results, Report& report);

}  // namespace tracetool
