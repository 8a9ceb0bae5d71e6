// The C interface: what it says of a capture, and that wrong questions get an answer, too.
#include "parser/library/tracetool.h"

#include <array>
#include <catch2/catch.hpp>
#include <climits>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "parser/threads/thread_group.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/long_trace.h"
#include "tests/support/temporary.h"

using namespace tracetool::test;

namespace {

struct Closer {
  void operator()(tracetool_reader* reader) const { tracetool_close(reader); }
};
using Reader = std::unique_ptr<tracetool_reader, Closer>;

Reader open(const std::string& path, unsigned flags = 0) {
  Reader reader(tracetool_open(path.c_str(), flags));
  REQUIRE(reader != nullptr);
  return reader;
}

std::string error(const Reader& reader) {
  const char* text = tracetool_error(reader.get());
  return text == nullptr ? "" : text;
}

std::string string(const Reader& reader, uint32_t id) {
  size_t length = 0;
  const char* text = tracetool_string(reader.get(), id, &length);
  REQUIRE(text != nullptr);
  return {text, length};
}

/// "main.f:3 main.main:9", innermost first.
std::string stack(const Reader& reader, uint32_t id) {
  const int64_t count = tracetool_stack(reader.get(), id, nullptr, 0);
  REQUIRE(count >= 0);
  std::vector<tracetool_frame> frames(static_cast<size_t>(count));
  CHECK(tracetool_stack(reader.get(), id, frames.data(), frames.size()) == count);
  std::string out;
  for (const tracetool_frame& frame : frames)
    out += (out.empty() ? "" : " ") + string(reader, frame.function) + ":" +
           std::to_string(frame.line);
  return out;
}

/// Events up to the end or the error, by kind.
std::map<std::string, int> count(const Reader& reader, int64_t end) {
  std::map<std::string, int> kinds;
  const tracetool_event* events = nullptr;
  int64_t count = 0;
  while ((count = tracetool_next(reader.get(), &events)) > 0)
    for (int64_t i = 0; i < count; ++i) ++kinds[tracetool_kind_name(events[i].kind)];
  CHECK(count == end);
  CHECK(events == nullptr);
  return kinds;
}

}  // namespace

TEST_CASE("C gets the events of a capture", "[threads]") {
  const Reader reader = open(capture("go1.27/http"));
  CHECK(error(reader).empty());
  CHECK(tracetool_faults(reader.get()) == -1);
  const tracetool_event* events = nullptr;
  int64_t count = 0, all = 0, added = 0, last = -1;
  std::map<int64_t, int> goroutines, threads;
  std::map<std::string, int> messages;
  tracetool_event longest{};
  while ((count = tracetool_next(reader.get(), &events)) > 0) {
    all += count;
    for (int64_t i = 0; i < count; ++i) {
      const tracetool_event& e = events[i];
      CHECK(e.time >= last);
      last = e.time;
      ++threads[tracetool_thread_id(reader.get(), e.m)];
      if ((e.flags & (TRACETOOL_OPEN_END | TRACETOOL_FORETELLS)) != 0) {
        ++added;
        continue;
      }
      if (e.kind == TRACETOOL_LOG) {
        size_t length = 0;
        const char* message = tracetool_message(reader.get(), &e, &length);
        REQUIRE(message != nullptr);
        ++messages[string(reader, e.name) + "=" + std::string(message, length)];
      }
      if (e.kind != TRACETOOL_GO_TRANSITION) continue;
      if (e.states >> 4 <= TRACETOOL_GO_NOT_EXIST) ++goroutines[static_cast<int64_t>(e.arg)];
      if (e.states >> 4 == TRACETOOL_GO_WAITING && e.time - e.since > longest.time - longest.since)
        longest = e;
    }
  }
  CHECK(count == 0);
  CHECK(all == 1829 + added);
  CHECK(goroutines.size() == 67);
  CHECK(threads.size() == 5);
  CHECK(messages.size() == 14);
  CHECK(messages["cache=hit"] == 12);
  CHECK(longest.time - longest.since == 17'563'008);
  CHECK(string(reader, longest.since_name) == "sync");
  CHECK(stack(reader, longest.since_stack) ==
        "sync.(*WaitGroup).Wait:206 main.serveClients:111 workloads/internal/capture.Run:39 "
        "main.main:115");
  CHECK(tracetool_faults(reader.get()) == 0);
  CHECK(tracetool_next(reader.get(), &events) == 0);
}

