// Inputs: plain, zstd and gzip, whole and damaged, in chunks of any size.
#include "parser/input/byte_source.h"

#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using tracetool::test::scratch;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes random_bytes(size_t n, unsigned values) {
  std::mt19937 random(7);
  Bytes out(n);
  for (uint8_t& b : out) b = static_cast<uint8_t>(random() % values);
  return out;
}

Bytes zstd(const Bytes& plain, bool checksum = true) {
  Bytes out(ZSTD_compressBound(plain.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  return out;
}

Bytes gzip(const Bytes& plain) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&stream, plain.size()) + 32);
  Bytes in = plain;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& p : parts) out.insert(out.end(), p.begin(), p.end());
  return out;
}

struct Read {
  Bytes bytes;
  std::optional<Fault> fault;
  Packing packing = Packing::kPlain;
};

/// All of a source, in steps of `step`.
Read read_source(Input& input, size_t step) {
  Read out;
  out.packing = input.packing;
  ByteSource& s = *input.source;
  for (;;) {
    const auto seen = s.look(step);
    if (seen.empty()) break;
    const size_t n = std::min(step, seen.size());
    out.bytes.insert(out.bytes.end(), seen.begin(), seen.begin() + static_cast<long>(n));
    s.advance(n);
    s.release();
  }
  CHECK(s.offset() == out.bytes.size());
  out.fault = s.fault();
  return out;
}

Read read_all(const Bytes& packed, size_t chunk = 1 << 20, bool own_thread = false,
              size_t step = 1 << 16) {
  Input input;
  const auto fault = open_memory(packed, {.own_thread = own_thread, .chunk = chunk}, input);
  if (fault) return {{}, fault, input.packing};
  return read_source(input, step);
}

}  // namespace

