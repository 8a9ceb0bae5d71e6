#include "parser/wire/further_trace.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "parser/format2/wire_spec.h"
#include "parser/trace_reader.h"
#include "parser/wire/varint.h"

namespace tracetool {
namespace {

/// Behind a header: nothing, or what a trace of this version begins with.
bool can_begin(int version, std::span<const uint8_t> bytes) {
  if (bytes.empty()) return true;
  if (version < 22) return can_be_records(v1::layout_of(version), bytes, 1);
  return bytes[0] == kWireBatch || bytes[0] == kWireExperimentalBatch ||
         (version >= 26 && bytes[0] == kWireEndOfGeneration);
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

bool can_be_records(const v1::Layout& layout, std::span<const uint8_t> bytes, int count) {
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + bytes.size();
  VarintError error = VarintError::kNone;
  // Bytes that are not there may be anything.
  const auto skip = [&](uint64_t n) {
    if (n > v1::kMostText) return false;
    p += std::min<uint64_t>(n, static_cast<uint64_t>(end - p));
    return true;
  };
  for (; count > 0 && p != end; --count) {
    const uint8_t type = *p & 63, form = *p >> 6;
    ++p;
    const uint8_t values = layout[type];
    if (values == 0) return false;
    const bool own = values == v1::kOwnLayout;
    if (own ? (type == v1::kStack) != (form == 3) : form != 3 && form + 1 != values) return false;
    if (own || form == 3) {
      if (type == v1::kString && varint_checked(p, end, error) == 0)
        return error == VarintError::kShort;
      const uint64_t length = varint_checked(p, end, error);
      if (error != VarintError::kNone) return error == VarintError::kShort;
      if (length == 0) return false;
      if (!skip(length)) return false;
    } else {
      for (int i = 0; i < values; ++i) varint_checked(p, end, error);
    }
    if (type == v1::kUserLog && error == VarintError::kNone) {
      const uint64_t length = varint_checked(p, end, error);
      if (error == VarintError::kNone && !skip(length)) return false;
    }
    if (error != VarintError::kNone) return error == VarintError::kShort;
  }
  return true;
}

}  // namespace tracetool
