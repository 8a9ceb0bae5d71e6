// Files that are no trace: each gets its own advice.
#include "parser/input/lookalike.h"

#include <catch2/catch.hpp>

#include "parser/model/wire_version.h"
#include "tests/support/event_lines.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

using std::literals::operator""sv;

std::string advice(std::string_view head) {
  const Outcome got = read_trace(Bytes(head.begin(), head.end()));
  REQUIRE(got.refused);
  REQUIRE(got.facts.faults.size() == 1);
  return got.facts.faults[0].message;
}

}  // namespace

TEST_CASE("What is no trace is told by its first bytes") {
  const std::pair<std::string_view, const char*> cases[] = {
      {"", "is empty"},
      {"\x7f"
       "ELF\2\1\1\0\0\0\0\0\0\0\0\0\0"sv,
       "program (ELF)"},
      {"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0"sv, "Windows program"},
      {"PK\3\4\x14\0\0\0\x08\0\0\0\0\0\0\0"sv, "zip archive"},
      {"BZh91AY&SY\0\0\0\0\0\0\0"sv, "bzip2"},
      {"\xfd"
       "7zXZ\0\0\4\xe6\xd6\xb4\x46\2\0\x21\1"sv,
       "xz-compressed"},
      {"PERFILE2h\0\0\0\0\0\0\0"sv, "Linux perf"},
      {"goroutine profile: total 8\n1 @ 0x0", "goroutine profile"},
      {"heap profile: 1: 2 [3: 4]", "heap profile"},
      {"--- contention:\ncycles/second=1", "contention profile"},
      {"--- mutex:\ncycles/second=1", "mutex profile"},
      {"go1.7 heap dump\n123456", "heap dump"},
      {"Trace Go1.22\nEventBatch gen=1", "text form"},
      {"mode: set\na/b.go:1.2,3.4 5 6", "coverage profile"},
      {"<!DOCTYPE html><html><body>404", "web page"},
      {"\n\n  <HTML><body>not found", "web page"},
      {"{\"traceEvents\":[{\"name\":\"x\"}]}", "Chrome trace"},
      {"{\"error\": \"not found\"}", "JSON"},
      {"[1, 2, 3]", "JSON"},
      {"\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04\x12\x00\x00\x00"sv, "pprof profile"},
      {"404 page not found\nmore", "text file, not a Go execution trace: \"404 page not found\";"},
      {"\n  Could not enable tracing: tracing is already enabled\r\n",
       "text file, not a Go execution trace: \"Could not enable tracing: tracing is already "
       "enabled\""},
      {"\x1b[31mred\x1b[0m and caf\xc3\xa9\n", "text file"},
      {"{\"error\": \"not found\"}\n",
       "JSON, not a Go execution trace: \"{\"error\": \"not found\"}\""},
      {"\xff\xfe"
       "g\0o\0 \0001\0.\0002\0006\0 \0t\0r\0"sv,
       "PowerShell"},
      {"\xfe\xff\0g\0o\0 \0001\0.\0002\0006"sv, "PowerShell"},
      {"\xff\xfe"
       "h\0e\0l\0l\0o\0"sv,
       "UTF-16"},
      // A line that is cut keeps its last whole character.
      {"\xc3\xa4\xc3\xa4\xc3\xa4 "
       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"sv,
       "xxx\xc3\xa4\xe2\x80\xa6\""},
      // A CPU profile begins with its times (fields 9 and 10), then come the sample types.
      {"\x48\x95\xcc\x81\xed\xe1\xb1\xdb\xf5\x18\x50\x9d\x01\x0a\x04\x08\x01\x10\x02\x0a\x04"sv,
       "pprof profile"},
      {"\x5a\x04\x08\x03\x10\x04\x0a\x02\x10\x02\x12\x03\x08\x01\x08"sv, "pprof profile"},
      // A sample type is two numbers of at most ten bytes.
      {"\x0a\x16\x08\x01\x10\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv, "pprof profile"},
      {"\x0a\x17\x08\x01\x10\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv, "does not begin with"},
      {"\x48\x95\xcc\x81\xed\xe1\xb1\xdb\xf5\x18\x12\x04\x08\x01\x10\x02\x0a\x04"sv,
       "does not begin with"},
      {"\1\2\3\4\5\6\7\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"sv, "does not begin with"},
      {"go 1.26 trace", "inside the trace header"},
      {"go 1.26 trace\0\0"sv, "inside the trace header"},
      {"go 1.26 trace\0\0\1"sv, "header is damaged"},
      {"go 1.26 tracE\0\0\0"sv, "header is damaged"},
      {"go 1.026 trace\0\0"sv, "header is damaged"},
      {"go 1. trace\0\0\0\0\0"sv, "header is damaged"},
      {"go 1.1234 trace\0"sv, "header is damaged"},
  };
  for (const auto& [head, expected] : cases) {
    CAPTURE(expected);
    CHECK(advice(head).find(expected) != std::string::npos);
  }
}

TEST_CASE("Of a line too long 80 bytes are shown, and what was replaced is sought in 512") {
  CHECK(advice(std::string(100, 'x')).find('"' + std::string(80, 'x') + "…\"") !=
        std::string::npos);
  std::string head = "go 1.26 trace";
  head.resize(16);
  const std::string replaced =
      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd";
  const auto of = [&](size_t length) {
    const std::string text = head + std::string(length - head.size() - replaced.size(), 'a');
    const std::string file = text + replaced + "aa";
    return read_trace(Bytes(file.begin(), file.end()));
  };
  CHECK(of(512).refused);
  CHECK_FALSE(of(513).refused);
}

TEST_CASE("Versions that are not read say so, and what to do") {
  for (int version : {6, 12, 20, 24}) {
    const Outcome got = read_trace(header(version));
    REQUIRE(got.refused);
    CHECK(got.facts.faults[0].kind == FaultKind::kUnsupported);
    CHECK(got.facts.faults[0].message.find("which no Go release writes") != std::string::npos);
  }
  const Outcome old = read_trace(header(5));
  CHECK(old.facts.faults.at(0).kind == FaultKind::kUnsupported);
  CHECK(old.facts.faults.at(0).message.find("Go 1.5, 1.6") != std::string::npos);
  for (int version : {27, 30, 99, 127}) {
    const Outcome got = read_trace(header(version));
    REQUIRE(got.refused);
    CHECK(got.facts.faults[0].kind == FaultKind::kUnsupported);
    CHECK(got.facts.faults[0].message.find("newer") != std::string::npos);
  }
  for (int version : {7, 8, 9, 10, 11, 19, 21, 22, 23, 25, 26}) {
    CAPTURE(version);
    CHECK_FALSE(read_trace(header(version)).refused);
    CHECK(releases_of(version) != nullptr);
  }
}

TEST_CASE("A trace that was written anew as text is told from one with such texts") {
  V1Builder b(19);
  b.batch(0, 1000).event("GoCreate", {1, 0, 0}).event("ProcStart", {5}).event("GoStartLocal", {1});
  std::string message;
  for (int i = 0; i < 8; ++i) message += "\xef\xbf\xbd";
  b.log(0, 0, 0, message);
  for (int i = 0; i < 100; ++i) b.event("HeapAlloc", {1'000'000});
  const Bytes bytes = b.frequency(1'000'000'000).bytes();
  const Outcome own = read_trace(bytes);
  CHECK_FALSE(own.refused);
  CHECK(own.facts.faults.empty());
  // What decodes UTF-8 puts U+FFFD in the place of each byte that is none.
  Bytes recoded;
  const std::string_view replacement = "\xef\xbf\xbd";
  for (const uint8_t byte : bytes) {
    if (byte < 0x80) recoded.push_back(byte);
    if (byte >= 0x80) recoded.insert(recoded.end(), replacement.begin(), replacement.end());
  }
  const Outcome anew = read_trace(recoded);
  REQUIRE(anew.refused);
  CHECK(anew.facts.faults[0].message.find("cannot be undone") != std::string::npos);
}

TEST_CASE("Any first bytes at all are answered") {
  Bytes head(600);
  uint32_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    for (uint8_t& b : head) {
      state = state * 1664525 + 1013904223;
      b = static_cast<uint8_t>(state >> (i % 2 == 0 ? 24 : 26));
    }
    CHECK_FALSE(describe_lookalike(std::span(head).first(static_cast<size_t>(i % 600))).empty());
  }
}