TEST_CASE("What is packed comes out as it went in, in chunks of any size") {
  // Sizes around the borders of blocks and buffers.
  for (size_t size : {0, 1, 3, 4, 5, 100, 131072, 300'001}) {
    const Bytes plain = random_bytes(size, 4);
    for (size_t chunk : {1, 2, 3, 7, 4096, 1 << 20}) {
      if (size > 1000 && chunk < 4096) continue;
      CAPTURE(size, chunk);
      const Read a = read_all(plain, chunk);
      CHECK(a.bytes == plain);
      CHECK_FALSE(a.fault);
      const Read b = read_all(zstd(plain), chunk);
      CHECK(b.bytes == plain);
      CHECK_FALSE(b.fault);
      CHECK(b.packing == Packing::kZstd);
      const Read c = read_all(gzip(plain), chunk);
      CHECK(c.bytes == plain);
      CHECK_FALSE(c.fault);
      CHECK(c.packing == Packing::kGzip);
    }
  }
}

TEST_CASE("The end of the data at the end of a buffer is no fault") {
  // Exactly what a read asks for: the codec is asked once more with nothing left.
  for (size_t size : {1 << 16, 512 << 10, 1 << 20, 2 << 20}) {
    const Bytes plain = random_bytes(size, 256);
    for (bool own_thread : {false, true})
      for (const Bytes& packed : {zstd(plain), zstd(plain, false), gzip(plain)}) {
        CAPTURE(size, own_thread);
        const Read got = read_all(packed, size, own_thread);
        CHECK(got.bytes == plain);
        CHECK_FALSE(got.fault);
      }
  }
}

TEST_CASE("Several frames or members are one input") {
  const Bytes a = random_bytes(1000, 3), b = random_bytes(70'000, 200), c;
  for (size_t chunk : {7, 1000, 1 << 20}) {
    CHECK(read_all(joined({zstd(a), zstd(c), zstd(b)}), chunk).bytes == joined({a, b}));
    CHECK_FALSE(read_all(joined({zstd(a), zstd(c), zstd(b)}), chunk).fault);
    CHECK(read_all(joined({gzip(a), gzip(c), gzip(b)}), chunk).bytes == joined({a, b}));
    CHECK_FALSE(read_all(joined({gzip(a), gzip(c), gzip(b)}), chunk).fault);
  }
  // A skippable frame of zstd, as parallel compressors write them.
  const Bytes skip = {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2};
  CHECK(read_all(joined({zstd(a), skip, zstd(b)})).bytes == joined({a, b}));
}

TEST_CASE("Packed data cut at every length gives a beginning, and a fault") {
  const Bytes plain = random_bytes(600, 6);
  for (const Bytes& packed : {zstd(plain), gzip(plain)}) {
    int faults = 0;
    for (size_t n = 4; n < packed.size(); ++n) {
      for (bool own_thread : {false, true}) {
        const Read got =
            read_all(Bytes(packed.begin(), packed.begin() + static_cast<long>(n)), 64, own_thread);
        REQUIRE(got.bytes.size() <= plain.size());
        REQUIRE(std::equal(got.bytes.begin(), got.bytes.end(), plain.begin()));
        REQUIRE(got.fault);
        CHECK(got.fault->kind == FaultKind::kTruncated);
        ++faults;
      }
    }
    CHECK(faults == 2 * static_cast<int>(packed.size() - 4));
  }
}

TEST_CASE("Packed data with any bit flipped never gives more than a fault") {
  const Bytes plain = random_bytes(300, 6);
  for (Bytes packed : {zstd(plain), gzip(plain)}) {
    int cases = 0, unnoticed = 0;
    for (uint8_t& byte : packed) {
      for (int bit = 0; bit < 8; ++bit) {
        byte = static_cast<uint8_t>(byte ^ (1 << bit));
        const Read got = read_all(packed);
        // Nothing that comes before the damage is lost, whatever the size of the chunks.
        REQUIRE(read_all(packed, 7).bytes == got.bytes);
        if (!got.fault && got.packing != Packing::kPlain && got.bytes != plain) ++unnoticed;
        byte = static_cast<uint8_t>(byte ^ (1 << bit));
        ++cases;
      }
    }
    CHECK(cases == static_cast<int>(packed.size()) * 8);
    CHECK(unnoticed == 0);  // both carry a checksum
  }
}

TEST_CASE("Gzip data that are damaged far behind give what comes before") {
  const Bytes plain = random_bytes(20'000, 256);
  Bytes packed = gzip(plain);
  // A literal block of random bytes holds them as they are; then the codes of the next one.
  Bytes compressible = random_bytes(20'000, 4);
  Bytes tail = gzip(compressible);
  tail[tail.size() / 2] ^= 0xFF;
  tail[tail.size() / 2 + 1] ^= 0xFF;
  const Read got = read_all(joined({packed, tail}));
  REQUIRE(got.fault);
  CHECK(got.bytes.size() > plain.size() + compressible.size() / 3);
  CHECK(std::equal(plain.begin(), plain.end(), got.bytes.begin()));
  CHECK(std::equal(compressible.begin(), compressible.begin() + 5000,
                   got.bytes.begin() + static_cast<long>(plain.size())));
}

TEST_CASE("Garbage behind packed data is a fault, and what came before is kept") {
  const Bytes plain = random_bytes(500, 9), garbage = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (const Bytes& packed : {zstd(plain), gzip(plain)}) {
    const Read got = read_all(joined({packed, garbage}));
    CHECK(got.bytes == plain);
    REQUIRE(got.fault);
    CHECK(got.fault->kind == FaultKind::kMalformed);
  }
}

TEST_CASE("Frames of before zstd 1.0 are something else, whatever is in them") {
  // A block of 8,203 zeros is all of the first frame.
  const Bytes zeros = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x3b, 0x5b, 0x00, 0x01, 0x00};
  // The first byte of each of their formats.
  for (const uint8_t format : {0x1e, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27}) {
    for (const Bytes& rest : {Bytes{0xff, 0x18, 0xb4}, Bytes(), Bytes(40, 0)}) {
      const Bytes old = {format, 0xb5, 0x2f, 0xfd};
      for (const size_t chunk : {size_t{1}, size_t{977}, size_t{8203}, size_t{1} << 20}) {
        CAPTURE(format, rest.size(), chunk);
        const Read got = read_all(joined({zeros, old, rest}), chunk);
        CHECK(got.bytes == Bytes(8203, 0));
        REQUIRE(got.fault);
        CHECK(got.fault->message.find("what follows the zstd data is something else") == 0);
      }
    }
  }
}

TEST_CASE("What was looked at stays in place until it is released") {
  const Bytes plain = random_bytes(9 << 20, 256);
  Input input;
  REQUIRE_FALSE(open_memory(plain, {.own_thread = false, .chunk = 100'000}, input));
  ByteSource& s = *input.source;
  std::vector<std::span<const uint8_t>> seen;
  size_t at = 0;
  for (size_t n : {1, 70'000, 3, 65'600, 1'000'000}) {
    for (int i = 0; i < 5; ++i) {
      const auto view = s.look(n);
      REQUIRE(view.size() >= n);
      seen.push_back(view.first(n));
      s.advance(n);
    }
  }
  for (const auto& view : seen) {
    REQUIRE(std::equal(view.begin(), view.end(), plain.begin() + static_cast<long>(at)));
    at += view.size();
  }
  CHECK(s.offset() == at);
  s.release();
  CHECK(std::equal(plain.begin() + static_cast<long>(at), plain.begin() + static_cast<long>(at) + 9,
                   s.look(9).begin()));
}

TEST_CASE("A source dropped while its thread still reads ends that thread", "[threads]") {
  const Bytes plain = random_bytes(8 << 20, 256);
  const Bytes packed = zstd(plain);
  for (int i = 0; i < 20; ++i) {
    Input input;
    REQUIRE_FALSE(open_memory(packed, {.own_thread = true}, input));
    if (i % 2 == 0) CHECK(input.source->look(1000).size() >= 1000);
  }
}

TEST_CASE("Reading ahead on a thread gives the same bytes", "[threads]") {
  const Bytes plain = random_bytes(5'000'001, 100);
  for (const Bytes& packed : {zstd(plain), gzip(plain)})
    for (size_t chunk : {999, 1 << 20}) CHECK(read_all(packed, chunk, true).bytes == plain);
}

TEST_CASE("Files: plain, missing, a folder, empty") {
  const std::string folder = scratch("byte_source");
  std::filesystem::create_directories(folder);
  const Bytes plain = random_bytes(10'000, 256);
  const std::string path = scratch("byte_source/bytes", plain);
  Input input;
  REQUIRE_FALSE(open_input(path, {}, input));
  CHECK(input.file_bytes == 10'000);
  CHECK(read_source(input, 100).bytes == plain);
  std::ofstream(path, std::ios::trunc);
  Input empty;
  REQUIRE_FALSE(open_input(path, {}, empty));
  CHECK(read_source(empty, 1).bytes.empty());
  const auto missing = open_input(path + ".none", {}, input);
  REQUIRE(missing);
  CHECK(missing->kind == FaultKind::kUnreadable);
  CHECK(missing->message.find("No such file") != std::string::npos);
  const auto directory = open_input(folder, {}, input);
  REQUIRE(directory);
  CHECK(directory->message == folder + " is a directory, not a capture");
  std::filesystem::remove_all(folder);
}
