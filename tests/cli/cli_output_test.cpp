#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/io/fd_stream.h"
#include "parser/input/byte_source.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The first part of a capture, unpacked.
std::string damaged_copy(const std::string& name, double part) {
  Input input;
  REQUIRE_FALSE(open_input(capture(name), {}, input));
  const auto bytes = input.source->look(1 << 20);
  const std::string path = scratch("output-damaged.trace");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(part * static_cast<double>(bytes.size())));
  return path;
}

int run_into(int fd, const std::vector<std::string>& args, std::string& messages) {
  FdBuf buffer(fd, true);
  std::ostream out(&buffer);
  std::ostringstream err;
  const int code = run(args, out, err, {});
  messages = err.str();
  return code;
}

size_t lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("markdown lists the figures of a plot where they are wanted") {
  const std::vector<std::string> plot = {
      "mmu", capture("go1.27/gcassist"), "--table", "mmu_curve", "--format", "markdown"};
  std::vector<std::string> figures = plot;
  figures.emplace_back("--figures");
  CHECK(cli(plot).out.find("\n| ") == std::string::npos);
  const std::string with = cli(figures).out;
  CHECK(with.find(cli(plot).out.substr(0, 500)) == 0);
  CHECK(with.find("\n| ") != std::string::npos);
}

TEST_CASE("analyze begins with the findings and the facts of the capture") {
  const CliResult r = cli({"analyze", capture("go1.27/http")});
  CHECK(r.code == 0);
  CHECK(r.err.empty());
  CHECK(r.out.rfind("Findings\n1. Goroutines wait for locks\n", 0) == 0);
  CHECK_THAT(r.out, Contains("\n\nCapture\nFile "));
  for (const char* fact : {"zstd", "go 1.26", "Go 1.26, 1.27", "2026-", "UTC", "Goroutines by"})
    CHECK_THAT(r.out, Contains(fact));
  CHECK(r.out.find('\x1b') == std::string::npos);
}

TEST_CASE("the capture's facts are those of Go's own reader") {
  const std::string reference = reference_events("go1.27/gomaxprocs");
  const CliResult r = cli({"capture", capture("go1.27/gomaxprocs"), "--format", "json"});
  REQUIRE(r.code == 0);
  const auto report = nlohmann::json::parse(r.out);
  CHECK(report["schema"] == "tracetool-report");
  CHECK(report["command"] == "capture");
  CHECK(report["format"] == "go 1.26");
  CHECK(report["faults"].empty());
  const auto row = report["tables"]["capture"]["rows"][0];
  CHECK(row["events"] == lines(reference));
  CHECK(row["gomaxprocs_changes"] == report["tables"]["gomaxprocs"]["rows"].size() - 1);
  CHECK(row["gomaxprocs_changes"] > 0);
  CHECK(row["gomaxprocs_min"] < row["gomaxprocs_max"]);
}

TEST_CASE("a time window") {
  const CliResult r =
      cli({"capture", capture("go1.27/http"), "--from", "5ms", "--to", "10ms", "--format", "json"});
  REQUIRE(r.code == 0);
  const auto row = nlohmann::json::parse(r.out)["tables"]["capture"]["rows"][0];
  CHECK(row["duration_ns"] == 5'000'000);
  const CliResult events =
      cli({"events", capture("go1.27/http"), "--from", "5ms", "--to", "10ms", "--format", "jsonl"});
  CHECK(row["events"] == lines(events.out));
}

TEST_CASE("a goroutine that did not live in the window does not count") {
  const std::string http = capture("go1.27/http");
  const auto rows = [&](const std::string& from, const std::string& to) {
    const auto report = nlohmann::json::parse(
        cli({"goroutines", http, "--each", "--from", from, "--to", to, "--format", "json"}).out);
    return report["tables"]["goroutines_each"]["rows"];
  };
  size_t seen = 0;
  for (const auto& row : rows("18.2ms", "1h")) {
    CHECK(row["total_ns"].get<int64_t>() > 0);
    CHECK(row["goroutine"] != 35);  // it ended long before
    ++seen;
  }
  CHECK(seen == 19);
  for (const auto& row : rows("1ms", "2ms")) {
    CHECK(row["goroutine"] != 45);  // it was created later
    CHECK(row["creation_ns"].get<int64_t>() < 2'000'000);
  }
  CHECK(rows("1h", "2h").empty());
}

