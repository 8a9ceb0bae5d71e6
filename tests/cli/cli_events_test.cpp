#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "reports/encoding/go_json.h"
#include "tests/support/cli_run.h"
#include "tests/support/temporary.h"
#include "tests/support/trace_builder.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::string json(std::string_view text) {
  std::string out;
  append_go_json(out, text);
  return out;
}

/// The lines of the reference that `wanted` accepts.
template <class Wanted>
std::string only(const std::string& text, Wanted wanted) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (wanted(line)) out += line + "\n";
  }
  return out;
}

bool has(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("strings are escaped as Go does it") {
  CHECK(json("a<b>&\"\\/") == R"("a<b>&\"\\/")");
  CHECK(json("\b\f\n\r\t\x01\x1f\x7f") == "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  CHECK(json("\u2028\u2029\u00e9\U0001F600") == "\"\\u2028\\u2029\u00e9\U0001F600\"");
  CHECK(json("\xff"
             "a\xc3") == R"("\ufffda\ufffd")");
  CHECK(json("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");  // a surrogate
  CHECK(json(std::string_view("\0", 1)) == R"("\u0000")");
}

TEST_CASE("jsonl is what Go's own reader says") {
  for (const char* name :
       {"go1.22/http", "go1.23/coroutines", "go1.24/nestedtasks", "go1.25/flightrecorder",
        "go1.26/gcassist", "go1.27/cpuprofile", "go1.27/gomaxprocs", "go1.27/nestedtasks"}) {
    CAPTURE(name);
    const CliResult r = cli({"events", capture(name), "--format", "jsonl"});
    CHECK(r.code == 0);
    CHECK(r.err.empty());
    CHECK((r.out == reference_events(name)));
  }
}

TEST_CASE("json is one document of the same objects") {
  for (const char* name : {"go1.19/http", "go1.25/flightrecorder", "go1.27/nestedtasks"}) {
    CAPTURE(name);
    const CliResult r = cli({"events", capture(name), "--format", "json"});
    CHECK(r.code == 0);
    const auto document = nlohmann::json::parse(r.out);
    CHECK(document["schema"] == "tracetool-events");
    CHECK(document["schema_version"] == 1);
    CHECK(document["command"] == "events");
    CHECK(document["packing"] == "zstd");
    CHECK(document["file_bytes"] > 0);
    CHECK(document["faults"].empty());
    std::string lines;
    for (const auto& event : document["events"]) lines += event.dump() + "\n";
    std::istringstream expected(cli({"events", capture(name), "--format", "jsonl"}).out);
    std::string expected_lines;
    for (std::string line; std::getline(expected, line);)
      expected_lines += nlohmann::json::parse(line).dump() + "\n";
    CHECK(document["events"].size() > 100);
    CHECK((lines == expected_lines));
  }
  const CliResult none =
      cli({"events", capture("go1.27/http"), "--format", "json", "--kind", "Gap"});
  CHECK(nlohmann::json::parse(none.out)["events"].empty());
}

TEST_CASE("colours of events stand in the way of nothing") {
  const std::string path = capture("go1.27/http");
  const std::string plain = cli({"events", path}).out;
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK((cli({"events", path, "--color", "never"}, {.out_is_terminal = true}).out == plain));
  CHECK((cli({"events", path}, {.out_is_terminal = true, .no_color = true}).out == plain));
  std::string coloured = cli({"events", path}, {.out_is_terminal = true}).out;
  CHECK((cli({"events", path, "--color", "always"}).out == coloured));
  size_t escapes = 0;
  for (size_t at; (at = coloured.find('\x1b')) != std::string::npos; ++escapes)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  CHECK((coloured == plain));  // and all columns stand where they stood
  CHECK(escapes == 2 * static_cast<size_t>(std::count(plain.begin(), plain.end(), '\n')));
  const std::string csv = cli({"events", path, "--color", "always", "--format", "csv"}).out;
  CHECK(csv.find('\x1b') == std::string::npos);
}

TEST_CASE("filters select what the reference selects") {
  const std::string name = "go1.27/http";
  const std::string all = reference_events(name);
  const auto events = [&](std::vector<std::string> options) {
    std::vector<std::string> args = {"events", capture(name), "--format", "jsonl"};
    args.insert(args.end(), options.begin(), options.end());
    return cli(args).out;
  };
  const auto same = [&](const std::vector<std::string>& options, auto wanted) {
    return events(options) == only(all, wanted);
  };
  const bool kinds = same({"--kind", "metric,LOG"}, [](const std::string& line) {
    return has(line, "\"kind\":\"Metric\"") || has(line, "\"kind\":\"Log\"");
  });
  CHECK(kinds);
  const bool goroutine = same({"--goroutine", "1"}, [](const std::string& line) {
    return has(line, "\"g\":1,") || has(line, "\"Goroutine(1)\"");
  });
  CHECK(goroutine);
  const bool proc = same({"--proc", "2"}, [](const std::string& line) {
    return has(line, "\"p\":2,") || has(line, "\"Proc(2)\"");
  });
  CHECK(proc);
  const std::string limited = events({"--limit", "7"});
  CHECK(std::count(limited.begin(), limited.end(), '\n') == 7);
  CHECK(all.rfind(limited, 0) == 0);
  CHECK(events({"--limit", "0"}).empty());
}

TEST_CASE("events are chosen by the function of their goroutine") {
  const std::string path = capture("go1.27/http");
  const auto events = [&](const std::vector<std::string>& options) {
    std::vector<std::string> args = {"events", path, "--format", "jsonl"};
    args.insert(args.end(), options.begin(), options.end());
    const CliResult r = cli(args);
    CHECK(r.code == 0);
    return r.out;
  };
  std::set<uint64_t> ids;
  std::istringstream lines(
      cli({"intervals", path, "--function", "^main.runClient$", "--format", "jsonl"}).out);
  for (std::string line; std::getline(lines, line);)
    ids.insert(nlohmann::json::parse(line)["goroutine"].get<uint64_t>());
  REQUIRE(ids.size() == 4);
  std::string list;
  for (const uint64_t id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  const std::string chosen = events({"--function", "^main.runClient$"});
  CHECK(std::count(chosen.begin(), chosen.end(), '\n') > 100);
  CHECK((chosen == events({"--goroutine", list})));
  CHECK((events({"--no-system", "--function", "^runtime.bgsweep$"}).empty()));
  const CliResult none = cli({"events", path, "--function", "nobody"});
  CHECK(none.code == 0);
  CHECK(none.out.empty());
  CHECK(none.err == "tracetool events: no goroutine matches the filter\n");
  CHECK_THAT(cli({"events", path, "--raw", "--region", "x"}).err, Contains("cannot be filtered"));
}

TEST_CASE("events are chosen by task and region: what goroutines do inside") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 7, 0, 1)
      .event("UserTaskBegin", {5, 0, "load", 0})
      .event("HeapAlloc", {100})
      .at(1100)
      .event("GoBlock", {"select", 0})
      .at(1200)
      .event("GoUnblock", {1, 1, 0})
      .event("GoStart", {1, 2})
      .at(1300)
      .event("UserRegionBegin", {5, "read", 0})
      .event("HeapAlloc", {200})
      .event("UserLog", {5, "c", "in", 0})
      .at(1400)
      .event("GoBlock", {"sleep", 0})
      .at(1500)
      .event("GoUnblock", {1, 3, 0})
      .event("GoStart", {1, 4})
      .at(1600)
      .event("UserRegionEnd", {5, "read", 0})
      .event("UserLog", {0, "c", "out", 0})
      .at(1700)
      .event("UserTaskEnd", {5, 0});
  const Bytes bytes = b.bytes();
  const TemporaryFile file("tasks.trace", std::string(bytes.begin(), bytes.end()));
  const auto kinds = [&](const std::string& option, const std::string& value) {
    std::istringstream lines(cli({"events", file.path(), "--format", "jsonl", option, value}).out);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
      const auto e = nlohmann::json::parse(line);
      out += (out.empty() ? "" : " ") + e["kind"].get<std::string>();
      if (e.contains("to")) out += ":" + e["to"].get<std::string>();
    }
    return out;
  };
  const std::string inside =
      "RegionBegin Log StateTransition:Waiting StateTransition:Runnable StateTransition:Running "
      "RegionEnd";
  CHECK(kinds("--region", "read") == inside);
  CHECK(kinds("--task", "5") == "TaskBegin " + inside + " TaskEnd");
  CHECK(kinds("--task", "6") == "");
}

