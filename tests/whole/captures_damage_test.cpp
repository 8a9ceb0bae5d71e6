// Real captures, damaged: cut at every length, fed in small pieces, each byte changed; plain and
// packed. The smallest of each wire version, and at samples of the damage the whole program.
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "parser/format2/wire_spec.h"
#include "parser/model/wire_version.h"
#include "parser/trace_reader.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const char* const kSmall[] = {"go1.11/channels",
                              "go1.19/idle",
                              "go1.21/channels",
                              "go1.22/alloc_reduction_after",
                              "go1.24/alloc_reduction_after",
                              "go1.25/alloc_reduction_after",
                              "go1.27/alloc_reduction_after"};
constexpr size_t kChunks[] = {1, 2, 3, 7, 1 << 20};

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Counts events, and sees that their times rise and their ids exist.
class WatchingSink final : public BlockSink {
 public:
  explicit WatchingSink(const Tables& tables) : tables_(tables) {}
  Block* exchange(Block* full) override {
    if (full == nullptr) return block_.get();
    for (const Event& e : full->all()) {
      sound &= e.added() ? e.time >= last_ : e.time > last_;
      sound &= e.name < tables_.string_count() && e.stack < tables_.stack_count();
      sound &= e.since <= e.time;
      last_ = e.time;
      events += !e.added();
      gaps += e.kind == EventKind::kGap;
      digest = (digest ^ static_cast<uint64_t>(e.time) ^ e.arg ^ e.stack) * 0x9E3779B97F4A7C15ull;
    }
    return block_.get();
  }
  bool sound = true;
  uint64_t events = 0, gaps = 0, digest = 1;

 private:
  const Tables& tables_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
  int64_t last_ = -1;
};

struct Got {
  bool refused = false;
  bool sound = true;
  uint64_t events = 0, gaps = 0, digest = 0;
  CaptureFacts facts;
};

Got read(std::string_view capture, size_t chunk) {
  Got got;
  Input input;
  if (open_memory(bytes_of(capture), {.own_thread = false, .chunk = chunk}, input)) {
    got.refused = true;
    return got;
  }
  TraceReader reader(std::move(input), {.count_wire = true});
  if (reader.open()) {
    got.refused = true;
    return got;
  }
  WatchingSink sink(reader.tables());
  reader.read(sink);
  got = {false, sink.sound, sink.events, sink.gaps, sink.digest, reader.facts()};
  got.sound &= got.events == got.facts.events;
  for (const GenerationFacts& g : got.facts.generations)
    got.sound &= g.complete || got.facts.damaged();
  return got;
}

uint64_t lost_events(const CaptureFacts& facts) {
  uint64_t n = 0;
  for (const Fault& f : facts.faults) n += f.lost.events.value_or(0);
  return n;
}

/// Records of format 2 that become events, each as many as it becomes; CPU samples among them.
uint64_t events_in_file(const CaptureFacts& facts) {
  uint64_t n = facts.wire[kWireCpuSample].events;
  for (size_t type = 0; type < 256; ++type)
    if (wire_spec(static_cast<uint8_t>(type)).timed) n += facts.wire[type].events;
  return n;
}

bool becomes_several(const CaptureFacts& facts) {
  return facts.wire[kWireGoSwitch].events + facts.wire[kWireGoSwitchDestroy].events +
             facts.wire[kWireGoDestroySyscall].events !=
         0;
}

/// The program on these bytes. True if it ended well and said what is wrong.
bool run_program(std::string_view bytes, size_t number) {
  static const char* const kFormats[] = {"text", "json", "csv", "markdown"};
  const int file = memfd_create("trace", 0);
  if (file < 0 || write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    return false;
  std::vector<std::string> args = {number % 5 == 4 ? "info" : "analyze",
                                   "/proc/self/fd/" + std::to_string(file), "--full", "--format",
                                   kFormats[number % 4]};
  if (args[0] == "info") args.erase(args.begin() + 2);
  if (number % 4 == 2) args.insert(args.end(), {"--table", number % 5 == 4 ? "wire" : "damage"});
  const CliResult got = cli(args);
  close(file);
  if (got.code == 2) return got.out.empty() && !got.err.empty();
  return got.code == 0 || (got.code == 3 && !got.err.empty() && !got.out.empty());
}

}  // namespace

