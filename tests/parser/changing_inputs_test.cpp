// Captures that can be read only once, and files that change while they are read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "analyses/engine/runner.h"
#include "parser/input/capture_file.h"
#include "reports/formats/csv.h"
#include "tests/support/files.h"
#include "tests/support/long_trace.h"
#include "tests/support/program.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

std::string make_pipe(const Folder& folder, const std::string& name) {
  const std::string path = folder / name;
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

/// Writes to a pipe as soon as somebody reads it, after `first`.
class Writer {
 public:
  Writer(const std::string& pipe, const std::string& bytes, std::function<void()> first = {})
      : thread_([pipe, bytes, first] {
          std::ofstream out(pipe, std::ios::binary);
          if (first) first();
          out << bytes;
        }) {}
  ~Writer() { thread_.join(); }

 private:
  std::thread thread_;
};

/// Tables of a comparison.
nlohmann::json compared(const CliResult& r) {
  INFO(r.err);
  REQUIRE_FALSE(r.out.empty());
  auto tables = nlohmann::json::parse(r.out)["tables"];
  for (auto& table : tables) {
    table.erase("notes");  // they name the files, and so does
    table.erase("title");
  }
  return tables;
}

std::string packed(const std::string& name) { return read_file(capture(name)); }
std::string plain(const std::string& name) { return unpack(capture(name)); }

const char* const kBefore = "go1.27/lock_split_before";
const char* const kAfter = "go1.27/lock_split_after";

/// All analyses of a file, on two threads; `meanwhile` happens when it is open.
struct Analysed {
  std::string error, tables;
  CaptureFacts facts;
};
Analysed analyse(const std::string& path, int threads, const std::function<void()>& meanwhile) {
  Input input;
  REQUIRE_FALSE(open_input(path, {}, input));
  const auto file = input.file;
  REQUIRE(file != nullptr);
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  if (meanwhile) meanwhile();
  RunOptions run;
  run.threads = threads;
  run.twin = [&] {
    Input again;
    REQUIRE_FALSE(open_again(file, path, {}, again));
    auto twin = std::make_unique<TraceReader>(std::move(again), ReadOptions{});
    REQUIRE_FALSE(twin->open());
    return twin;
  };
  std::vector<PassRequest> requests;
  for (const PassInfo* pass : all_passes()) {
    PassRequest& request = requests.emplace_back(PassRequest{pass, {}});
    for (const PassOption& o : pass->options) request.options.set(o.name, o.default_value);
  }
  Report report;
  Analysed out;
  out.error = run_passes(reader, run, requests, report);
  std::ostringstream text;
  for (const Table& t : report.tables) write_csv(text, t);
  out.tables = text.str();
  out.facts = reader.facts();
  return out;
}

}  // namespace

TEST_CASE("diff of pipes is diff of files", "[threads]") {
  const Folder folder("pipes");
  for (const bool zstd : {false, true}) {
    const auto bytes = [&](const char* name) { return zstd ? packed(name) : plain(name); };
    const std::string before = folder.write("before", bytes(kBefore));
    const std::string after = folder.write("after", bytes(kAfter));
    const auto files = compared(cli({"diff", before, after, "--format", "json"}));
    // There is a verdict that rests on the spread between time slices.
    REQUIRE_FALSE(files["verdict"]["rows"].empty());
    const std::string x = make_pipe(folder, "x"), y = make_pipe(folder, "y");
    for (const char* threads : {"1", "2", "5"}) {
      CAPTURE(zstd, threads);
      const Writer one(x, bytes(kBefore)), two(y, bytes(kAfter));
      CHECK((compared(cli({"diff", x, y, "--format", "json", "-j", threads})) == files));
    }
    Program standard({"diff", "-", after, "--format", "json"}, {}, before);
    CHECK((compared(standard.wait()) == files));
    {
      const Writer one(y, bytes(kAfter));
      CHECK((compared(cli({"diff", before, y, "--format", "json"})) == files));
    }
    fs::remove(x);
    fs::remove(y);
  }
}

TEST_CASE("the figures of a pipe are those of the file, in every command", "[threads]") {
  const Folder folder("one-pipe");
  const std::string file = folder.write("file", plain(kBefore)), pipe = make_pipe(folder, "pipe");
  for (std::vector<std::string> args : std::vector<std::vector<std::string>>{
           {"analyze", "--format", "csv", "--table", "goroutines"},
           {"findings", "--format", "csv"},
           {"events"},
           {"events", "--raw"},
           {"metrics"},
           {"check", "--require", "optional stw.max < 1h"}}) {
    CAPTURE(args);
    args.insert(args.begin() + 1, file);
    const CliResult of_file = cli(args);
    args[1] = pipe;
    const Writer writer(pipe, plain(kBefore));
    const CliResult of_pipe = cli(args);
    CHECK(of_file.code == 0);
    CHECK(of_pipe.code == 0);
    CHECK(of_pipe.err.empty());
    if (args[0] != "check") CHECK((of_pipe.out == of_file.out));
  }
}

