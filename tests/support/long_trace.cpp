#include "tests/support/long_trace.h"

#include <zstd.h>

#include "tests/support/trace_builder.h"

namespace tracetool::test {

std::string long_trace(int generations) {
  TraceBuilder b(26);
  for (int g = 1; g <= generations; ++g) {
    auto& t =
        on_cpu(b.generation(static_cast<uint64_t>(g), static_cast<uint64_t>(g) * 100'000), 7, 0, 1);
    for (int i = 0; i < 9000; ++i) t.event("HeapAlloc", {i % 100});
  }
  const Bytes bytes = b.bytes();
  return {bytes.begin(), bytes.end()};
}

std::string zstd_packed(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
  return packed;
}

}  // namespace tracetool::test
