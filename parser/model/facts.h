// What is found out about a capture while it is read, and how it is to be read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "parser/model/fault.h"
#include "parser/model/tables.h"

namespace tracetool {

/// What is known about a generation (format 1 has only one).
struct GenerationFacts {
  uint64_t number = 0;
  uint64_t offset = 0;  // of its first batch
  uint64_t bytes = 0;
  uint64_t batches = 0;
  uint64_t events = 0;  // delivered ones; 0 if nothing of it could be used
  int64_t begin = 0;    // ns, as Event::time
  int64_t end = 0;
  uint32_t threads = 0;  // that wrote events
  uint32_t strings = 0;
  uint32_t stacks = 0;
  uint64_t cpu_samples = 0;
  uint64_t experimental_bytes = 0;
  std::optional<ClockSnapshot> clock;
  bool complete = true;
};

/// What the reader found out about the capture as a whole.
struct CaptureFacts {
  int version = 0;  // N of "go 1.N trace"
  std::vector<GenerationFacts> generations;
  std::vector<Fault> faults;  // in order; kNote ones do not make the capture damaged
  /// Wire records and their bytes by type number of the format; a batch is its header.
  struct WireCount {
    uint64_t events = 0, bytes = 0;
  };
  std::vector<WireCount> wire;
  uint64_t bytes = 0;       // decompressed, with what could not be understood
  uint64_t file_bytes = 0;  // as it lies on disk, 0 for a pipe
  uint64_t events = 0;      // delivered
  int64_t duration = 0;     // ns from first to last event
  uint64_t threads = 0;     // that wrote events
  uint64_t headers = 1;     // traces in the file, one behind the other
  bool spoiled = false;     // its file became another one while it was read: nothing holds
  /// More follows that was not read, as ReadOptions::until allows: all of this is of what was read.
  bool stopped_early = false;
  /// Sums of times may not fit into 64 bits.
  bool sums_overflow = false;
  /// Something is missing or wrong: results are partial.
  bool damaged() const;
  /// Not one event could be delivered.
  bool empty() const;
};

/// A CPU sample that is further than this from all other events (ns) is a lie: it would stretch the
/// trace. Real ones lie between them, but the last events may be missing.
inline constexpr int64_t kMostStray = 1'000'000'000;

/// What lies in a trace may cost: more than any real capture has. Tables take several times their
/// bytes in memory.
struct ReadLimits {
  uint64_t generation_bytes = uint64_t{1} << 30;
  uint64_t generation_table_bytes = uint64_t{256} << 20;  // strings, stacks and CPU samples
  uint64_t generation_batches = uint64_t{1} << 22;
  uint64_t generations = uint64_t{1} << 20;
  uint64_t faults = 1000;  // told one by one
  /// Statuses and the like in the generation with which a part of the trace begins: of more nothing
  /// is foretold.
  uint64_t tellings = uint64_t{1} << 20;
  /// How often events that wait for others may be looked at: so often for each byte that was read,
  /// which is thousands of times what real traces take, and so often in all beside that.
  uint64_t tries_per_byte = 16;
  uint64_t tries = 1 << 16;
  /// What is kept of a whole capture: strings and stacks, what is open, and all of format 1.
  uint64_t memory = kDefaultMemory;
};

struct ReadOptions {
  bool strict = false;      // stop at the first fault, even where reading on is possible
  bool count_wire = false;  // fill CaptureFacts::wire (costs a walk over all records)
  std::function<void(uint64_t)> progress = {};
  ReadLimits limits = {};
  /// As Event::time: nobody needs what lies behind. Where the format allows, reading ends with the
  /// generation that passes it, as if the capture did, and does so whatever threads there are.
  int64_t until = INT64_MAX;
};

/// So many CPU samples are further than kMostStray from the trace.
Fault stray_samples(uint64_t count, std::optional<uint64_t> generation);

}  // namespace tracetool
