// What the reader makes of a trace in memory, as short lines that a test can compare.
//
//   "4 m7 p0 g1 G9 NotExist->Runnable stack=main.main start=main.f"
//
// is: at 4 ns, in the context of thread 7, P 0 and goroutine 1, goroutine 9 changes its state. A
// dash stands for none. Stacks are shown by their functions, innermost first, joined by "<".
#pragma once

#include <string>
#include <vector>

#include "parser/trace_reader.h"
#include "tests/support/trace_builder.h"

namespace tracetool::test {

using Lines = std::vector<std::string>;

struct ReadSettings {
  size_t chunk = 1 << 20;
  bool strict = false;
  bool own_thread = false;
  bool closings = false;  // show what the recorder adds at the end and before a gap
  bool foretold = false;  // show what is foretold
  bool since = false;     // show when the ended state began
  size_t blocks = 0;      // stop after so many blocks, 0 never
  ReadLimits limits = {};
};

struct Outcome {
  Lines lines;
  /// "invalid: offset 0x2a: … (generation 1, …)" for each fault.
  Lines faults;
  CaptureFacts facts;
  /// TraceReader::open() refused the input; its reason is in `faults`.
  bool refused = false;
};

/// With TRACETOOL_DUMP_TRACES=DIR every trace read is also written there, as NUMBER.trace and
/// NUMBER.lines: to hold them against Go's own reader.
Outcome read_trace(const Bytes& bytes, const ReadSettings& settings = {});

/// The lines without their leading times.
Lines without_times(const Lines& lines);

/// A fault's position in short: "invalid gen=1 m=7 GoStart.g_seq @0x2a".
std::string position(const Fault& fault);

}  // namespace tracetool::test
