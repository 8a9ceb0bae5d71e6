// The pull interface gives what the push one gives, and ends well however it ends.
#include "parser/library/block_reader.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <climits>
#include <cstring>
#include <new>
#include <system_error>

#include "parser/threads/thread_group.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/long_trace.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// All that comes of a capture, as bytes: events, messages, sizes of blocks.
struct Seen {
  std::string bytes;
  std::array<uint64_t, kEventKinds> kinds{};
  int64_t last_time = -1;
  size_t blocks = 0;
  void add(const Block& block) {
    bytes.append(reinterpret_cast<const char*>(block.events), block.count * sizeof(Event));
    bytes += block.text + "|";
    for (const Event& e : block.all()) ++kinds[static_cast<size_t>(e.kind)];
    last_time = block.events[block.count - 1].time;
    ++blocks;
  }
};

/// Hands out as many blocks in turn as the pull interface has, so that slots are used again alike.
class Pushed final : public BlockSink {
 public:
  explicit Pushed(Seen& seen) : seen_(seen), blocks_(BlockReader::kBlocks) {}
  Block* exchange(Block* full) override {
    if (full != nullptr && full->count != 0) {
      seen_.add(*full);
      ++at_;
    }
    return &blocks_[at_ % blocks_.size()];
  }

 private:
  Seen& seen_;
  std::vector<Block> blocks_;
  size_t at_ = 0;
};

std::unique_ptr<TraceReader> open(std::string_view bytes) {
  Input input;
  REQUIRE_FALSE(open_memory(bytes_of(bytes), {.own_thread = false}, input));
  auto reader = std::make_unique<TraceReader>(std::move(input), ReadOptions{});
  REQUIRE_FALSE(reader->open());
  return reader;
}

std::vector<std::string> told(const TraceReader& reader) {
  std::vector<std::string> out;
  for (const Fault& fault : reader.facts().faults) out.push_back(fault.describe());
  return out;
}

/// Reads it both ways; answers with the faults.
std::vector<std::string> same_both_ways(std::string_view bytes, Seen& seen) {
  Seen pushed;
  const auto push = open(bytes);
  Pushed sink(pushed);
  push->read(sink);

  const auto pull = open(bytes);
  BlockReader blocks(*pull);
  bool known = true;
  while (const Block* block = blocks.next()) {
    REQUIRE(block->count > 0);
    seen.add(*block);
    const auto [strings, stacks, threads] = blocks.known();
    for (const Event& e : block->all()) {
      known &= e.name < strings && e.stack < stacks && (e.m == kNoThread || e.m < threads);
      if (e.kind != EventKind::kSync) known &= e.since_name < strings && e.since_stack < stacks;
    }
  }
  CHECK(known);
  CHECK(blocks.known().strings == push->tables().string_count());
  CHECK(blocks.known().stacks == push->tables().stack_count());
  CHECK((seen.bytes == pushed.bytes));
  CHECK(seen.kinds == pushed.kinds);
  CHECK(seen.last_time == pushed.last_time);
  CHECK(pull->facts().events == push->facts().events);
  CHECK(pull->facts().duration == push->facts().duration);
  CHECK(told(*pull) == told(*push));
  CHECK(blocks.next() == nullptr);
  return told(*pull);
}

const std::string& long_capture() {
  static const std::string kBytes = long_trace(6);  // a hundred blocks
  return kBytes;
}

class FewThreads {
 public:
  explicit FewThreads(int count) { allow_more_threads(count); }
  ~FewThreads() { allow_more_threads(INT_MAX); }
};

