// The decompressed bytes of a capture, in order, from wherever they come.
//
// A plain file is mapped and its pages are let go once read; everything else (pipe, zstd, gzip,
// memory in tests) streams through buffers that are reused. Format readers cannot tell which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parser/fault.h"

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
  /// Bytes of the file as it lies on disk, and how many of them were read; 0 if unknown.
  virtual uint64_t file_size() const { return 0; }
  virtual uint64_t file_read() const { return 0; }
};

/// How the file is packed, for people.
enum class Packing : uint8_t { kPlain, kZstd, kGzip };
const char* name_of(Packing packing);

struct InputOptions {
  bool map = true;         // map plain files
  bool own_thread = true;  // decompress on a thread of its own
  size_t chunk = 1 << 20;  // bytes asked for at a time; tests use tiny ones
};

struct Input {
  std::unique_ptr<ByteSource> source;
  Packing packing = Packing::kPlain;
};

/// Opens a file ("-" is standard input), told by its first bytes. A fault if it cannot be read.
std::optional<Fault> open_input(const std::string& path, const InputOptions& options, Input& out);
/// The same for bytes in memory, which must outlive the input.
std::optional<Fault> open_memory(std::span<const uint8_t> bytes, const InputOptions& options,
                                 Input& out);

/// Bytes through buffers of their own: a list of chunks, freed and reused by release().
std::unique_ptr<ByteSource> make_stream_source(std::unique_ptr<ByteReader> reader, size_t chunk);
/// Runs `reader` on a thread of its own, a few buffers ahead.
std::unique_ptr<ByteReader> make_read_ahead(std::unique_ptr<ByteReader> reader);
std::unique_ptr<ByteReader> make_zstd_reader(std::unique_ptr<ByteReader> packed);
std::unique_ptr<ByteReader> make_gzip_reader(std::unique_ptr<ByteReader> packed);
/// nullptr where files cannot be mapped: the caller then reads them.
std::unique_ptr<ByteSource> make_mapped_source(int fd, uint64_t size);

}  // namespace tracetool
