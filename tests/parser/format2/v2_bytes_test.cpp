// Traces written down byte by byte: they do not share the trace builder's idea of the format.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

/// m = NoThread as a varint.
const Bytes kNobody = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};

/// One generation: thread 7 runs goroutine 1, which starts goroutine 9 and waits for it.
Bytes worked_example(int version) {
  Bytes out = {'g', 'o', ' ', '1', '.', '2', static_cast<uint8_t>('0' + version % 10),
               ' ', 't', 'r', 'a', 'c', 'e', 0,
               0,   0};
  append(out, {0x01, 0x01});
  append(out, kNobody);
  append(out, {0xe8, 0x07});
  if (version >= 25) {
    append(out, {0x91, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x32});
    append(out, {0x08, 0xa8, 0xd6, 0xb9, 0x07});
    append(out, {0x33, 0x02, 0x80, 0xf5, 0x03, 0x80, 0xe2, 0xcf, 0xaa, 0x06, 0x05});
  } else {
    append(out, {0x05, 0x08, 0xa8, 0xd6, 0xb9, 0x07});
  }
  append(out, {0x01, 0x01, 0x07, 0xe9, 0x07, 0x21});
  append(out, {0x0d, 0x02, 0x00, 0x01});        // ProcStatus 0 running
  append(out, {0x19, 0x01, 0x01, 0x07, 0x02});  // GoStatus 1 running
  append(out, {0x0e, 0x03, 0x09, 0x01, 0x02});  // GoCreate 9
  append(out, {0x14, 0x04, 0x01, 0x02});        // GoBlock "sync"
  append(out, {0x10, 0x02, 0x09, 0x01});        // GoStart 9
  append(out, {0x15, 0x05, 0x01, 0x01, 0x00});  // GoUnblock 1
  append(out, {0x11, 0x06});                    // GoDestroy
  append(out, {0x10, 0x02, 0x01, 0x02});        // GoStart 1
  append(out, {0x01, 0x01});
  append(out, kNobody);
  append(out, {0x86, 0x08, 0x11, 0x02});
  append(out, {0x03, 0x01, 0x01, 0x81, 0x20, 0x02, 0x04, 0x14});
  append(out, {0x03, 0x02, 0x01, 0xc2, 0x40, 0x03, 0x04, 0x0b});
  append(out, {0x01, 0x01});
  append(out, kNobody);
  append(out, {0x87, 0x08, 0x24, 0x04});
  append(out, {0x05, 0x01, 0x04, 's', 'y', 'n', 'c'});
  append(out, {0x05, 0x02, 0x06, 'm', 'a', 'i', 'n', '.', 'f'});
  append(out, {0x05, 0x03, 0x09, 'm', 'a', 'i', 'n', '.', 'm', 'a', 'i', 'n'});
  append(out, {0x05, 0x04, 0x04, 'm', '.', 'g', 'o'});
  if (version >= 26) out.push_back(0x34);
  return out;
}

}  // namespace