TEST_CASE("the trace itself is never overwritten") {
  const std::string copy = "capture_copy.trace.zst";
  std::filesystem::copy_file(capture("go1.27/http"), copy,
                             std::filesystem::copy_options::overwrite_existing);
  const auto size = std::filesystem::file_size(copy);
  const CliResult r = cli({"analyze", copy, "-o", "./" + copy});
  CHECK(r.code == 2);
  CHECK_THAT(r.err, Contains("not overwritten"));
  CHECK(std::filesystem::file_size(copy) == size);
  std::filesystem::remove(copy);
}

TEST_CASE("tables: sorted, cut, chosen") {
  const std::string http = capture("go1.27/http");
  const CliResult csv = cli({"info", http, "--format", "csv", "--table", "wire", "--sort",
                             "events:asc", "--columns", "event,events", "--top", "2"});
  CHECK(csv.code == 0);
  CHECK(csv.out.rfind("event,events\r\n", 0) == 0);
  CHECK(lines(csv.out) == 4);  // with the rest in one row
  CHECK_THAT(csv.out, Contains("other ("));
  const CliResult markdown = cli({"info", http, "--format", "markdown"});
  CHECK_THAT(markdown.out, Contains("| Wire event "));
}

TEST_CASE("colour") {
  const std::string http = capture("go1.27/http");
  const auto coloured = [&](const std::string& when, const Terminal& terminal) {
    return cli({"info", http, "--color", when}, terminal).out.find('\x1b') != std::string::npos;
  };
  CHECK(coloured("always", {}));
  CHECK_FALSE(coloured("auto", {}));
  CHECK(coloured("auto", {.out_is_terminal = true}));
  CHECK_FALSE(coloured("auto", {.out_is_terminal = true, .no_color = true}));
  CHECK_FALSE(coloured("never", {.out_is_terminal = true}));
}

TEST_CASE("progress goes to standard error, if it is wanted") {
  const std::string http = capture("go1.27/http");
  CHECK_THAT(cli({"info", http, "--progress"}).err, Contains("reading: "));
  CHECK_THAT(cli({"events", http, "--raw", "--progress"}).err, Contains("reading: "));
  CHECK(cli({"info", http}).err.empty());
  CHECK_THAT(cli({"info", http}, {.err_is_terminal = true}).err, Contains("reading: "));
  CHECK(cli({"info", http, "--no-progress"}, {.err_is_terminal = true}).err.empty());
  // Not among the lines of events on the same terminal.
  const Terminal both = {.out_is_terminal = true, .err_is_terminal = true};
  CHECK(cli({"events", http}, both).err.empty());
  CHECK_THAT(cli({"events", http, "--progress"}, both).err, Contains("reading: "));
  CHECK_THAT(cli({"info", http}, both).err, Contains("reading: "));
}

TEST_CASE("damage: warnings, results, exit code 3") {
  const std::string path = damaged_copy("go1.27/gcassist_generations", 0.7);
  const CliResult text = cli({"info", path});
  CHECK(text.code == 3);
  CHECK_THAT(text.err, Contains("tracetool: warning: ") && Contains("offset 0x"));
  CHECK_THAT(text.out, Contains("truncated"));
  const CliResult json = cli({"analyze", path, "--format", "json"});
  CHECK(json.code == 3);
  const auto report = nlohmann::json::parse(json.out);
  CHECK(report["faults"].size() == lines(json.err));
  CHECK(report["tables"]["damage"]["rows"].size() >= report["faults"].size());
  CHECK(cli({"events", path}).code == 3);
  CHECK(cli({"events", path, "--raw"}).code == 3);
  std::remove(path.c_str());
}

TEST_CASE("damage: which exit code comes before which") {
  const std::string path = damaged_copy("go1.27/gcassist_generations", 0.7);
  const CliResult broken = cli({"mmu", path, "--slo", "1ms:1"});
  CHECK(broken.code == 1);
  CHECK_THAT(broken.err, Contains("tracetool: warning: ") && Contains("check failed: "));
  CHECK_FALSE(broken.out.empty());
  CHECK(cli({"mmu", path, "--slo", "1ms:0"}).code == 3);
  CHECK(cli({"mmu", path, "--slo", "1ms:1", "--strict"}).code == 2);
  CHECK(cli({"mmu", path, "--slo", "1ms:x"}).code == 2);
  CHECK(cli({"mmu", "/nonexistent", "--slo", "1ms:1"}).code == 2);
  std::remove(path.c_str());
}

