// What stands around a trace in a file: text before it, another trace behind it.
#include <zlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/cli_run.h"
#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"
#include "tests/support/temporary.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo goroutines_pass;
extern const PassInfo tasks_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// Goroutine 1 runs for `ns`, from `begin` on the trace's clock.
Bytes one_run(uint64_t begin, uint64_t ns, int version = 26) {
  TraceBuilder b(version);
  auto& g = b.generation(1, begin);
  on_cpu(g, 7, 0, 1).at(begin + 10 + ns).event("GoDestroy");
  return b.bytes();
}

Bytes one_run_1(uint64_t begin, uint64_t ns) {
  V1Builder b(19);
  b.string(1, "main.f").stack(1, 1);
  b.batch(0, begin).event("GoCreate", {1, 1, 0}, 0).event("GoStartLocal", {1}, 10);
  b.event("GoEnd", {}, ns);
  return b.frequency(1'000'000'000).bytes();
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes text(std::string_view text) { return Bytes(text.begin(), text.end()); }

std::string gzipped(const std::string& plain) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Lines notes(const Outcome& got) {
  Lines out;
  for (const Fault& f : got.facts.faults) out.push_back(f.message);
  return out;
}

}  // namespace

TEST_CASE("Text before a trace is told, and the trace read") {
  const Bytes trace = one_run(1000, 70);
  const Outcome plain = read_trace(trace);
  for (const size_t chunk : {size_t{1}, size_t{1} << 20}) {
    const Outcome got =
        read_trace(text("HTTP/1.1 200 OK\r\nX: 1\r\n\r\n") + trace, {.chunk = chunk});
    CHECK(got.lines == plain.lines);
    CHECK_FALSE(got.facts.damaged());
    CHECK(notes(got) == Lines{"the trace begins behind 25 bytes of text: \"HTTP/1.1 200 OK\""});
    CHECK(got.facts.faults[0].offset == 25);
    CHECK(got.facts.generations.at(0).offset == 25 + 16);
  }
  // Text and header are 1 MiB at most, however much is in sight.
  for (const size_t chunk : {size_t{1} << 16, size_t{1} << 21}) {
    const std::string most((size_t{1} << 20) - 16, 'x');
    CHECK(read_trace(text(most) + trace, {.chunk = chunk}).lines == plain.lines);
    CHECK(read_trace(text(most + "x") + trace, {.chunk = chunk}).refused);
  }
  // Also where nothing may be missing, and in format 1.
  CHECK(read_trace(text("PASS\n") + one_run_1(1000, 70), {.strict = true}).lines ==
        read_trace(one_run_1(1000, 70)).lines);
}

TEST_CASE("What is no text is not skipped") {
  const Outcome got = read_trace(text("ab") + Bytes{0, 1} + one_run(1000, 70));
  CHECK(got.refused);
  CHECK(read_trace(text("go 1.26 trace without its end\n") + one_run(1000, 70)).lines ==
        read_trace(one_run(1000, 70)).lines);
}

TEST_CASE("Two traces in a file are read one behind the other") {
  // The second one's clock stands earlier, and its goroutine has the same number.
  const Bytes first = one_run(5000, 70), second = one_run(1000, 300);
  const Bytes both = first + second;
  const Outcome a = read_trace(first), b = read_trace(second);
  for (const size_t chunk : {size_t{1}, size_t{1} << 20}) {
    const Outcome got = read_trace(both, {.chunk = chunk});
    CHECK_FALSE(got.facts.damaged());
    CHECK(notes(got) ==
          Lines{"the file holds 2 traces, one behind the other, and all are read as if no time lay "
                "between them; `tail -c +" +
                std::to_string(first.size() + 1) + "` gives what the second one begins"});
    CHECK(got.facts.faults[0].kind == FaultKind::kNote);
    CHECK(got.facts.generations.size() == 2);
    CHECK(got.facts.headers == 2);
    // All events of both but the first end, and the gap between them.
    CHECK(got.facts.events == a.facts.events - 1 + 1 + b.facts.events);
    CHECK(got.facts.duration == a.facts.duration + b.facts.duration + 1);
    const Lines all = without_times(got.lines), tail = without_times(b.lines);
    CHECK(Lines(all.end() - static_cast<std::ptrdiff_t>(tail.size()) + 1, all.end() - 1) ==
          Lines(tail.begin() + 1, tail.end() - 1));
  }
  const Report report = run_bytes(both, goroutines_pass, {});
  const Table& groups = table(report, "goroutines");
  CHECK(sum(groups, "count") == 2);
  CHECK(sum(groups, "execution_ns") ==
        sum(table(run_bytes(first, goroutines_pass, {}), "goroutines"), "execution_ns") +
            sum(table(run_bytes(second, goroutines_pass, {}), "goroutines"), "execution_ns"));
}

TEST_CASE("Two traces of format 1, and three") {
  const Bytes one = one_run_1(7000, 70);
  const Outcome single = read_trace(one), two = read_trace(one + one),
                three = read_trace(one + one + one);
  CHECK_FALSE(three.facts.damaged());
  CHECK(two.facts.generations.size() == 2);
  CHECK(three.facts.headers == 3);
  CHECK(two.facts.events == 2 * single.facts.events);
  CHECK(three.facts.events == 3 * single.facts.events);
  CHECK(three.facts.duration == 3 * single.facts.duration + 2);
  CHECK(three.facts.faults.size() == 1);
}

TEST_CASE("A trace behind one that was cut is read as well") {
  for (const int version : {19, 26}) {
    CAPTURE(version);
    const Bytes whole = version == 19 ? one_run_1(5000, 70) : one_run(5000, 70);
    // Of the last record: the frequency, or the end of the generation.
    const Bytes cut(whole.begin(), whole.end() - (version == 19 ? 6 : 1));
    const Outcome alone = read_trace(cut), got = read_trace(cut + whole);
    CHECK(got.facts.headers == 2);
    CHECK(got.facts.faults.size() == alone.facts.faults.size() + 1);
    CHECK(got.facts.events >= read_trace(whole).facts.events + alone.facts.events - 1);
  }
}

TEST_CASE("A trace behind one that was cut within its events is read as well") {
  for (const int version : {19, 26}) {
    const Bytes whole = version == 19 ? one_run_1(5000, 70) : one_run(5000, 70);
    for (size_t n = 17; n < whole.size(); ++n) {
      CAPTURE(version, n);
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      const Outcome got = read_trace(cut + Bytes(70'000, 0) + whole);
      CHECK(got.facts.damaged());
      CHECK(got.facts.headers == 2);
      CHECK(got.facts.events >= read_trace(whole).facts.events);
      CHECK(got.facts.bytes == n + 70'000 + whole.size());
    }
  }
}

TEST_CASE("A trace directly behind one that was cut anywhere is read as well") {
  for (const int version : {19, 22, 26}) {
    const auto make = [version](uint64_t begin) {
      if (version == 19) {
        V1Builder b(19);
        b.string(1, "main.f").batch(0, begin);
        b.event("GoCreate", {1, 1, 0}, 0).event("ProcStart", {5}).event("GoStartLocal", {1}, 10);
        b.event("Gomaxprocs", {4, 0}).log(0, 0, 0, "twenty bytes of text");
        for (uint64_t i = 0; i < 60; ++i) b.event("HeapAlloc", {1000 * i}, 100 * i);
        b.event("GoSysCall", {0}).event("GoSysBlock").event("GoSysExit", {1, 2, begin + 1}, 300000);
        return b.frequency(1'000'000'000).stack(1, 1).bytes();
      }
      TraceBuilder b(version);
      auto& m = on_cpu(b.generation(1, begin), 7, 0, 1);
      for (int i = 0; i < 60; ++i) m.event("HeapAlloc", {1000 * i}, 100);
      m.event("GoBlock", {"sync", frames({"main.f"})});
      return b.bytes();
    };
    const Bytes first = make(5000), whole = make(90'000);
    const Outcome second = read_trace(whole);
    const Lines tail = without_times(second.lines);
    int missed = 0;
    for (size_t n = 17; n < first.size(); ++n) {
      CAPTURE(version, n);
      const Bytes cut(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(n));
      const Outcome alone = read_trace(cut), got = read_trace(cut + whole);
      // A message that ends with the header may just as well be a message.
      if (std::string(cut.end() - 5, cut.end()) == "\x14twen") continue;
      if (got.facts.headers == 1) {
        // The batch ends where a batch of the second trace does, by chance.
        ++missed;
        CHECK(got.facts.damaged());
        continue;
      }
      CHECK(got.facts.headers == 2);
      CHECK(got.facts.damaged() == alone.facts.damaged());
      CHECK(got.facts.generations.back().complete == second.facts.generations.back().complete);
      CHECK(got.facts.generations.back().events == second.facts.generations.back().events);
      CHECK(got.facts.bytes == n + whole.size());
      // All of it, behind what the first one alone gives.
      const Lines all = without_times(got.lines);
      REQUIRE(all.size() + 1 >= tail.size());
      CHECK(Lines(all.end() - static_cast<std::ptrdiff_t>(tail.size()) + 1, all.end() - 1) ==
            Lines(tail.begin() + 1, tail.end() - 1));
      for (const size_t chunk : {size_t{1}, size_t{977}}) {
        if (n % 7 != 0) continue;
        const Outcome small = read_trace(cut + whole, {.chunk = chunk});
        CHECK(small.lines == got.lines);
        CHECK(small.faults == got.faults);
      }
    }
    CHECK(missed <= (version == 19 ? 0 : 8));
  }
}

TEST_CASE("What a further trace cuts takes nothing from what stands before it") {
  V1Builder b(19);
  b.string(1, "main.f").stack(1, 1).frequency(1'000'000'000).batch(0, 1000);
  b.event("GoCreate", {1, 1, 0}, 0).event("ProcStart", {5}).event("GoStartLocal", {1}, 10);
  b.event("GoSysCall", {0}, 100).event("GoSysBlock", {}, 100).event("ProcStop");
  b.batch(1, 1500).event("ProcStart", {6}, 0).event("HeapAlloc", {77}, 50);
  b.event("GoSysExit", {1, 2, 1520}, 100).event("GoStartLocal", {1});
  const size_t sound = b.bytes().size();
  for (uint64_t i = 0; i < 20; ++i) b.event("HeapAlloc", {1000 * i}, 100 * i);
  const Bytes first = b.bytes(), second = one_run_1(90'000, 70);
  for (size_t n = sound; n < first.size(); ++n) {
    CAPTURE(n);
    const Outcome got =
        read_trace(Bytes(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(n)) + second);
    CHECK(got.facts.headers == 2);
    // When the system call ended, which the record of its end tells.
    CHECK(std::ranges::count(got.lines, "521 m- p1000003 g1 G1 Syscall->Runnable") == 1);
  }
}

TEST_CASE("Whether a text holds a trace does not depend on how much is in sight") {
  V1Builder b(19);
  std::string text = "go 1.19 trace";
  text.resize(16);
  b.string(1, "main.f").stack(1, 1).frequency(1'000'000'000);
  b.string(2, "a text that holds " + text);
  b.batch(0, 1000).event("GoCreate", {1, 1, 0}, 0).event("ProcStart", {5});
  for (int i = 0; i < 3; ++i) b.log(0, 0, 0, std::string(250, 'x'));
  // What contradicts that these are records is further away than is looked.
  b.raw({0x3F, 0x3F});
  const Outcome whole = read_trace(b.bytes());
  for (const size_t chunk : {size_t{1}, size_t{61}, size_t{700}}) {
    const Outcome got = read_trace(b.bytes(), {.chunk = chunk});
    CHECK(got.lines == whole.lines);
    CHECK(got.faults == whole.faults);
  }
  CHECK(whole.facts.headers == 1);
}

TEST_CASE("A header in a text of a sound trace begins nothing") {
  for (const char* more : {"", "x", "\x41", "\x41\x01\x05", "%"}) {
    for (const int inner : {19, 26}) {
      CAPTURE(more, inner);
      const Bytes head = header(inner);
      const std::string message = std::string(head.begin(), head.end()) + more;
      V1Builder one(19);
      one.string(1, message).batch(0, 1000).event("GoCreate", {1, 1, 0}, 0);
      one.event("GoStartLocal", {1}).event("Gomaxprocs", {4, 0}).log(0, 1, 0, message);
      one.log(0, 1, 0, "behind").batch(1, 2000).event("HeapAlloc", {1});
      TraceBuilder two(26);
      auto& m = on_cpu(two.generation(1, 1000), 7, 0, 1);
      m.event("UserLog", {0, message.c_str(), "message", 0}).event("HeapAlloc", {1});
      two.generation(1, 1000).string(message);
      for (const size_t chunk : {size_t{1}, size_t{1} << 20}) {
        const Outcome a = read_trace(one.bytes(), {.chunk = chunk});
        CHECK(a.facts.headers == 1);
        CHECK(a.facts.generations.at(0).events == 6);
        const Outcome b = read_trace(two.bytes(), {.chunk = chunk});
        CHECK(b.facts.headers == 1);
        CHECK(b.facts.generations.at(0).events == 5);
      }
    }
  }
}

TEST_CASE("An end without its begin is no end of a task of the trace before") {
  const auto trace = [](const char* event) {
    TraceBuilder b(26);
    auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
    if (event == std::string("UserTaskBegin"))
      m.at(1100).event(event, {5, 0, "order", 0});
    else
      m.at(1100).event(event, {5, 0});
    return b.bytes();
  };
  const Bytes both = trace("UserTaskBegin") + trace("UserTaskEnd");
  CHECK(rows(table(run_bytes(both, tasks_pass, {}), "tasks"), {"count", "complete", "total_ns"}) ==
        Lines{"1|0|0", "1|0|0"});
}

TEST_CASE("What became text in UTF-8 on its way is told") {
  Bytes trace = one_run(1000, 70);
  Bytes recoded(trace.begin(), trace.begin() + 16);
  for (int i = 0; i < 8; ++i) recoded = recoded + text("\x01\xef\xbf\xbd");
  const Outcome got = read_trace(recoded);
  REQUIRE(got.refused);
  CHECK(got.facts.faults.at(0).message.find("this was a trace until") == 0);
}

TEST_CASE("What follows packed data is told, and what was packed is read") {
  for (const char* name : {"go1.27/gotest", "go1.19/idle"}) {
    const std::string plain = unpack(capture(name));
    const std::string zstd = read_file(capture(name));
    for (const std::string& packed : {zstd, gzipped(plain)}) {
      const CliResult whole = cli({"events", TemporaryFile("whole", packed).path()});
      REQUIRE(whole.code == 0);
      for (const std::string& tail : {std::string("\n"), std::string("0123456789 garbage")}) {
        const TemporaryFile file("tail", packed + tail);
        const CliResult got = cli({"events", file.path()});
        CHECK(got.code == 3);
        CHECK(got.out == whole.out);
        CHECK(got.err.find(" data is something else") != std::string::npos);
      }
      // Several parts are one capture: here an empty one follows.
      const std::string twice = packed + (packed == zstd ? "" : gzipped(""));
      CHECK(cli({"events", TemporaryFile("twice", twice).path()}).code == 0);
    }
  }
}

TEST_CASE("A trace of another version behind the first is told, not read") {
  const Bytes first = one_run(5000, 70);
  const Outcome got = read_trace(first + one_run_1(1000, 70));
  CHECK(got.facts.events == read_trace(first).facts.events);
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kUnsupported);
  CHECK(fault.offset == first.size());
  CHECK(fault.message == "another trace begins here, of another version (go 1.19); `tail -c +" +
                             std::to_string(first.size() + 1) + "` gives it alone");
  CHECK(fault.lost.bytes == one_run_1(1000, 70).size());
}

TEST_CASE("Two traces in a file, seen from outside") {
  const Bytes both = one_run(5000, 70) + one_run(1000, 300);
  const TemporaryFile file("two.trace", std::string(both.begin(), both.end()));
  const CliResult info = cli({"info", file.path(), "--format", "json"});
  CHECK(info.code == 0);
  CHECK(info.err.find("note: ") != std::string::npos);
  uint64_t bytes = 0;
  const auto report = nlohmann::json::parse(info.out);
  for (const auto& row : report["tables"]["wire"]["rows"]) bytes += row["bytes"].get<uint64_t>();
  CHECK(bytes == both.size());
  const CliResult events = cli({"events", file.path()});
  CHECK(events.out.find("another trace begins") != std::string::npos);
  const CliResult raw = cli({"events", "--raw", file.path()});
  CHECK(raw.code == 0);
  CHECK(raw.out.find("Trace Go1.26\n", 10) != std::string::npos);
}

TEST_CASE("A note about raw events changes no exit code") {
  const Bytes noted = text("$ ./server\n") + one_run(1000, 300);
  const TemporaryFile file("noted.trace", std::string(noted.begin(), noted.end()));
  for (const char* strict : {"--no-progress", "--strict"}) {
    const CliResult raw = cli({"events", "--raw", file.path(), strict});
    CHECK(raw.code == 0);
    CHECK(raw.err.starts_with("tracetool: note: " + file.path() + ": "));
    CHECK(raw.err.find("$ ./server") != std::string::npos);
    CHECK(std::ranges::count(raw.err, '\n') == 1);
  }
}

TEST_CASE("A diff tells each note once a side") {
  const Bytes noted = text("$ ./server\n") + one_run(1000, 300);
  const TemporaryFile before("before.trace", std::string(noted.begin(), noted.end()));
  const TemporaryFile after("after.trace", std::string(noted.begin(), noted.end()));
  const CliResult r = cli({"diff", before.path(), after.path()});
  for (const TemporaryFile* file : {&before, &after}) {
    const size_t first = r.err.find("note: " + file->path());
    CHECK(first != std::string::npos);
    CHECK(r.err.find("note: " + file->path(), first + 1) == std::string::npos);
  }
  CHECK(std::ranges::count(r.err, '\n') == 2);
}

TEST_CASE("A zstd file may begin with a frame that is to be skipped") {
  const std::string packed = read_file(capture("go1.27", "http"));
  const std::string skipped = std::string("\x5e\x2a\x4d\x18\x03\0\0\0abc", 11) + packed;
  const TemporaryFile file("skippable.zst", skipped + skipped.substr(0, 11));
  const CliResult got = cli({"info", file.path(), "--table", "generations", "--format", "csv"});
  CHECK(got.code == 0);
  CHECK(got.out ==
        cli({"info", capture("go1.27/http"), "--table", "generations", "--format", "csv"}).out);
}
