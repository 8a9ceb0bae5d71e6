// What `info` counts, held against the raw dump: every byte of every capture is something, and the
// tables agree with each other; of cut captures too.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "parser/format1/v1_raw.h"
#include "parser/format1/v1_wire.h"
#include "parser/format2/v2_raw.h"
#include "parser/format2/wire_spec.h"
#include "parser/model/wire_version.h"
#include "parser/trace_reader.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

using Count = std::pair<uint64_t, uint64_t>;  // records and bytes
using Counts = std::map<std::string, Count>;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class NoSink final : public BlockSink {
 public:
  Block* exchange(Block* full) override {
    if (full != nullptr)
      for (const Event& e : full->all()) events += !e.added();
    return block_.get();
  }
  uint64_t events = 0;

 private:
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

std::unique_ptr<TraceReader> open(std::string_view capture) {
  Input input;
  REQUIRE_FALSE(open_memory(bytes_of(capture), {.own_thread = false}, input));
  auto reader = std::make_unique<TraceReader>(std::move(input), ReadOptions{.count_wire = true});
  REQUIRE_FALSE(reader->open());
  return reader;
}

/// The raw dump, counted.
struct Raw {
  Counts counts;
  std::set<std::string> threads;
  uint64_t end = 0;  // behind the last whole record

  explicit Raw(std::string_view capture) {
    const auto reader = open(capture);
    const int version = reader->facts().version;
    const auto show = [&](std::string_view line) {
      add(std::string(line.substr(0, line.find('\n'))), version);
      return true;
    };
    if (version >= 22) {
      read_raw2(reader->source(), version, show);
    } else {
      read_raw1(reader->source(), version, show);
    }
    end = reader->source().offset();
    close(end);
  }

 private:
  void add(const std::string& line, int version) {
    const size_t comment = line.find("  # 0x");
    REQUIRE(comment != std::string::npos);
    const uint64_t offset = std::stoull(line.substr(comment + 6), nullptr, 16);
    if (!name_.empty()) close(offset);
    name_ = line.substr(0, std::min(comment, line.find(' ')));
    offset_ = offset;
    const auto field = [&](const char* key) {
      const size_t at = line.find(key) + std::string(key).size();
      return line.substr(at, line.find(' ', at) - at);
    };
    if (version < 22) {
      if (name_ == "ProcStart") threads.insert(field("thread="));
    } else if (name_ == "EventBatch") {
      batch_ = field(" m=");
    } else if (wire_timed(name_) && batch_ != "-1" && batch_ != "18446744073709551615") {
      threads.insert(batch_);
    }
  }
  void close(uint64_t offset) {
    if (name_.empty()) return;
    ++counts[name_].first;
    counts[name_].second += offset - offset_;
  }
  static bool wire_timed(const std::string& name) {
    for (int type = 0; type < 256; ++type)
      if (wire_spec(static_cast<uint8_t>(type)).name == name)
        return wire_spec(static_cast<uint8_t>(type)).timed;
    return false;
  }

  std::string name_, batch_;
  uint64_t offset_ = 0;
};

Counts counts_of(const CaptureFacts& facts) {
  Counts out;
  for (size_t type = 0; type < facts.wire.size(); ++type) {
    if (facts.wire[type].events == 0) continue;
    const auto byte = static_cast<uint8_t>(type);
    out[facts.version >= 22 ? std::string(wire_spec(byte).name) : v1::wire_spec(byte).name] = {
        facts.wire[type].events, facts.wire[type].bytes};
  }
  return out;
}

CaptureFacts check_against_raw(std::string_view capture) {
  const auto reader = open(capture);
  NoSink sink;
  reader->read(sink);
  const CaptureFacts& facts = reader->facts();
  const Raw raw(capture);
  CHECK(facts.bytes == capture.size());
  CHECK(facts.events == sink.events);
  CHECK(counts_of(facts) == raw.counts);
  uint64_t bytes = kHeaderBytes;
  for (const auto& [name, count] : raw.counts) bytes += count.second;
  CHECK(bytes == raw.end);
  return facts;
}

void check_generations(const CaptureFacts& facts, const Raw& raw) {
  const uint64_t mark = facts.version >= 26 ? 1 : 0;
  uint64_t offset = kHeaderBytes, events = 1;  // the Sync at the end
  int64_t end = 0;
  uint32_t most = 0;
  for (const GenerationFacts& g : facts.generations) {
    CHECK(g.complete);
    CHECK(g.offset == offset);
    CHECK(g.begin >= end);
    CHECK(g.end >= g.begin);
    offset += g.bytes + mark;
    end = g.end;
    events += g.events;
    most = std::max(most, g.threads);
  }
  CHECK(offset == facts.bytes);
  CHECK(events == facts.events);
  CHECK(facts.duration == end + 1);
  CHECK(facts.threads == raw.threads.size());
  CHECK(most <= facts.threads);
}

}  // namespace

TEST_CASE("Every byte of every capture is a record that the raw dump shows") {
  size_t captures = 0;
  for (const auto& path : capture_files()) {
    CAPTURE(path);
    const std::string capture = unpack(path);
    const CaptureFacts facts = check_against_raw(capture);
    const Raw raw(capture);
    CHECK(raw.end == capture.size());
    // Go's own tracer wrote this one with a contradiction: docs/accuracy.md.
    const bool broken = path.string().ends_with("go1.19/cgocallback.trace.zst");
    CHECK(facts.damaged() == broken);
    if (broken) continue;
    check_generations(facts, raw);
    ++captures;
  }
  CHECK(captures + kRejectedCaptures == kCommittedCaptures);
}

TEST_CASE("What is left of a cut capture is counted record by record") {
  size_t cuts = 0;
  for (const char* name :
       {"go1.11/channels", "go1.19/idle", "go1.21/channels", "go1.22/alloc_reduction_after",
        "go1.24/alloc_reduction_after", "go1.25/alloc_reduction_after", "go1.26/cgocallback_go",
        "go1.27/gotest"}) {
    const std::string whole = unpack(capture(name));
    const size_t step = whole.size() / 60 + 1;
    for (size_t n = 17; n < whole.size(); n += step, ++cuts) {
      CAPTURE(name, n);
      check_against_raw(std::string_view(whole).substr(0, n));
    }
  }
  CHECK(cuts == 478);
}

TEST_CASE("The tables of info add up, and say the same as the capture command") {
  for (const char* name : {"go1.19/http", "go1.22/http", "go1.25/cpuprofile", "go1.27/http"}) {
    CAPTURE(name);
    const auto of = [&](const char* command) {
      return nlohmann::json::parse(
          cli({command, capture(name), "--format", "json", "--top", "0"}).out)["tables"];
    };
    const nlohmann::json tables = of("info"), capture_tables = of("capture");
    const nlohmann::json& info = tables["info"]["rows"][0];
    const nlohmann::json& facts = capture_tables["capture"]["rows"][0];
    int64_t bytes = 0, events = 1;
    double share = 0;
    for (const auto& row : tables["wire"]["rows"]) {
      bytes += row["bytes"].get<int64_t>();
      share += row["share"].get<double>();
    }
    for (const auto& row : tables["generations"]["rows"]) events += row["events"].get<int64_t>();
    CHECK(bytes == info["bytes"]);
    CHECK(share == Approx(1));
    CHECK(events == info["events"]);
    for (const char* key : {"bytes", "events", "threads", "generations", "duration_ns"}) {
      CAPTURE(key);
      CHECK(info[key] == facts[key]);
    }
    CHECK(tables["damage"]["rows"].empty());
  }
}
