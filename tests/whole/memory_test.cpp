// Memory follows the largest generation, however much a packed file unpacks to.
#include <zstd.h>

#include <catch2/catch.hpp>

#include "parser/trace_reader.h"
#include "tests/support/trace_builder.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/allocator_interface.h>
#else
#include <malloc.h>
#endif

using namespace tracetool;
using namespace tracetool::test;

namespace {

size_t live_heap() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

class PeakSink final : public BlockSink {
 public:
  Block* exchange(Block*) override {
    peak = std::max(peak, live_heap());
    return block_.get();
  }
  size_t peak = 0;

 private:
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

/// The header, and `times` times the same generation of about 30 KB.
Bytes packed_trace(int times, uint64_t& bytes) {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  for (int i = 0; i < 9000; ++i) t.event("HeapAlloc", {i % 100});
  const Bytes one = b.bytes();
  Bytes packed;
  const auto add = [&](const Bytes& more) {
    const size_t at = packed.size();
    packed.resize(at + ZSTD_compressBound(more.size()));
    packed.resize(
        at + ZSTD_compress(packed.data() + at, packed.size() - at, more.data(), more.size(), 1));
  };
  add(one);
  Bytes many;
  for (int i = 0; i < 50; ++i) many.insert(many.end(), one.begin() + 16, one.end());
  for (int i = 0; i < times / 50; ++i) add(many);
  bytes = one.size() + many.size() * static_cast<size_t>(times / 50);
  return packed;
}

}  // namespace

TEST_CASE("A small file that unpacks to a lot is read in the memory of one generation") {
  for (int times : {50, 2000}) {
    CAPTURE(times);
    uint64_t bytes = 0;
    const Bytes packed = packed_trace(times, bytes);
    CHECK(packed.size() * 20 < bytes);
    const size_t before = live_heap();
    Input input;
    REQUIRE_FALSE(open_memory(packed, {.own_thread = false}, input));
    TraceReader reader(std::move(input), {});
    REQUIRE_FALSE(reader.open());
    PeakSink sink;
    reader.read(sink);
    CHECK_FALSE(reader.facts().damaged());
    CHECK(reader.facts().bytes == bytes);
    CHECK(sink.peak - before < 12 << 20);
  }
}