TEST_CASE("C is told why a capture cannot be opened") {
  const TemporaryFile text("notes.txt", "not a trace\n"), empty("empty.trace", "");
  const TemporaryFile header("header.trace", "go 1.27 tra");
  const std::vector<std::pair<Reader, std::string>> refused = [&] {
    std::vector<std::pair<Reader, std::string>> out;
    out.emplace_back(open("/nowhere/trace.out"),
                     "cannot open /nowhere/trace.out: No such file or directory");
    out.emplace_back(open(text.path()),
                     "this is a text file, not a Go execution trace: \"not a trace\"; traces come "
                     "from runtime/trace, go test -trace FILE or /debug/pprof/trace?seconds=5");
    out.emplace_back(open(empty.path()),
                     "the file is empty; was the program ended before trace.Stop()?");
    out.emplace_back(open("/"), "/ is a directory, not a capture");
    out.emplace_back(open(header.path()), "the file ends inside the trace header");
    out.emplace_back(open(capture("go1.27/http"), 2), "flags that this version does not know");
    out.emplace_back(Reader(tracetool_open(nullptr, 0)), "no path is given");
    return out;
  }();
  for (const auto& [reader, why] : refused) {
    CAPTURE(why);
    CHECK(error(reader) == why);
    const tracetool_event* events = nullptr;
    CHECK(tracetool_next(reader.get(), &events) == -1);
    CHECK(error(reader) == why);
    CHECK(tracetool_string(reader.get(), 0, nullptr) == nullptr);
    CHECK(tracetool_stack(reader.get(), 0, nullptr, 0) == -1);
    CHECK(tracetool_thread_id(reader.get(), 0) == -1);
    CHECK(tracetool_faults(reader.get()) == -1);
    CHECK(tracetool_fault(reader.get(), 0, nullptr) == nullptr);
  }
}

