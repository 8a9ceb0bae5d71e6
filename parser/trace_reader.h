// From an input to events: recognises the version and runs the right format's reader.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parser/input/byte_source.h"
#include "parser/model/block.h"
#include "parser/model/facts.h"
#include "parser/model/fault.h"
#include "parser/model/tables.h"

namespace tracetool {

class Recorder;

/// One thread at a time may use it, but for what Tables allows. What is wrong with an input is a
/// Fault; exceptions are std::bad_alloc and what a sink or `progress` throws. Tables and facts live
/// as long as it does.
class TraceReader {
 public:
  TraceReader(Input input, ReadOptions options)
      : input_(std::move(input)),
        options_(std::move(options)),
        budget_(options_.limits.memory),
        tables_(&budget_) {}

  /// Reads the header. A fault if this is not a trace that can be read.
  std::optional<Fault> open();
  /// Reads what is wanted and hands it to `sink` in blocks, on the calling thread; once. All faults
  /// are in facts() afterwards.
  void read(BlockSink& sink);
  /// Looks what happened to the file meanwhile; done by read().
  void check_file();

  /// `progress` is called with the bytes read so far, about once a generation.
  void set_progress(std::function<void(uint64_t)> progress) {
    options_.progress = std::move(progress);
  }

  /// ReadOptions::until, before read().
  void set_until(int64_t until) { options_.until = until; }

  const ReadOptions& options() const { return options_; }
  const CaptureFacts& facts() const { return facts_; }
  Packing packing() const { return input_.packing; }
  uint64_t file_bytes() const { return input_.file_bytes; }
  /// What can be opened once more; nullptr for a pipe.
  const std::shared_ptr<const CaptureFile>& file() const { return input_.file; }
  const Tables& tables() const { return tables_; }
  ByteSource& source() { return *input_.source; }

 private:
  /// Moves behind text that stands before the trace.
  void skip_text();
  /// Behind the end of a trace: whether another one follows, which is read into the same events.
  bool goes_on(Recorder& recorder);

  Input input_;
  ReadOptions options_;
  MemoryBudget budget_;
  Tables tables_;
  CaptureFacts facts_;
  uint64_t second_at_ = 0;  // where another trace begins
};

}  // namespace tracetool