TEST_CASE("text off a terminal is as wide as $COLUMNS says, if that is sane") {
  const auto width_of = [](const char* columns) {
    ::setenv("COLUMNS", columns, 1);
    const size_t width = detect_terminal().columns;
    ::unsetenv("COLUMNS");
    return width;
  };
  CHECK(detect_terminal().columns == 0);
  CHECK(width_of("132") == 132);
  for (const char* odd : {"", "0", "23", "-80", "80x", "x", "99999999999999999999", "1e3", " 80"})
    CHECK(width_of(odd) == 0);
  const std::string http = capture("go1.27/http");
  const std::string at_80 = cli({"blocking", http, "--width", "80"}).out;
  CHECK(cli({"blocking", http}, {.columns = 80}).out == at_80);
  CHECK(cli({"blocking", http, "--width", "80"}, {.columns = 60}).out == at_80);
  CHECK(cli({"blocking", http, "--color", "never"},
            {.out_is_terminal = true, .width = 80, .columns = 60})
            .out == at_80);
}

TEST_CASE("damage: with --strict no results, exit code 2") {
  const std::string path = damaged_copy("go1.27/gcassist_generations", 0.7);
  for (const char* command : {"info", "analyze", "goroutines", "findings"}) {
    const CliResult got = cli({command, path, "--strict"});
    CAPTURE(command);
    CHECK(got.code == 2);
    CHECK(got.out.empty());
    CHECK_THAT(got.err, Contains("offset 0x") && !Contains("warning"));
    CHECK(cli({command, capture("go1.27/http"), "--strict"}).code == 0);
  }
  const CliResult events = cli({"events", path, "--strict"});
  CHECK(events.code == 2);
  CHECK_FALSE(events.out.empty());
  std::remove(path.c_str());
}

TEST_CASE("damage: of a format 1 file without its end, each event is shown or counted") {
  const std::string path = damaged_copy("go1.19/http", 0.3);
  CHECK(cli({"analyze", path}).code == 3);
  const CliResult info = cli({"info", path, "--format", "json"});
  CHECK(info.code == 3);
  CHECK_THAT(info.err, Contains("was the program ended before trace.Stop()?") &&
                           Contains("rest of the capture") && Contains("25 ns are assumed"));
  CHECK(std::ranges::count(info.err, '\n') == 1);
  const nlohmann::json tables = nlohmann::json::parse(info.out)["tables"];
  const nlohmann::json& fault = tables["damage"]["rows"][0];
  // Records that become one event each; all else is few.
  uint64_t events = 0;
  for (const auto& row : tables["wire"]["rows"]) {
    const std::string name = row["event"];
    if (name.starts_with("Go") && name != "GoSysBlock") events += row["events"].get<uint64_t>();
  }
  const uint64_t shown = tables["generations"]["rows"][0]["events"];
  CHECK(shown + fault["lost_events"].get<uint64_t>() >= events);
  CHECK(shown > 50);
  CHECK(events > 100);
  std::remove(path.c_str());
}

TEST_CASE("output to a file") {
  const std::string path = scratch("output-out.json");
  const CliResult r = cli({"info", capture("go1.27/http"), "--format", "json", "-o", path});
  CHECK(r.code == 0);
  CHECK(r.out.empty());
  CHECK(nlohmann::json::parse(contents(path))["command"] == "info");
  std::remove(path.c_str());
  const CliResult bad = cli({"info", capture("go1.27/http"), "-o", "/nonexistent/x"});
  CHECK(bad.code == 2);
  CHECK_THAT(bad.err, Contains("cannot write /nonexistent/x: No such file or directory"));
}

TEST_CASE("a full disk is an error") {
  const std::string http = capture("go1.27/http");
  for (const char* command : {"info", "analyze", "events"}) {
    std::string messages;
    CHECK(run_into(::open("/dev/full", O_WRONLY), {command, http}, messages) == 2);
    CHECK_THAT(messages, Contains("cannot write the output: No space left on device"));
  }
  CHECK_THAT(cli({"info", http, "-o", "/dev/full"}).err, Contains("No space left on device"));
}

TEST_CASE("a closed pipe ends quietly") {
  std::signal(SIGPIPE, SIG_IGN);
  for (const char* command : {"info", "events"}) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    std::string messages;
    CHECK(run_into(ends[1], {command, capture("go1.27/dense")}, messages) == 0);
    CHECK(messages.empty());
  }
}

TEST_CASE("a message names the file, whatever the file is called") {
  const std::filesystem::path folder = scratch("output-names");
  std::filesystem::create_directories(folder);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  std::ofstream("a", std::ios::binary) << "BZh91AY&SY";
  CHECK(cli({"info", "a"}).err.starts_with("tracetool: a: "));
  std::filesystem::remove("a");
  CHECK(cli({"info", "a"}).err == "tracetool: cannot open a: No such file or directory\n");
  std::filesystem::current_path(before);
}
