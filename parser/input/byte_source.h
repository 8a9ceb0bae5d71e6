// The decompressed bytes of a capture, in order, from wherever they come.
//
// Plain file, pipe, zstd, gzip and memory all stream through chunks that are reused: format readers
// cannot tell which. Files are read, not mapped: 4 % slower, but a file that shrinks while it is
// read is an error message and not a signal (docs/performance.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parser/model/fault.h"

namespace tracetool {

/// Pulls raw bytes. Short reads are normal; 0 is the end or a fault.
class ByteReader {
 public:
  virtual ~ByteReader() = default;
  virtual size_t read(std::span<uint8_t> into) = 0;
  /// Why the input ended, if it did not end well.
  virtual std::optional<Fault> fault() const { return std::nullopt; }
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// The bytes from offset() on: at least `want` (at most 1 MiB) of them unless the input ends
  /// before. They stay in place until release().
  virtual std::span<const uint8_t> look(size_t want) = 0;
  /// Moves on by `n` bytes that look() has shown.
  virtual void advance(size_t n) = 0;
  /// Bytes before offset() are needed no more.
  virtual void release() = 0;
  virtual uint64_t offset() const = 0;
  /// A read error or damaged compression that ended the input early.
  virtual std::optional<Fault> fault() const { return std::nullopt; }
};

/// How the file is packed, for people.
enum class Packing : uint8_t { kPlain, kZstd, kGzip };
const char* name_of(Packing packing);

struct InputOptions {
  bool own_thread = true;  // decompress on a thread of its own
  size_t chunk = 1 << 20;  // bytes asked for at a time; tests use tiny ones
  bool keep = false;       // what can be read only once is kept, so that it can be read again
};

class CaptureFile;
class KeptStream;

struct Input {
  std::unique_ptr<ByteSource> source;
  Packing packing = Packing::kPlain;
  uint64_t file_bytes = 0;                  // as it lies on disk; 0 for a pipe
  std::shared_ptr<const CaptureFile> file;  // if it can be read again
  std::shared_ptr<KeptStream> kept;         // if not, and it is to be kept
};

/// Opens a file ("-" is standard input), told by its first bytes. A fault if it cannot be read.
std::optional<Fault> open_input(const std::string& path, const InputOptions& options, Input& out);
/// The same for a file that was opened before; `name` is for messages.
std::optional<Fault> open_again(std::shared_ptr<const CaptureFile> file, const std::string& name,
                                const InputOptions& options, Input& out);
/// The same for bytes in memory, which must outlive the input.
std::optional<Fault> open_memory(std::span<const uint8_t> bytes, const InputOptions& options,
                                 Input& out);

/// Bytes through a list of chunks, reused after release(). `chunk` is the most asked for at a time.
std::unique_ptr<ByteSource> make_stream_source(std::unique_ptr<ByteReader> reader, size_t chunk);
/// Runs `reader` on a thread of its own, a few buffers ahead; or as it is if no thread can be had.
std::unique_ptr<ByteReader> make_read_ahead(std::unique_ptr<ByteReader> reader);
std::unique_ptr<ByteReader> make_zstd_reader(std::unique_ptr<ByteReader> packed);
std::unique_ptr<ByteReader> make_gzip_reader(std::unique_ptr<ByteReader> packed);

}  // namespace tracetool
