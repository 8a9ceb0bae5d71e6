// Damaged input: cut anywhere, any byte changed, lies in headers and tables. Nothing crashes or
// hangs, what is still sure is delivered, and the rest is reported.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const int kVersions[] = {22, 23, 25, 26};

/// Two generations with a bit of everything.
TraceBuilder& sample_trace(TraceBuilder& b) {
  auto& first = b.generation(1);
  on_cpu(first, 7, 0, 1)
      .event("GoCreate", {2, frames({"main.f"}), frames({"main.main"})})
      .event("UserTaskBegin", {1, 0, "task", 0})
      .event("GoSyscallBegin", {1, frames({"syscall.read"})})
      .event("GoSyscallEndBlocked", {}, 20);
  first.thread(9)
      .event("ProcSteal", {0, 2, 7}, 8)
      .event("ProcStart", {0, 3})
      .event("GoStart", {2, 1});
  first.sample(1005, 7, 0, 1, frames({"main.f"}));
  auto& second = b.generation(2);
  second.thread(9)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoStatus", {2, 9, kGoRunning})
      .event("GoStatus", {1, -1, kGoRunnable})
      .event("GoBlock", {"chan receive", frames({"main.f"})})
      .event("GoStart", {1, 1})
      .event("UserTaskEnd", {1, frames({"main.main"})});
  return b;
}

/// The trace that needs the fewest bytes for an event.
TraceBuilder& tiny_trace(TraceBuilder& b) {
  auto& g = b.generation(1).no_tables();
  g.thread(7).event("ProcStatus", {0, kProcRunning}).event("HeapAlloc", {1});
  return b;
}

/// What must hold for any input at all.
void check_sane(const Outcome& got) {
  if (got.refused) {
    CHECK(got.facts.faults.size() == 1);
    return;
  }
  int64_t last = -1;
  for (const std::string& line : got.lines) {
    const int64_t time = std::stoll(line);
    CHECK(time > last);
    last = time;
  }
  REQUIRE_FALSE(got.lines.empty());
  CHECK(got.lines.back().ends_with(" end"));
  for (const GenerationFacts& g : got.facts.generations)
    if (!g.complete) CHECK(got.facts.damaged());
  for (const Fault& f : got.facts.faults) {
    CHECK_FALSE(f.message.empty());
    if (f.offset) CHECK(*f.offset <= got.facts.bytes + 65536 + 64);
  }
}

bool is_prefix(const Lines& shorter, const Lines& longer) {
  return shorter.size() <= longer.size() &&
         std::equal(shorter.begin(), shorter.end(), longer.begin());
}

/// The lines before the reader noticed damage: without "gap" and "end".
Lines before_damage(Lines lines) {
  while (!lines.empty() &&
         (lines.back().ends_with(" end") || lines.back().find(" gap ") != std::string::npos))
    lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("A trace cut at every length gives a beginning of its events, and a fault") {
  int cases = 0;
  for (int version : kVersions) {
    TraceBuilder b(version);
    const Bytes whole = sample_trace(b).bytes();
    const Outcome all = read_trace(whole);
    REQUIRE(all.faults == Lines{});
    REQUIRE(all.facts.generations.size() == 2);
    const size_t first_end = all.facts.generations[1].offset;
    for (size_t n = 0; n < whole.size(); ++n) {
      CAPTURE(version, n);
      const Outcome got = read_trace(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)));
      check_sane(got);
      ++cases;
      CHECK(got.refused == (n < 16));
      if (got.refused) continue;
      // Without end marks, any end between batches may be the end of a generation whose tables
      // are whole; with them, only the marks are clean.
      const bool marked_end = n == 16 || n == first_end;
      if (version >= 26) {
        CHECK(got.facts.damaged() == !marked_end);
      } else if (n == first_end) {
        CHECK_FALSE(got.facts.damaged());
      }
      if (n >= first_end) {
        const size_t kept = static_cast<size_t>(
            std::ranges::find(all.lines, "1000 sync 2 generation 2") - all.lines.begin());
        REQUIRE(got.lines.size() >= kept);
        CHECK(
            is_prefix({got.lines.begin(), got.lines.begin() + static_cast<long>(kept)}, all.lines));
      }
    }
  }
  CHECK(cases == 1890);
}

TEST_CASE("Events whose generation was cut are a beginning of the whole, but for lost names") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1);
  for (int i = 0; i < 20; ++i)
    g.batch(7, 1100 + 10ull * static_cast<uint64_t>(i)).event("HeapAlloc", {i});
  const Bytes whole = b.bytes();
  const Lines all = read_trace(whole).lines;
  size_t most = 0;
  for (size_t n = 17; n < whole.size(); ++n) {
    const Outcome got = read_trace(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)));
    REQUIRE(got.facts.damaged());
    const Lines lines = before_damage(got.lines);
    CHECK(is_prefix(lines, all));
    most = std::max(most, lines.size());
  }
  CHECK(most == all.size() - 1);  // all but the end
}

