#include "parser/format1/v1_records.h"

#include <algorithm>

#include "parser/wire/varint.h"

namespace tracetool::v1 {

bool can_be_records(const Layout& layout, std::span<const uint8_t> bytes, int count) {
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + bytes.size();
  VarintError error = VarintError::kNone;
  // Bytes that are not there may be anything.
  const auto skip = [&](uint64_t n) {
    if (n > kMostText) return false;
    p += std::min<uint64_t>(n, static_cast<uint64_t>(end - p));
    return true;
  };
  for (; count > 0 && p != end; --count) {
    const uint8_t type = *p & 63, form = *p >> 6;
    ++p;
    const uint8_t values = layout[type];
    if (values == 0) return false;
    const bool own = values == kOwnLayout;
    if (own ? (type == kStack) != (form == 3) : form != 3 && form + 1 != values) return false;
    if (own || form == 3) {
      if (type == kString && varint_checked(p, end, error) == 0)
        return error == VarintError::kShort;
      const uint64_t length = varint_checked(p, end, error);
      if (error != VarintError::kNone) return error == VarintError::kShort;
      if (length == 0) return false;
      if (!skip(length)) return false;
    } else {
      for (int i = 0; i < values; ++i) varint_checked(p, end, error);
    }
    if (type == kUserLog && error == VarintError::kNone) {
      const uint64_t length = varint_checked(p, end, error);
      if (error == VarintError::kNone && !skip(length)) return false;
    }
    if (error != VarintError::kNone) return error == VarintError::kShort;
  }
  return true;
}

}  // namespace tracetool::v1
