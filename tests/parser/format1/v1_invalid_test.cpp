// What format 1 must not do to the reader: contradictions, damage, ends too early.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

V1Builder started(int version = 19) {
  V1Builder b(version);
  b.batch(0, 1000)
      .event("GoCreate", {1, 0, 0})
      .event("GoCreate", {2, 0, 0})
      .event("GoWaiting", {2})
      .event("ProcStart", {5})
      .event("GoStartLocal", {1})
      .event("Gomaxprocs", {4, 0});
  return b;
}
constexpr size_t kStartedLines = 5;  // with the first sync, without the last one

/// Reads a trace whose last record is wrong and compares where, and that what came before is there.
void check_last_is_bad(const V1Builder& b, const std::string& event, const std::string& message,
                       size_t good = 0) {
  INFO(event << ": " << message);
  V1Builder whole = b;
  const uint64_t at = b.last_offset();
  const Outcome got = read_trace(whole.frequency(1'000'000'000).bytes());
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kInvalid);
  CHECK(fault.offset == at);
  CHECK(fault.event == event);
  CHECK(fault.message.find(message) != std::string::npos);
  CHECK(got.lines.size() == kStartedLines + good + 1);
}

/// One of everything, small.
Bytes small_trace() {
  V1Builder b = started();
  b.event("GoCreate", {17, 1, 1})
      .event("GoSysCall", {1})
      .event("GoSysBlock")
      .event("ProcStop")
      .batch(1, 1050)
      .event("ProcStart", {6})
      .event("GoSysExit", {1, 2, 1040})
      .event("GoStart", {17, 1})
      .event("UserTaskCreate", {1, 0, 1, 1})
      .event("UserRegion", {1, 0, 1, 1})
      .log(1, 1, 1, "text")
      .event("GCStart", {0, 1})
      .event("STWStart", {0})
      .event("STWDone")
      .event("GCSweepStart", {1})
      .event("GCSweepDone", {1, 2})
      .event("GCMarkAssistStart", {1})
      .event("GCMarkAssistDone")
      .event("GCDone")
      .event("UserRegion", {1, 1, 1, 1})
      .event("UserTaskEnd", {1, 1})
      .event("GoBlockNet", {1})
      .batch(-1, 1090)
      .event("GoUnblock", {17, 2, 0})
      .event("GoUnblock", {2, 2, 0})
      .batch(1, 1095)
      .event("GoStart", {2, 3})
      .event("HeapAlloc", {100})
      .event("GoEnd")
      .batch(2, 0)
      .event("CPUSample", {1060, 1, 17, 1})
      .frequency(1'000'000'000)
      .batch(0, 2000)
      .string(1, "main.f")
      .stack(1, 1);
  return b.bytes();
}

}  // namespace

TEST_CASE("Contradictions of format 1 are placed") {
  check_last_is_bad(started().event("ProcStart", {6}), "ProcStart", "is running");
  check_last_is_bad(started().event("ProcStop"), "ProcStop", "while a goroutine runs");
  check_last_is_bad(started().event("GCDone"), "GCDone", "did not begin");
  check_last_is_bad(started().event("STWDone"), "STWDone", "was not stopped");
  check_last_is_bad(started().event("GCSweepDone", {1, 1}), "GCSweepDone", "did not begin");
  check_last_is_bad(started().event("GoCreate", {0, 0, 0}), "GoCreate", "goroutine 0");
  check_last_is_bad(started().event("GoCreate", {2, 0, 0}), "GoCreate", "goroutine 2");
  check_last_is_bad(started().batch(1, 1100).event("GoBlock", {0}), "GoBlock", "no goroutine");
  check_last_is_bad(started().batch(1, 1100).event("GoEnd"), "GoEnd", "does not run");
  check_last_is_bad(started().event("GoUnblock", {1, 2, 0}), "GoUnblock", "goroutine 1");
  check_last_is_bad(started().event("GoSysExit", {2, 2, 0}), "GoSysExit", "did not block");
  check_last_is_bad(started().event("GoSysExit", {2, 2, 1007}, 2), "GoSysExit", "did not block");
  check_last_is_bad(started().event("GoSched", {0}).event("GoStartLocal", {2}), "GoStartLocal",
                    "goroutine 2", 1);
  check_last_is_bad(started().event("GoUnblockLocal", {2, 0}).event("GoStartLocal", {2}),
                    "GoStartLocal", "runs another", 1);
  check_last_is_bad(started().event("GCMarkAssistStart", {0}).event("GCMarkAssistStart", {0}),
                    "GCMarkAssistStart", "second assist", 1);
  check_last_is_bad(started().event("GCStart", {0, 0}).event("GCStart", {1, 0}), "GCStart",
                    "while one is running", 1);
  check_last_is_bad(started().event("GCStart", {4, 0}), "GCStart", "GC 0");
  // Later than its own record, or before the syscall blocked.
  for (uint64_t ts : {uint64_t{2000}, uint64_t{1010}, uint64_t{INT64_MAX}}) {
    V1Builder b = started();
    b.event("GoSysCall", {0}).event("GoSysBlock", {}, 10).event("GoSysExit", {1, 2, ts}, 10);
    const Outcome got = read_trace(b.frequency(1'000'000'000).bytes());
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(position(got.facts.faults[0]).find("invalid") == 0);
  }
}

TEST_CASE("Damaged records of format 1 are placed") {
  const auto check = [](V1Builder b, const std::string& message) {
    INFO(message);
    // The frequency is known before.
    const Outcome got = read_trace(b.bytes());
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.kind == FaultKind::kMalformed);
    CHECK(fault.offset == b.last_offset());
    CHECK(fault.message.find(message) != std::string::npos);
    CHECK(got.lines.size() == kStartedLines + 1);
  };
  const auto good = [](int version = 19) { return started(version).frequency(1'000'000'000); };
  check(good().raw({0}), "type 0");
  check(good().raw({63}), "type 63");
  check(good(11).raw({49 | 3 << 6, 5, 1, 1, 1, 1, 1}), "type 49");
  check(good().record(v1::kProcStop, {1, 2}), "2 values instead of 1");
  check(good().batch(0xFFF0, 0), "out of range");
  check(good().batch(-2, 0), "out of range");
  check(good().raw({v1::kString, 0, 1, 'a'}), "string 0");
  check(good().raw({v1::kString, 1, 0}), "0 bytes");
  check(good().raw({v1::kString, 1, 0xC1, 0x84, 0x3D}), "1000001 bytes");
  check(good().raw({v1::kStack, 1}), "without a length");
  check(good().raw({v1::kStack | 3 << 6, 3, 1, 1, 1}), "fit");
  check(good().record(v1::kStack, {1, 2000}, true), "2000 frames");
  check(good().record(v1::kGoCreate, {1, 2, 3, 4, 5}), "fit");
  check(good().raw({v1::kGoCreate | 3 << 6, 0xFF, 0xFF, 0x7F}), "bytes");
  check(good().raw({v1::kGoEnd, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2}),
        "64 bits");
}

TEST_CASE("A string that is defined twice keeps its first text") {
  V1Builder b = started();
  b.string(1, "a").string(1, "b");
  const uint64_t at = b.last_offset();
  b.event("UserTaskCreate", {1, 0, 1, 0}).frequency(1'000'000'000);
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].offset == at);
  CHECK(got.lines[kStartedLines] == "7 m5 p0 g1 TaskBegin 1 of - \"a\"");
}

TEST_CASE("A clock that stood still or ran backwards gives no times") {
  for (uint64_t wrong : {uint64_t{0}, ~uint64_t{0}}) {
    const Outcome broken = read_trace(started().frequency(wrong).bytes());
    REQUIRE(broken.facts.faults.size() == 1);
    CHECK(broken.facts.faults[0].kind == FaultKind::kInvalid);
    CHECK(broken.facts.faults[0].lost.describe() == "everything: 6 events");
    CHECK(broken.lines.size() == 1);
  }
}

TEST_CASE("A file that ends among its stacks keeps its events") {
  V1Builder b = started();
  b.event("GoSched", {7})
      .event("GoStartLocal", {1})
      .event("GoSched", {8})
      .event("GoStartLocal", {1})
      .event("GoSched", {9})
      .frequency(1'000'000'000)
      .batch(0, 2000)
      .string(1, "main.f")
      .stack(7, 1);
  const size_t whole = b.bytes().size();
  b.stack(8, 1);
  for (size_t end : {whole, whole + 3}) {
    Bytes bytes = b.bytes();
    bytes.resize(end);
    const Outcome got = read_trace(bytes);
    REQUIRE(got.facts.faults.size() == 1);
    CHECK(got.facts.faults[0].kind == FaultKind::kTruncated);
    CHECK(got.facts.faults[0].lost.stackless == 2);
    CHECK(got.facts.faults[0].lost.delivered == kStartedLines + 4);
    CHECK(got.lines.size() == kStartedLines + 6);
    CHECK(got.lines[kStartedLines] ==
          "7 m5 p0 g1 G1 Running->Runnable \"runtime.Gosched\" stack=main.f");
  }
}

TEST_CASE("Any truncation of a trace of format 1 is told, never fatal") {
  const Bytes whole = small_trace();
  CHECK(read_trace(whole).faults == Lines{});
  for (size_t size = 0; size < whole.size(); ++size) {
    INFO("cut to " << size << " bytes");
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const Outcome got = read_trace(cut, {.chunk = 5, .closings = true});
    // Behind the frequency a cut at the border of records may leave nothing missing.
    CHECK((!got.faults.empty() || got.lines.size() > 20));
  }
}

TEST_CASE("Any changed byte of a trace of format 1 is harmless") {
  const Bytes whole = small_trace();
  for (size_t i = 16; i < whole.size(); ++i) {
    for (int mask : {1, 2, 4, 8, 16, 32, 64, 128, 127, 255}) {
      Bytes changed = whole;
      changed[i] = static_cast<uint8_t>(changed[i] ^ mask);
      const Outcome got = read_trace(changed, {.closings = true});
      CHECK(got.lines.size() < 1000);
    }
  }
}

TEST_CASE("Huge ids cost nothing") {
  V1Builder b = started();
  const uint64_t huge = ~uint64_t{0} - 1;
  b.event("GoCreate", {huge, huge, huge})
      .event("GoSched", {huge})
      .event("GoStartLocal", {huge})
      .event("UserTaskCreate", {huge, huge - 1, huge, huge})
      .string(huge, "name")
      .frequency(1'000'000'000)
      .record(v1::kStack, {huge, 1, 1, huge, huge, 1}, true);
  const Outcome got = read_trace(b.bytes());
  CHECK(got.faults == Lines{});
  CHECK(got.lines[kStartedLines + 3].find("TaskBegin 18446744073709551614") != std::string::npos);
  CHECK(got.lines[kStartedLines + 3].find("stack=name") != std::string::npos);
}
