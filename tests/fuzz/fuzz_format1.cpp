// Format 1: any bytes behind a right header.
#include "parser/input/lookalike.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/format_versions.h"

using namespace tracetool;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr int kVersions[] = {7, 8, 9, 10, 11, 19, 21};
  if (size < 16) return 0;
  const std::vector<uint8_t> bytes = fuzz::with_header({data, size}, kVersions);
  if (is_recoded(
          {reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), 512)}))
    return 0;  // is refused
  const fuzz::Result whole = fuzz::read_checked(bytes, 1 << 20);
  const fuzz::Result chunks = fuzz::read_checked(bytes, 61);
  TT_MUST(whole.opened && chunks.opened);
  TT_MUST(whole.digest == chunks.digest);
  TT_MUST(whole.faults == chunks.faults);
  return 0;
}
