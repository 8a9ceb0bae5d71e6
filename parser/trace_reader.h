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
  /// Sums of times may not fit into 64 bits.
  bool sums_overflow = false;
  /// Something is missing or wrong: results are partial.
  bool damaged() const;
  /// Not one event could be delivered.
  bool empty() const;
};

inline constexpr size_t kHeaderBytes = 16;  // of any capture

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
};

/// "Go 1.23, 1.24": which Go releases write "go 1.`version` trace"; nullptr if none does.
const char* releases_of(int version);
/// What a file that is no trace looks like, as a sentence with advice; for its first bytes.
std::string describe_lookalike(std::span<const uint8_t> head);
/// Whether what begins like a trace was taken for text in UTF-8 and written anew.
bool is_recoded(std::string_view head);
/// Whether a person can read it.
bool is_text(std::string_view bytes);
/// "123 bytes of text: "its first line"".
std::string describe_text(std::string_view text);
/// N of the header "go 1.N trace" that stands here; -1 if none does that some release writes.
int version_of_header(std::span<const uint8_t> bytes);
/// Whether a trace begins here: another one, behind the end of the last.
inline bool begins_trace(std::span<const uint8_t> bytes) { return version_of_header(bytes) > 0; }

class Recorder;

class TraceReader {
 public:
  TraceReader(Input input, ReadOptions options)
      : input_(std::move(input)),
        options_(std::move(options)),
        budget_(options_.limits.memory),
        tables_(&budget_) {}

  /// Reads the header. A fault if this is not a trace that can be read.
  std::optional<Fault> open();
  /// Reads everything and hands it to `sink` in blocks. All faults are in facts() afterwards.
  void read(BlockSink& sink);
  /// Looks what happened to the file meanwhile; done by read().
  void check_file();

  /// `progress` is called with the bytes read so far, about once a generation.
  void set_progress(std::function<void(uint64_t)> progress) {
    options_.progress = std::move(progress);
  }

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

/// Reads on to the end of the input, or to where another trace begins, for the size of what cannot
/// be understood. Gives up on what looks endless: then `loss` says "at least".
void skip_rest(ByteSource& source, Loss& loss);
/// So many CPU samples are further than kMostStray from the trace.
Fault stray_samples(uint64_t count, std::optional<uint64_t> generation);

/// The readers of the two formats: from behind the header to the end of the input. They append to
/// facts.generations and facts.faults and leave the recorder unfinished.
void read_format1(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts);
void read_format2(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts);

}  // namespace tracetool