TEST_CASE("Small captures cut at every length: each event is delivered or said to be lost") {
  size_t cases = 0, programs = 0, counted = 0;
  for (const char* name : kSmall) {
    const std::string whole = unpack(capture(name));
    const Got all = read(whole, 1 << 20);
    REQUIRE_FALSE(all.facts.damaged());
    for (size_t n = 0; n < whole.size(); ++n, ++cases) {
      CAPTURE(name, n);
      const std::string_view cut = std::string_view(whole).substr(0, n);
      const Got got = read(cut, kChunks[n % std::size(kChunks)]);
      bool good = got.sound && got.refused == (n < kHeaderBytes);
      if (!got.refused) {
        const CaptureFacts& facts = got.facts;
        good &= facts.bytes == n && got.events <= all.events;
        for (const Fault& f : facts.faults) good &= !f.lost.empty() && f.offset.has_value();
        // Elsewhere a cut between batches or records may look like an end.
        if (facts.version >= 26) good &= facts.damaged() || n == kHeaderBytes;
        if (facts.version >= 22 && !becomes_several(facts)) {
          const uint64_t syncs =
              1 + static_cast<uint64_t>(std::ranges::count_if(
                      facts.generations, [](const auto& g) { return g.events; }));
          good &= events_in_file(facts) == got.events - syncs - got.gaps + lost_events(facts);
          ++counted;
        }
      }
      if (n % 211 == 17) good &= run_program(cut, programs++);
      if (!good) FAIL_CHECK("wrong");
    }
  }
  CHECK(cases == 26'476);
  CHECK(programs == 128);
  CHECK(counted == 12'878);
}

TEST_CASE("Small captures in pieces of any size give the same events") {
  size_t cases = 0;
  for (const char* name : kSmall) {
    const std::string whole = unpack(capture(name));
    const std::string packed = read_file(capture(name));
    const Got all = read(whole, 1 << 20);
    for (size_t chunk : kChunks) {
      for (const std::string& bytes : {whole, packed}) {
        const Got got = read(bytes, chunk);
        CHECK(got.digest == all.digest);
        CHECK(got.events == all.events);
        CHECK_FALSE(got.facts.damaged());
        ++cases;
      }
    }
  }
  CHECK(cases == 2 * std::size(kSmall) * std::size(kChunks));
}

TEST_CASE("Small captures with each byte changed do no harm") {
  std::mt19937 random(1);
  size_t cases = 0, faults = 0, programs = 0;
  for (const char* name : kSmall) {
    std::string bytes = unpack(capture(name));
    for (size_t i = 0; i < bytes.size(); ++i, ++cases) {
      CAPTURE(name, i);
      const char good_byte = bytes[i];
      // A bit on every second place, elsewhere anything.
      const auto mask = i % 2 == 0 ? 1u << random() % 8 : 1 + random() % 255;
      bytes[i] = static_cast<char>(bytes[i] ^ static_cast<char>(mask));
      CAPTURE(mask);
      const Got got = read(bytes, kChunks[i % std::size(kChunks)]);
      bool good = got.sound && (got.refused || got.facts.bytes == bytes.size());
      faults += !got.facts.faults.empty();
      if (i % 211 == 17) good &= run_program(bytes, programs++);
      if (!good) FAIL_CHECK("wrong");
      bytes[i] = good_byte;
    }
  }
  CHECK(cases == 26'476);
  CHECK(faults > cases / 10);
  CHECK(programs == 128);
}

TEST_CASE("Packed captures cut at every length and with each byte changed") {
  size_t cuts = 0, flips = 0, refused = 0;
  for (const char* name : kSmall) {
    std::string packed = read_file(capture(name));
    const uint64_t events = read(packed, 1 << 20).events;
    for (size_t n = 0; n < packed.size(); ++n, ++cuts) {
      CAPTURE(name, n);
      const Got got = read(std::string_view(packed).substr(0, n), kChunks[n % std::size(kChunks)]);
      refused += got.refused;
      if (!got.sound || got.events > events || !(got.refused || got.facts.damaged()))
        FAIL_CHECK("wrong");
    }
    for (size_t i = 0; i < packed.size(); ++i, ++flips) {
      CAPTURE(name, i);
      packed[i] = static_cast<char>(packed[i] ^ 1 << i % 8);
      if (!read(packed, kChunks[i % std::size(kChunks)]).sound) FAIL_CHECK("wrong");
      packed[i] = static_cast<char>(packed[i] ^ 1 << i % 8);
    }
  }
  CHECK(cuts == 14'658);
  CHECK(flips == cuts);
  CHECK(refused == 14'630);
}
