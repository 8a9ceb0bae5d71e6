// Recognising an input and unpacking it: any bytes.
#include <algorithm>

#include "parser/input/lookalike.h"
#include "tests/fuzz/check.h"

using namespace tracetool;

namespace {

constexpr size_t kMost = 8 << 20;  // a small file can unpack to anything

std::vector<uint8_t> unpack(std::span<const uint8_t> bytes, size_t chunk) {
  std::vector<uint8_t> out;
  Input input;
  if (open_memory(bytes, {.own_thread = false, .chunk = chunk}, input)) return out;
  while (out.size() < kMost) {
    const auto seen = input.source->look(4096);
    if (seen.empty()) break;
    out.insert(out.end(), seen.begin(), seen.end());
    input.source->advance(seen.size());
    input.source->release();
  }
  TT_MUST(input.source->offset() == out.size());
  out.resize(std::min(out.size(), kMost));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  TT_MUST(!describe_lookalike(bytes.first(std::min<size_t>(size, 512))).empty());
  const std::vector<uint8_t> whole = unpack(bytes, 1 << 20);
  TT_MUST(unpack(bytes, 977) == whole);
  Input input;
  if (open_memory(bytes, {.own_thread = false}, input)) return 0;
  TraceReader reader(std::move(input), {});
  if (const auto fault = reader.open()) TT_MUST(!fault->describe().empty());
  return 0;
}
