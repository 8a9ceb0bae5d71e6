// What a version of the wire format is to those that do not know its bytes. The versions there are,
// one row each, stand in parser/formats.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "parser/model/facts.h"

namespace tracetool {

class ByteSource;
class Recorder;
class Tables;

/// What versions that are read alike have in common.
struct WireFormat {
  /// Reads from behind the header to the end of the input or to where another trace begins. Appends
  /// to facts.generations and facts.faults and leaves the recorder unfinished.
  void (*read)(ByteSource& source, const ReadOptions& options, Tables& tables, Recorder& recorder,
               CaptureFacts& facts);
  /// The records one by one as they stand in the file, as text; `line` answers false to stop. A
  /// fault where the file cannot be followed any further.
  std::optional<Fault> (*list)(ByteSource& source, int version,
                               const std::function<bool(std::string_view)>& line);
  std::string_view (*record_name)(uint8_t type);
  /// Whether these bytes, which are some, can follow a header.
  bool (*can_begin)(int version, std::span<const uint8_t> bytes);
  bool streams;  // a generation at a time; otherwise all of the capture is kept
};

struct WireVersion {
  int number;                          // N of the header "go 1.N trace"
  const char* releases;                // that write it: "Go 1.23, 1.24"
  const WireFormat* format = nullptr;  // none: recognised, but not read
};

inline constexpr size_t kHeaderBytes = 16;  // of any capture

/// All versions, the oldest first.
std::span<const WireVersion> wire_versions();
/// nullptr if no release writes it.
const WireVersion* wire_version(int number);
/// Of a version that is read.
inline const WireFormat& wire_format(int number) { return *wire_version(number)->format; }
/// Its releases as text; nullptr if no release writes it.
const char* releases_of(int number);

/// N of the header "go 1.N trace" that these bytes begin with, whatever N is; -1 if none is there.
int header_number(std::span<const uint8_t> bytes);
/// The same; -1 if no release writes it.
int version_of_header(std::span<const uint8_t> bytes);
/// Whether a trace begins here: another one, behind the end of the last.
inline bool begins_trace(std::span<const uint8_t> bytes) { return version_of_header(bytes) > 0; }

/// A record of an experiment, which events give by its type (Event::aux).
struct ExperimentalRecord {
  std::string_view name;
  int args;
};
ExperimentalRecord experimental_record(uint8_t type);

}  // namespace tracetool