TEST_CASE("Every byte changed to every value in a tiny trace") {
  int cases = 0;
  for (int version : kVersions) {
    TraceBuilder b(version);
    Bytes bytes = tiny_trace(b).bytes();
    REQUIRE(bytes.size() < 120);
    for (uint8_t& byte : bytes) {
      const uint8_t good = byte;
      for (int other = 0; other < 256; ++other) {
        if (other == good) continue;
        byte = static_cast<uint8_t>(other);
        check_sane(read_trace(bytes));
        ++cases;
      }
      byte = good;
    }
  }
  CHECK(cases == 75'735);
}

TEST_CASE("Every bit flipped in a trace with a bit of everything") {
  int cases = 0, faults = 0;
  for (int version : kVersions) {
    TraceBuilder b(version);
    Bytes bytes = sample_trace(b).bytes();
    for (uint8_t& byte : bytes) {
      for (int bit = 0; bit < 8; ++bit) {
        byte = static_cast<uint8_t>(byte ^ (1 << bit));
        const Outcome got = read_trace(bytes);
        check_sane(got);
        faults += got.facts.faults.empty() ? 0 : 1;
        ++cases;
        byte = static_cast<uint8_t>(byte ^ (1 << bit));
      }
    }
  }
  CHECK(cases == 15'120);
  CHECK(faults > cases / 3);
}

TEST_CASE("Chunks of any size give the same events") {
  for (int version : kVersions) {
    TraceBuilder b(version);
    const Bytes bytes = sample_trace(b).bytes();
    const Outcome whole = read_trace(bytes);
    for (size_t chunk : {1, 2, 3, 7, 64})
      for (bool own_thread : {false, true})
        CHECK(read_trace(bytes, {.chunk = chunk, .own_thread = own_thread}).lines == whole.lines);
  }
}

TEST_CASE("After a generation that cannot be ordered comes a gap, and the next one begins anew") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1)
      .event("UserTaskBegin", {4, 0, "task", 0})
      .event("GCBegin", {5, 0});
  auto& second = b.generation(2);
  second.thread(7)
      .event("ProcStatus", {0, kProcRunning})
      .event("GoBlock", {99, 0})
      .event("GoStart", {1, 1});
  // As if it were the first: nothing is known of what it mentions.
  auto& third = b.generation(3);
  on_cpu(third, 8, 0, 5).event("GCActive", {40}).event("UserTaskEnd", {4, 0});
  const Outcome got = read_trace(b.bytes(), {.closings = true});
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].lost.describe() == "2 events from 0.000001s to 0.000001s");
  CHECK(got.lines == Lines{
                         "0 sync 1 generation 1",
                         "1 m7 p- g- P0 Undetermined->Running",
                         "2 m7 p0 g- G1 Undetermined->Running",
                         "3 m7 p0 g1 TaskBegin 4 of - \"task\"",
                         "4 m7 p0 g1 RangeBegin \"GC concurrent mark phase\"",
                         "1000 sync 2 generation 2",
                         "1001 m7 p0 g1 P0 Running->Running",
                         "1001 RangeEnd \"GC concurrent mark phase\" open_end",
                         "1001 TaskEnd 4 of - \"task\" open_end",
                         "1001 P0 Running->Running open_end",
                         "1001 G1 Running->Running open_end",
                         "1002 gap 2",
                         "2000 sync 3 generation 3",
                         "2001 m8 p- g- P0 Undetermined->Running",
                         "2002 m8 p0 g- G5 Undetermined->Running",
                         "2003 m8 p0 g5 RangeActive \"GC concurrent mark phase\"",
                         "2004 m8 p0 g5 TaskEnd 4 of - \"\"",
                         "2005 end",
                         "2005 RangeEnd \"GC concurrent mark phase\" open_end",
                         "2005 P0 Running->Running open_end",
                         "2005 G5 Running->Running open_end",
                     });
  REQUIRE(got.facts.generations.size() == 3);
  CHECK(got.facts.generations[0].complete);
  CHECK_FALSE(got.facts.generations[1].complete);
  CHECK(got.facts.generations[2].complete);
}

TEST_CASE("Strict reading stops at the first fault") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1).event("GoSyscallEnd");
  on_cpu(b.generation(2), 7, 0, 1);
  const Outcome got = read_trace(b.bytes(), {.strict = true});
  CHECK(got.faults.size() == 1);
  CHECK(got.facts.generations.size() == 1);
  CHECK(read_trace(b.bytes()).facts.generations.size() == 2);
}

TEST_CASE("A sink that wants no more stops the reading") {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  for (int i = 0; i < 2000; ++i) t.event("HeapAlloc", {i});
  const Outcome got = read_trace(b.bytes(), {.blocks = 2});
  // The P and the goroutine are foretold.
  CHECK(got.lines.size() == 2 * kBlockEvents - 2);
}