TEST_CASE("what can be read only once is not named twice") {
  const Folder folder("twice");
  const std::string pipe = make_pipe(folder, "pipe");
  fs::create_symlink(pipe, folder / "link");
  const std::string http = capture("go1.27/http");
  const auto refused = [](const std::vector<std::string>& args, const std::string& input) {
    const CliResult r = Program(args, {}, input).wait();
    CAPTURE(args, r.err);
    CHECK(r.code == 2);
    CHECK(r.out.empty());
    CHECK(lines_of(r.err).size() == 1);
    CHECK_THAT(r.err, Contains("can be read only once"));
  };
  refused({"diff", "-", "-"}, http);
  refused({"diff", pipe, pipe}, "/dev/null");
  refused({"diff", "--before", pipe, "--after", folder / "link"}, "/dev/null");
  refused({"analyze", "-", http, "-"}, http);
  refused({"check", "-", "--rules", "/dev/stdin"}, "/dev/null");
  // A file may be.
  CHECK(cli({"diff", http, http}).code == 0);
}

TEST_CASE("no room to keep a pipe: the comparison says what it lacks") {
  const Folder folder("no-room");
  const std::string pipe = make_pipe(folder, "pipe");
  ::setenv("TMPDIR", "/proc", 1);
  CliResult r;
  {
    const Writer writer(pipe, plain(kBefore));
    r = cli({"diff", pipe, capture(kAfter), "--width", "0"});
  }
  ::unsetenv("TMPDIR");
  CHECK(r.code == 0);
  CHECK_THAT(r.out, Contains(pipe + " could be read only once, and there was no room to keep it"));
}

TEST_CASE("a file that grows is read as far as it went, on any number of threads", "[threads]") {
  const Folder folder("grows");
  const std::string whole = long_trace(4);
  for (const size_t part : {whole.size() / 2, whole.size() * 9 / 10}) {
    const std::string half = folder.write("half", whole.substr(0, part));
    const Analysed still = analyse(half, 1, {});
    REQUIRE(still.error == "");
    REQUIRE(still.facts.events > 1000);
    for (const int threads : {1, 2, 4}) {
      CAPTURE(part, threads);
      const std::string grows = folder.write("grows", whole.substr(0, part));
      const Analysed got = analyse(grows, threads, [&] {
        std::ofstream(grows, std::ios::binary | std::ios::app) << whole.substr(part);
      });
      CHECK(got.error == "");
      CHECK((got.tables == still.tables));
      CHECK(got.facts.bytes == part);
      REQUIRE(got.facts.faults.size() == still.facts.faults.size() + 1);
      CHECK(got.facts.faults.back().message == "the file grew while it was read; used are the " +
                                                   std::to_string(part) +
                                                   " bytes that it had at first");
      CHECK(got.facts.damaged());
    }
  }
}

TEST_CASE("a file that becomes another one has no results", "[threads]") {
  const Folder folder("spoiled");
  const std::string whole = plain("go1.27/gcassist_generations"), other = plain(kBefore);
  for (const int threads : {1, 2}) {
    const std::string path = folder.write("file", whole);
    CHECK(analyse(path, threads, [&] { fs::resize_file(path, whole.size() / 2); }).error ==
          "the capture changed while it was read");
    folder.write("file", whole);
    // In place, and larger than before.
    CHECK(analyse(path, threads, [&] { folder.write("file", other + whole); }).error ==
          "the capture changed while it was read");
    folder.write("file", whole);
    const Analysed touched = analyse(path, threads, [&] {
      fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(5));
    });
    CHECK(touched.error == "");
    REQUIRE(touched.facts.faults.size() == 1);
    CHECK_THAT(touched.facts.faults[0].message, Contains("was written to while it was read"));
  }
}

TEST_CASE("a file that changes between the readings of diff is noticed", "[threads]") {
  const Folder folder("between");
  const std::string old = folder / "old", pipe = make_pipe(folder, "pipe");
  const auto start = [&] { folder.write("old", plain(kBefore)); };
  // With one thread the file was read, and not yet its slices, when the pipe is opened.
  const auto diff = [&](const std::function<void()>& meanwhile) {
    start();
    const Writer writer(pipe, plain(kAfter), meanwhile);
    return cli({"diff", old, pipe, "--format", "json", "-j", "1"});
  };
  const auto untouched = compared(diff({}));
  const CliResult replaced = diff([&] {
    folder.write("new", plain("go1.27/http"));
    fs::rename(folder / "new", old);
  });
  CHECK(replaced.code == 3);
  CHECK(replaced.err == "tracetool: warning: " + old +
                            ": another file took its place while it was read; the results are of "
                            "the old one\n");
  CHECK((compared(replaced) == untouched));
  const CliResult grew = diff([&] { std::ofstream(old, std::ios::app) << "more"; });
  CHECK(grew.code == 3);
  CHECK_THAT(grew.err, Contains("the file grew while it was read"));
  const CliResult cut = diff([&] { fs::resize_file(old, 1000); });
  CHECK(cut.code == 2);
  CHECK(cut.err == "tracetool: " + old + ": the capture changed while it was read\n");
  CHECK(cut.out.empty());
}

TEST_CASE("an open file has the bytes that it had at first, and knows what happened to it") {
  const Folder folder("file");
  const CaptureFile file(Descriptor(::open(folder.write("file", "12345").c_str(), O_RDONLY)),
                         folder / "file");
  CHECK(file.size() == 5);
  CHECK(file.change() == FileChange::kNone);
  std::ofstream(folder / "file", std::ios::app) << "6";
  CHECK(file.change() == FileChange::kGrew);
  std::array<uint8_t, 9> bytes{};
  CHECK(file.read(0, bytes) == 5);
  CHECK(file.read(4, bytes) == 1);
  CHECK(file.read(5, bytes) == 0);
  folder.write("file", "54321");
  CHECK(file.change() == FileChange::kSpoiled);
}