TEST_CASE("one thread or two: the same events") {
  const std::string path = capture("go1.27/cpuprofile_generations");
  CHECK((cli({"events", path, "-j", "1"}).out == cli({"events", path, "-j", "2"}).out));
}

TEST_CASE("damage behind the last event that is wanted is found by no number of threads") {
  TraceBuilder b(26);
  for (uint64_t gen = 1; gen <= 6; ++gen) {
    auto& g = b.generation(gen, gen * 10'000);
    auto& m = gen == 1 ? on_cpu(g, 7, 0, 1) : g.thread(7).event("ProcStatus", {0, kProcRunning});
    if (gen > 1) m.event("GoStatus", {1, 7, kGoRunning});
    for (int i = 0; i < 600; ++i) m.event("HeapAlloc", {1});
    if (gen == 6) m.event("GoStart", {1, 99});
  }
  const Bytes bytes = b.bytes();
  const TemporaryFile file("behind.trace", std::string(bytes.begin(), bytes.end()));
  CHECK(cli({"events", file.path()}).code == 3);
  for (const std::vector<std::string>& stop : {std::vector<std::string>{"--limit", "1"},
                                               {"--limit", "1", "--strict"},
                                               {"--to", "500ns"}}) {
    for (const char* threads : {"1", "2", "4"}) {
      std::vector<std::string> args = {"events", file.path(), "--threads", threads};
      args.insert(args.end(), stop.begin(), stop.end());
      const CliResult r = cli(args);
      CHECK(r.code == 0);
      CHECK(r.err.empty());
      CHECK_FALSE(r.out.empty());
    }
  }
}

TEST_CASE("text and csv have a line for each event") {
  const std::string all = reference_events("go1.27/nestedtasks");
  const auto n = std::count(all.begin(), all.end(), '\n');
  const std::string text = cli({"events", capture("go1.27/nestedtasks")}).out;
  CHECK(std::count(text.begin(), text.end(), '\n') == n);
  CHECK_THAT(text, Contains("Goroutine 1 Undetermined -> Running"));
  const std::string csv =
      cli({"events", capture("go1.27/http"), "--format", "csv", "--kind", "Metric"}).out;
  CHECK(csv.rfind("time_ns,kind,m,p,g,", 0) == 0);
  CHECK_THAT(csv, Contains(",Metric,") && Contains(",/sched/gomaxprocs:threads,4,"));
}

TEST_CASE("whole stacks") {
  const std::string out =
      cli({"events", capture("go1.27/http"), "--stacks", "--kind", "RangeBegin"}).out;
  CHECK_THAT(out, Contains("\n      runtime/trace.Start "));
}

TEST_CASE("raw events") {
  const CliResult r = cli({"events", capture("go1.27/http"), "--raw"});
  CHECK(r.code == 0);
  CHECK(r.out.rfind("Trace Go1.26\nEventBatch gen=1 m=", 0) == 0);
  CHECK_THAT(r.out, Contains("  # 0x10\n") && Contains("\nSync  # 0x") && Contains("\n\tpc=") &&
                        Contains("\n\tdata=\"main.main\"\n"));
  CHECK_THAT(r.out, Contains("EndOfGeneration"));
}

TEST_CASE("A text that the file ends in is told of raw events of format 1") {
  V1Builder b(19);
  b.batch(0, 1000).log(0, 0, 0, "0123456789");
  Bytes bytes = b.bytes();
  bytes.resize(bytes.size() - 1);
  const TemporaryFile file("cut.trace", std::string(bytes.begin(), bytes.end()));
  const CliResult r = cli({"events", file.path(), "--raw"});
  CHECK(r.code == 3);
  CHECK(r.err.find("the file ends within a record") != std::string::npos);
}

TEST_CASE("raw events of format 1") {
  for (const std::string name : {"go1.11/http", "go1.19/http", "go1.21/http"}) {
    const CliResult r = cli({"events", capture(name), "--raw"});
    CAPTURE(name);
    CHECK(r.code == 0);
    CHECK_THAT(r.out, StartsWith("Trace Go1." + name.substr(4, 2) + "\nBatch p="));
    CHECK_THAT(r.out, Contains("  # 0x10\n") && Contains("\nGoCreate dt=") &&
                          Contains(" nframes=") && Contains("\n\tpc=") &&
                          Contains("\n\tdata=\"main.main\"\n"));
    // As many records as the ordering reader finds of each type.
    const CliResult info = cli({"info", capture(name), "--table", "wire", "--columns",
                                "event,events", "--format", "csv", "--top", "0"});
    std::map<std::string, int> found;
    std::istringstream lines(r.out.substr(r.out.find('\n') + 1));
    for (std::string line; std::getline(lines, line);)
      if (line[0] != '\t') ++found[line.substr(0, line.find(' '))];
    std::istringstream expected(info.out.substr(info.out.find('\n') + 1));
    size_t types = 0;
    for (std::string line; std::getline(expected, line); ++types) {
      const size_t comma = line.find(',');
      if (line.starts_with("(header of the file)")) {
        --types;
        continue;
      }
      CHECK(found[line.substr(0, comma)] == std::stoi(line.substr(comma + 1)));
    }
    CHECK(types == found.size());
    CHECK(types > 20);
  }
}