namespace {

/// Bytes up to behind the last event of a batch, which is `size` bytes long.
Bytes cut_behind(const Bytes& whole, const BatchBuilder& batch, size_t size) {
  return {whole.begin(), whole.begin() + static_cast<long>(batch.last_offset() + size)};
}

BatchBuilder& named_events(TraceBuilder& b) {
  return on_cpu(b.generation(1), 7, 0, 1)
      .event("GoCreate", {2, frames({"main.f"}), frames({"main.main"})})
      .event("GoStop", {"a reason of its own", frames({"main.main"})})
      .event("GoStart", {1, 1})
      .event("HeapAlloc", {5});
}

}  // namespace

TEST_CASE("A cut before the tables: how many events have lost their names and stacks") {
  for (int version : {25, 26}) {
    CAPTURE(version);
    TraceBuilder b(version);
    const BatchBuilder& t = named_events(b);
    const Bytes whole = b.bytes();
    const Outcome got = read_trace(cut_behind(whole, t, 3));
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(position(fault) == "truncated gen=1 @" + std::to_string(t.last_offset() + 3));
    CHECK(fault.lost.describe() ==
          "the rest of the capture, which is not in the file; names of 1 of 6 events (16.7%); "
          "stacks of 2 of 6 events (33.3%)");
    CHECK(without_times(got.lines) ==
          without_times({"0 sync 1 generation 1", "1 m7 p- g- P0 Undetermined->Running",
                         "2 m7 p0 g- G1 Undetermined->Running", "3 m7 p0 g1 G2 NotExist->Runnable",
                         "4 m7 p0 g1 G1 Running->Runnable \"(lost)\"",
                         "5 m7 p0 g- G1 Runnable->Running",
                         "6 m7 p0 g1 /memory/classes/heap/objects:bytes 5", "7 end"}));
    CHECK_FALSE(got.facts.generations.at(0).complete);
  }
}

TEST_CASE("A cut among the strings: stacks are there, their names are lost") {
  TraceBuilder b(26);
  named_events(b);
  Bytes whole = b.bytes();
  // The end mark and the last string's last byte.
  whole.resize(whole.size() - 2);
  const Outcome got = read_trace(whole);
  REQUIRE(got.facts.faults.size() == 1);
  const Loss& lost = got.facts.faults[0].lost;
  CHECK(lost.nameless == 2);
  CHECK(lost.stackless == 0);
  CHECK(got.lines[3].find("stack=(lost) start=(lost)") != std::string::npos);
}

TEST_CASE("A cut within a batch: its events are counted though they cannot be used") {
  TraceBuilder b(26);
  const BatchBuilder& t = named_events(b);
  const Bytes whole = b.bytes();
  const Outcome got = read_trace(cut_behind(whole, t, 2));
  REQUIRE(got.facts.faults.size() == 1);
  const Loss& lost = got.facts.faults[0].lost;
  CHECK(lost.events == 5);
  CHECK(lost.bytes == t.last_offset() + 2 - t.offset());
  CHECK(got.facts.bytes == t.last_offset() + 2);
  CHECK(got.facts.generations.at(0).events == 1);
}

TEST_CASE("What lies behind a broken frame is measured") {
  TraceBuilder b(26);
  on_cpu(b.generation(1), 7, 0, 1);
  b.raw({9, 9, 9});
  on_cpu(b.generation(2), 7, 0, 1);
  const Bytes bytes = b.bytes();
  const Outcome got = read_trace(bytes);
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.lost.bytes == bytes.size() - *fault.offset);
  CHECK(fault.lost.describe() ==
        counted(bytes.size() - *fault.offset, "byte") + "; all behind this place");
  CHECK(got.facts.bytes == bytes.size());
}

TEST_CASE("A broken table and a contradiction are two faults, a thread that waits for it is none") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.batch(-1, 1000).raw({4, 99, 1, 2, 3});
  on_cpu(g, 7, 0, 1).event("GoBlock", {77, 0}).event("GoBlock", {0, 0}).event("HeapAlloc", {1}, 9);
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 2);
  CHECK(position(got.facts.faults[0]).starts_with("malformed gen=1 Strings"));
  CHECK(got.facts.faults[0].lost.describe() == "4 bytes; names of 1 of 3 events (33.3%)");
  CHECK(position(got.facts.faults[1]).starts_with("invalid gen=1 m=7 GoBlock"));
  CHECK(got.facts.faults[1].lost.describe() == "2 events from 0.000000s to 0.000000s");
}

TEST_CASE("Bytes of a batch that are no events lose that batch, not its thread") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  on_cpu(g, 7, 0, 1).event("HeapAlloc", {1}).raw({0x3c, 1, 2});
  g.batch(7, 1100).event("HeapAlloc", {2}).event("HeapAlloc", {3});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].lost.events == 2);
  CHECK(got.facts.faults[0].lost.bytes == 3);
}
