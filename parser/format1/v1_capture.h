// What the first pass over a capture of format 1 leaves for the second: where the records of each
// P are, and the tables that the format writes behind the events which use them.
//
// This is the one place where memory follows the size of the input: the ByteSource keeps all bytes
// (it is not released before the end), which is 1.00 bytes for each byte of the decompressed file.
// The indexes add 40 bytes for each batch of 64 KB and 24 for each CPU sample and each end of a
// syscall that lost its P: less than 1 % in the two captures of 100 MB measured.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "parser/format1/v1_wire.h"
#include "parser/input/byte_source.h"
#include "parser/model/facts.h"
#include "parser/model/fault.h"
#include "parser/model/hash.h"
#include "parser/model/tables.h"

namespace tracetool::v1 {

/// File ids to interned ids. Dense while ids are as dense as a writer's, whatever they are.
class IdTable {
 public:
  /// False if the id was there already, which stays as it was.
  bool add(uint64_t id, uint32_t value);
  /// nullptr for an unknown id.
  const uint32_t* find(uint64_t id) const {
    if (id < dense_.size() && dense_[id] != kNone) [[likely]]
      return &dense_[id];
    return find_sparse(id);
  }
  size_t size() const { return count_; }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  const uint32_t* find_sparse(uint64_t id) const;

  std::vector<uint32_t> dense_;
  std::unordered_map<uint64_t, uint32_t, IdHash> sparse_;
  size_t count_ = 0;
};

/// Records of one P that lie in one piece: a batch, or the part of one in one chunk of input.
struct Segment {
  const uint8_t* begin;
  const uint8_t* end;
  uint64_t offset;  // of `begin` in the file
  uint64_t ticks;   // before the first record
  uint32_t next;    // segment of the same P; kNoSegment at the end
};
inline constexpr uint32_t kNoSegment = ~uint32_t{0};

/// All segments of one P, or of no P.
struct Stream {
  ProcIndex p;
  uint32_t first, last;
};

/// A record that takes effect at another time than its neighbours tell.
struct Displaced {
  uint64_t ticks;
  uint64_t written;  // its neighbours' ticks; of no meaning for a sample
  const uint8_t* record;
};

struct Capture {
  int version = 0;
  Layout layout = {};
  /// Ticks per second; none if the file ends before it.
  std::optional<uint64_t> frequency;
  /// It does, and may lack events of any P: so what an event follows may be missing.
  bool cut = false;
  std::vector<Segment> segments;
  std::vector<Stream> streams;
  std::vector<Displaced> samples;  // of the CPU profile, by time
  std::vector<Displaced> exits;    // of syscalls, written when there was a P again; by both times
  /// No event is earlier or later than these.
  uint64_t first_ticks = ~uint64_t{0}, last_ticks = 0;
  std::vector<uint64_t> timers;  // goroutines that run timers (up to Go 1.13), ascending
  IdTable strings, stacks;
  uint64_t events = 0;  // records in all streams
  uint64_t batches = 0;
  uint64_t partial_stacks = 0;  // with names that the file does not have
  /// What ended the first pass early.
  std::optional<Fault> fault;

  /// Takes out the CPU samples that are far from all events, which are lies: how many.
  uint64_t drop_stray_samples();
  /// Where a record is in the file. Slow: for faults.
  uint64_t offset_of(const uint8_t* record) const;
};

/// First pass: checks the layout of all records, so that the second need not, and fills `out` with
/// what lies before the first damage.
void parse(ByteSource& source, const ReadOptions& options, Tables& tables, CaptureFacts& facts,
           Capture& out);

}  // namespace tracetool::v1