/// Fails when so many bytes were read.
class FailingReader final : public ByteReader {
 public:
  FailingReader(const std::string& bytes, size_t good) : bytes_(bytes), good_(good) {}
  size_t read(std::span<uint8_t> into) override {
    if (at_ == good_) throw std::bad_alloc();
    const size_t n = std::min({into.size(), good_ - at_, size_t{1000}});
    std::memcpy(into.data(), bytes_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  const std::string& bytes_;
  size_t good_, at_ = 0;
};

}  // namespace

TEST_CASE("blocks that are pulled are those that are pushed: all captures") {
  size_t captures = 0;
  for (const auto& path : capture_files()) {
    CAPTURE(path.string());
    Seen seen;
    same_both_ways(unpack(path), seen);
    ++captures;
  }
  CHECK(captures == kCommittedCaptures);
}

TEST_CASE("blocks are pulled beside the reading thread", "[threads]") {
  Seen seen;
  CHECK(same_both_ways(unpack(capture("go1.27/http")), seen).empty());
  // Syncs, metrics, ranges, tasks, regions, logs, transitions of goroutines and of Ps; 9 and 4 of
  // these close what is open at the end.
  CHECK(seen.kinds == std::array<uint64_t, kEventKinds>{2, 85, 0, 0, 1, 0, 1, 24, 24, 84, 84, 48,
                                                        1445, 55, 0, 0});
  Seen many;
  CHECK(same_both_ways(long_capture(), many).empty());
  CHECK(many.blocks > 6 * BlockReader::kBlocks);
}

TEST_CASE("a damaged capture is pulled with its faults", "[threads]") {
  const std::string whole = unpack(capture("go1.27/http"));
  Seen cut;
  CHECK(same_both_ways(std::string_view(whole).substr(0, 20'000), cut) ==
        std::vector<std::string>{
            "offset 0x3fb0: the input ends inside a batch of 7711 bytes, 3669 of which are there; "
            "was the "
            "program ended before trace.Stop()? (generation 1, EventBatch); missing: 3,696 bytes; "
            "the rest of "
            "the capture, which is not in the file; names of 1,033 of 1,827 events (56.5%)"});
  // Behind the damage reading goes on.
  std::string hurt = long_capture();
  std::fill_n(hurt.begin() + static_cast<std::ptrdiff_t>(hurt.size() / 3), 8, '\xff');
  Seen rest;
  CHECK(same_both_ways(hurt, rest) ==
        std::vector<std::string>{
            "offset 0xd38a: unknown event type 99 (generation 2, thread 7); missing: 1 byte"});
  CHECK(rest.kinds[static_cast<size_t>(EventKind::kSync)] == 7);
}

TEST_CASE("whoever pulls may stop at any block", "[threads]") {
  for (const size_t wanted : {0, 1, 2, 15, 16, 17, 40}) {
    CAPTURE(wanted);
    const auto reader = open(long_capture());
    BlockReader blocks(*reader);
    uint64_t events = 0;
    for (size_t i = 0; i < wanted; ++i) {
      const Block* block = blocks.next();
      REQUIRE(block != nullptr);
      events += block->count;
    }
    // Without a word half of the times.
    if (wanted % 2 == 0) continue;
    blocks.stop();
    CHECK(blocks.next() == nullptr);
    CHECK(reader->facts().events >= events);
    CHECK(reader->facts().events <= events + BlockReader::kBlocks * kBlockEvents);
    CHECK(reader->facts().faults.empty());
  }
}

TEST_CASE("where nothing was asked for nothing is read") {
  const auto reader = open(long_capture());
  BlockReader blocks(*reader);
  blocks.stop();
  CHECK(blocks.next() == nullptr);
  CHECK(reader->facts().events == 0);
}

TEST_CASE("nothing can be pulled without a thread") {
  const FewThreads none(0);
  const auto reader = open(long_capture());
  BlockReader blocks(*reader);
  std::string why;
  try {
    blocks.next();
  } catch (const std::system_error& e) {
    CHECK(e.code() == std::errc::resource_unavailable_try_again);
    why = e.what();
  }
  CHECK(why == "no thread can be had to read the trace: Resource temporarily unavailable");
  CHECK(blocks.next() == nullptr);
}

TEST_CASE("what the reading thread throws comes out behind its last block", "[threads]") {
  for (const bool stops : {false, true}) {
    Input input;
    input.source = make_stream_source(
        std::make_unique<FailingReader>(long_capture(), long_capture().size() * 2 / 3), 4096);
    TraceReader reader(std::move(input), {});
    REQUIRE_FALSE(reader.open());
    BlockReader blocks(reader);
    size_t got = 0;
    if (stops) {
      // It may be that far or not.
      CHECK(blocks.next() != nullptr);
      try {
        blocks.stop();
      } catch (const std::bad_alloc&) {
      }
    } else {
      const auto all = [&] {
        while (blocks.next() != nullptr) ++got;
      };
      CHECK_THROWS_AS(all(), std::bad_alloc);
      CHECK(got == 52);
    }
    CHECK(blocks.next() == nullptr);
  }
}
