#include "parser/input/further_trace.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "parser/model/wire_version.h"

namespace tracetool {
namespace {

/// A small packed file can unpack to anything.
constexpr uint64_t kMostSkipped = 256 << 20;

/// Behind a header: nothing, or what a trace of this version begins with.
bool can_begin(int number, std::span<const uint8_t> bytes) {
  if (bytes.empty()) return true;
  const WireFormat* format = wire_version(number)->format;
  return format != nullptr && format->can_begin(number, bytes);
}

}  // namespace

size_t find_header(std::span<const uint8_t> bytes) {
  constexpr std::string_view kBegin = "go 1.";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (size_t at = 0; at < bytes.size(); ++at) {
    const void* begin = memmem(text.data() + at, text.size() - at, kBegin.data(), kBegin.size());
    if (begin == nullptr) return kNowhere;
    at = static_cast<size_t>(static_cast<const char*>(begin) - text.data());
    if (begins_trace(bytes.subspan(at))) return at;
  }
  return kNowhere;
}

size_t find_trace(std::span<const uint8_t> bytes) {
  for (size_t from = 0;;) {
    const size_t header = find_header(bytes.subspan(from));
    if (header == kNowhere) return kNowhere;
    const size_t at = from + header;
    if (can_begin(version_of_header(bytes.subspan(at)), bytes.subspan(at + kHeaderBytes)))
      return at;
    from = at + 1;
  }
}

void skip_rest(ByteSource& source, Loss& loss) {
  uint64_t bytes = 0;
  for (;;) {
    source.release();
    const std::span<const uint8_t> sight = source.look(kHeaderBytes);
    const size_t header = find_header(sight);
    // The next header may begin with the last bytes in sight.
    const size_t n = header != kNowhere            ? header
                     : sight.size() < kHeaderBytes ? sight.size()
                                                   : sight.size() - (kHeaderBytes - 1);
    source.advance(n);
    bytes += n;
    if (n == 0 || header != kNowhere || bytes >= kMostSkipped) break;
  }
  loss.at_least = bytes >= kMostSkipped;
  if (bytes != 0) loss.add_bytes(bytes);
}

}  // namespace tracetool
