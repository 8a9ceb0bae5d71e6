// The pull interface: asks for the next block, where TraceReader::read() pushes all to a sink.
#pragma once

#include <cstddef>
#include <memory>

#include "parser/model/block.h"
#include "parser/trace_reader.h"

namespace tracetool {

/// Reads on a thread of its own, a few blocks ahead of its user, and orders events as it goes.
/// One thread at a time may use it.
class BlockReader {
 public:
  /// How many blocks there are. What a GoSlot stands for stays for so many blocks after the one in
  /// which its goroutine ended.
  static constexpr size_t kBlocks = 16;
  /// How much of the tables a user may look up: ids below these.
  struct Known {
    size_t strings = 0, stacks = 0, threads = 0;
  };

  /// `reader` was opened, is read by nobody else, and outlives this. Nothing is read yet.
  explicit BlockReader(TraceReader& reader);
  /// As stop(), but for exceptions.
  ~BlockReader();
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  /// The next block, which has 1 to kBlockEvents events and stays as it is until the next call of
  /// next() or stop(); nullptr at the end, from when on the reader's facts() are complete, faults
  /// included. Meanwhile tables() may be asked for ids of events that were handed out, facts() for
  /// nothing.
  ///
  /// Throws std::system_error (resource_unavailable_try_again) if no thread can be had, and what
  /// the reading thread throws (std::bad_alloc) behind the last block that it filled. After an
  /// exception there is nothing more to read.
  const Block* next();
  /// Reads no further: facts() are then those of what was read. Waits until the reading thread has
  /// noticed, which takes as long as the input takes to answer, and throws what that threw.
  void stop();
  /// Grows with each block that next() gives.
  Known known() const;

 private:
  class Handover;
  std::unique_ptr<Handover> handover_;
};

}  // namespace tracetool