TEST_CASE("C gets what is left of a damaged capture, and its faults", "[threads]") {
  const TemporaryFile cut("cut.trace", unpack(capture("go1.27/http")).substr(0, 20'000));
  const Reader reader = open(cut.path());
  CHECK(count(reader, 0) == std::map<std::string, int>{{"Log", 48},
                                                       {"Metric", 85},
                                                       {"RangeBegin", 1},
                                                       {"RangeEnd", 1},
                                                       {"RegionBegin", 84},
                                                       {"RegionEnd", 84},
                                                       {"StateTransition", 1500},
                                                       {"Sync", 2},
                                                       {"TaskBegin", 24},
                                                       {"TaskEnd", 24}});
  REQUIRE(tracetool_faults(reader.get()) == 1);
  const char* kind = nullptr;
  CHECK(std::string(tracetool_fault(reader.get(), 0, &kind)) ==
        "offset 0x3fb0: the input ends inside a batch of 7711 bytes, 3669 of which are there; was "
        "the "
        "program ended before trace.Stop()? (generation 1, EventBatch); missing: 3,696 bytes; the "
        "rest of "
        "the capture, which is not in the file; names of 1,033 of 1,827 events (56.5%)");
  CHECK(std::string(kind) == "truncated");
  CHECK(tracetool_fault(reader.get(), 0, nullptr) != nullptr);
  CHECK(tracetool_fault(reader.get(), 1, &kind) == nullptr);
  CHECK(error(reader).empty());
  const Reader strict = open(cut.path(), TRACETOOL_STRICT);
  count(strict, 0);
  CHECK(tracetool_faults(strict.get()) == 1);
}

TEST_CASE("C may close a reader in the middle", "[threads]") {
  const TemporaryFile file("long.trace", long_trace(6));  // more blocks than are read ahead
  for (const int blocks : {0, 1, 3, 20}) {
    CAPTURE(blocks);
    const Reader reader = open(file.path());
    const tracetool_event* events = nullptr;
    for (int i = 0; i < blocks; ++i) REQUIRE(tracetool_next(reader.get(), &events) > 0);
  }
}

TEST_CASE("C is told that a capture was cut while it was read", "[threads]") {
  const TemporaryFile file("long.trace", long_trace(6));
  const Reader reader = open(file.path());
  const tracetool_event* events = nullptr;
  REQUIRE(tracetool_next(reader.get(), &events) > 0);
  std::filesystem::resize_file(file.path(), 100);
  CHECK(count(reader, -1).size() > 1);
  CHECK(error(reader) == "the capture changed while it was read");
}

TEST_CASE("C has a reader on each of two threads, and one on two in turn", "[threads]") {
  const TemporaryFile file("long.trace", long_trace(6));
  const Reader alone = open(file.path());
  const auto expected = count(alone, 0);
  // Catch's own macros are for one thread.
  const auto events_of = [](tracetool_reader* reader, int64_t most) {
    const tracetool_event* events = nullptr;
    int64_t all = 0, count = 0;
    while (all < most && (count = tracetool_next(reader, &events)) > 0) all += count;
    return all;
  };
  int64_t all = 0;
  for (const auto& [kind, count] : expected) all += count;
  const Reader first = open(file.path()), second = open(file.path()), moved = open(file.path());
  std::array<int64_t, 3> seen{};
  tracetool::ThreadGroup group;
  REQUIRE(group.start([&] { seen[0] = events_of(first.get(), INT64_MAX); }));
  REQUIRE(group.start([&] {
    seen[1] = events_of(second.get(), INT64_MAX);
    seen[2] = events_of(moved.get(), 5000);
  }));
  group.join();
  CHECK(seen[2] >= 5000);
  seen[2] += events_of(moved.get(), INT64_MAX);
  CHECK(seen == std::array<int64_t, 3>{all, all, all});
  CHECK(all == 54'023);
}

TEST_CASE("Wrong questions from C are answered", "[threads]") {
  const Reader reader = open(capture("go1.27/http"));
  const tracetool_event* events = nullptr;
  // Nothing was handed out yet, and so nothing can be looked up.
  CHECK(tracetool_string(reader.get(), 0, nullptr) == nullptr);
  CHECK(tracetool_next(reader.get(), nullptr) == -1);
  const int64_t first = tracetool_next(reader.get(), &events);
  REQUIRE(first == 512);
  size_t length = 9;
  CHECK(string(reader, 0).empty());
  CHECK(tracetool_string(reader.get(), UINT32_MAX, &length) == nullptr);
  CHECK(length == 9);
  CHECK(tracetool_stack(reader.get(), 0, nullptr, 0) == 0);
  CHECK(tracetool_stack(reader.get(), 1, nullptr, 0) == 0);
  CHECK(tracetool_stack(reader.get(), UINT32_MAX, nullptr, 0) == -1);
  CHECK(tracetool_thread_id(reader.get(), TRACETOOL_NO_THREAD) == -1);
  // No log, or not of this array.
  CHECK(events[0].kind == TRACETOOL_SYNC);
  CHECK(tracetool_message(reader.get(), &events[0], &length) == nullptr);
  tracetool_event log = events[0];
  log.kind = TRACETOOL_LOG;
  CHECK(tracetool_message(reader.get(), &log, &length) == nullptr);
  CHECK(tracetool_message(reader.get(), events + first, &length) == nullptr);
  CHECK(tracetool_message(reader.get(), nullptr, &length) == nullptr);
  // Less room than frames.
  for (int64_t i = 0; i < first; ++i) {
    if (tracetool_stack(reader.get(), events[i].stack, nullptr, 0) < 2) continue;
    tracetool_frame frames[2] = {{}, {.pc = 1, .line = 2, .function = 3, .file = 4}};
    CHECK(tracetool_stack(reader.get(), events[i].stack, frames, 1) >= 2);
    CHECK(frames[0].pc != 0);
    CHECK(frames[1].pc == 1);
    break;
  }
  CHECK(tracetool_next(nullptr, &events) == -1);
  CHECK(std::string(tracetool_error(nullptr)) == "out of memory");
  CHECK(tracetool_string(nullptr, 0, nullptr) == nullptr);
  CHECK(tracetool_message(nullptr, nullptr, nullptr) == nullptr);
  CHECK(tracetool_stack(nullptr, 0, nullptr, 0) == -1);
  CHECK(tracetool_thread_id(nullptr, 0) == -1);
  CHECK(tracetool_faults(nullptr) == -1);
  CHECK(tracetool_fault(nullptr, 0, nullptr) == nullptr);
  tracetool_close(nullptr);
}

TEST_CASE("C is told that there is no thread") {
  const TemporaryFile plain("plain.trace", unpack(capture("go1.27/http")));
  const Reader reader = open(plain.path());
  tracetool::allow_more_threads(0);
  const auto counts = count(reader, -1);
  tracetool::allow_more_threads(INT_MAX);
  CHECK(counts.empty());
  CHECK(error(reader) ==
        "no thread can be had to read the trace: Resource temporarily unavailable");
  CHECK(tracetool_faults(reader.get()) == 0);
  count(reader, -1);
}

TEST_CASE("C has the names of kinds and states") {
  std::string names;
  for (unsigned kind = 0; tracetool_kind_name(kind) != nullptr; ++kind) {
    names += std::string(tracetool_kind_name(kind)) + ":";
    for (unsigned state = 0; tracetool_state_name(kind, state) != nullptr; ++state)
      names += std::string(" ") + tracetool_state_name(kind, state);
    names += "\n";
  }
  CHECK(names ==
        "Sync:\nMetric:\nLabel:\nStackSample:\nRangeBegin:\nRangeActive:\nRangeEnd:\nTaskBegin:\n"
        "TaskEnd:\nRegionBegin:\nRegionEnd:\nLog:\n"
        "StateTransition: Undetermined NotExist Runnable Running Waiting Syscall\n"
        "StateTransition: Undetermined NotExist Running Idle\nExperimental:\nGap:\n");
  CHECK(std::string(tracetool_version()) == "0.1.0");
}