TEST_CASE("A trace written by hand gives its events in every version of format 2") {
  REQUIRE(worked_example(26).size() == 180);
  const int version = GENERATE(22, 23, 25, 26);
  CAPTURE(version);
  const Outcome got = read_trace(worked_example(version));
  CHECK(got.faults.empty());
  // Relative to the sync event, which is at 1000 units of 64 ns.
  CHECK(got.lines == Lines{
                         "0 sync 1 generation 1",
                         "192 m7 p- g- P0 Undetermined->Running",
                         "256 m7 p0 g- G1 Undetermined->Running",
                         "448 m7 p0 g1 G9 NotExist->Runnable stack=main.main start=main.f",
                         "704 m7 p0 g1 G1 Running->Waiting \"sync\" stack=main.main",
                         "832 m7 p0 g- G9 Runnable->Running",
                         "1152 m7 p0 g9 G1 Waiting->Runnable",
                         "1536 m7 p0 g9 G9 Running->NotExist",
                         "1664 m7 p0 g- G1 Runnable->Running",
                         "1665 end",
                     });
  CHECK(got.facts.version == version);
  CHECK(got.facts.bytes == worked_example(version).size());
  CHECK(got.facts.events == 10);
  CHECK(got.facts.duration == 1665);
  REQUIRE(got.facts.generations.size() == 1);
  const GenerationFacts& g = got.facts.generations[0];
  CHECK(g.number == 1);
  CHECK(g.offset == 16);
  CHECK(g.bytes == got.facts.bytes - 16 - (version >= 26 ? 1 : 0));
  CHECK(g.batches == 4);
  CHECK(g.threads == 1);
  CHECK(g.strings == 4);
  CHECK(g.stacks == 2);
  CHECK(g.complete);
  CHECK(g.clock.has_value() == (version >= 25));
  if (g.clock) {
    CHECK(g.clock->time == 128);
    CHECK(g.clock->mono_ns == 64128);
    CHECK(g.clock->wall_sec == 1'700'000'000);
    CHECK(g.clock->wall_nsec == 5);
  }
}

TEST_CASE("A batch whose numbers are padded to ten bytes reads as any other") {
  Bytes bytes = worked_example(26);
  // Thread 7's batch header (at 57) with everything padded.
  const auto padded = [](uint8_t low, uint8_t high) {
    Bytes out = {static_cast<uint8_t>(low | 0x80), static_cast<uint8_t>(high | 0x80)};
    out.insert(out.end(), 7, 0x80);
    out.push_back(0);
    return out;
  };
  Bytes head = {0x01};
  append(head, padded(1, 0));
  append(head, padded(7, 0));
  append(head, padded(0x69, 7));
  append(head, padded(0x21, 0));
  bytes.erase(bytes.begin() + 57, bytes.begin() + 63);
  bytes.insert(bytes.begin() + 57, head.begin(), head.end());
  const Outcome got = read_trace(bytes);
  CHECK(got.faults.empty());
  CHECK(got.lines == read_trace(worked_example(26)).lines);
}

TEST_CASE("A varint of more than 64 bits is refused in a head that is looked at out of turn") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  g.nobody().event("GoStatus", {5, -1, kGoWaiting});
  // This thread waits for what the other one does later by its own clock.
  auto& early = g.thread(7).event("ProcStatus", {0, kProcRunning});
  early.at(1050).event("GoStart", {5, 2});
  auto& late = on_cpu(g, 8, 1, 6);
  late.at(1040).event("HeapAlloc", {1});
  Bytes wrong = {37, 60};  // HeapAlloc
  wrong.insert(wrong.end(), 10, 0xFF);
  wrong.push_back(1);
  late.raw(wrong);
  for (int i = 0; i < 40; ++i) late.event("HeapAlloc", {2});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.message == "varint is longer than 64 bits");
  CHECK(fault.event == "HeapAlloc");
  CHECK(fault.field == "heapalloc_value");
}

TEST_CASE("A varint of more than 64 bits is refused where it stands") {
  Bytes bytes = worked_example(26);
  // GoStart's dt, at 86 … , becomes ten bytes with a 65th bit.
  Bytes wide(9, 0xff);
  wide.push_back(0x02);
  bytes.erase(bytes.begin() + 82);
  bytes.insert(bytes.begin() + 82, wide.begin(), wide.end());
  bytes[62] = static_cast<uint8_t>(bytes[62] + 9);
  const Outcome got = read_trace(bytes);
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(position(got.facts.faults[0]) == "malformed gen=1 m=7 GoStart.dt @81");
  CHECK(without_times(got.lines) ==
        without_times({"0 sync 1 generation 1", "192 m7 p- g- P0 Undetermined->Running",
                       "256 m7 p0 g- G1 Undetermined->Running",
                       "448 m7 p0 g1 G9 NotExist->Runnable stack=main.main start=main.f",
                       "704 m7 p0 g1 G1 Running->Waiting \"sync\" stack=main.main", "705 end"}));
}
