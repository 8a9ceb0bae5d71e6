// The ring of blocks, twin readers and the crews of passes: however many threads, the same report.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "analyses/engine/runner.h"
#include "parser/input/byte_source.h"
#include "reports/formats/csv.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const char* const kCaptures[] = {"go1.22/http",
                                 "go1.26/locks",
                                 "go1.27/gcassist",
                                 "go1.27/nestedtasks",
                                 "go1.27/gcassist_generations",
                                 "go1.19/http"};

std::string report(const std::string& path, const char* threads) {
  CliResult result = cli({"analyze", path, "--full", "--format", "json", "-j", threads});
  CHECK(result.code == 0);
  return result.out;
}

void same_on_any_number(const std::string& path) {
  const std::string alone = report(path, "1");
  REQUIRE(alone.size() > 10'000);
  for (const char* threads : {"2", "3", "8"}) {
    CAPTURE(threads);
    CHECK((report(path, threads) == alone));
  }
}

}  // namespace

TEST_CASE("all analyses give the same report on any number of threads", "[threads]") {
  for (const char* name : kCaptures) {
    CAPTURE(name);
    same_on_any_number(capture(name));
  }
}

TEST_CASE("threads that read a plain file for themselves agree", "[threads]") {
  for (const char* name : kCaptures) {
    CAPTURE(name);
    same_on_any_number(scratch("plain.trace", unpack(capture(name))));
  }
}

TEST_CASE("a capture that cannot be opened twice is read once for all", "[threads]") {
  const std::string bytes = unpack(capture("go1.27/http"));
  const auto report = [&](int threads, bool twin) {
    Input input;
    REQUIRE_FALSE(open_memory({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()},
                              {.own_thread = false}, input));
    TraceReader reader(std::move(input), {});
    REQUIRE_FALSE(reader.open());
    int asked = 0;
    RunOptions run;
    run.threads = threads;
    if (twin) {
      run.twin = [&asked]() -> std::unique_ptr<TraceReader> {
        ++asked;
        return nullptr;
      };
    }
    std::vector<PassRequest> requests;
    for (const PassInfo* pass : all_passes()) {
      PassRequest& request = requests.emplace_back(PassRequest{pass, {}});
      for (const PassOption& o : pass->options) request.options.set(o.name, o.default_value);
    }
    Report out;
    REQUIRE(run_passes(reader, run, requests, out) == "");
    CHECK(asked == twin);
    std::ostringstream text;
    for (const Table& t : out.tables) write_csv(text, t);
    return text.str();
  };
  const std::string alone = report(1, false);
  REQUIRE(alone.size() > 10'000);
  CHECK((report(3, true) == alone));
}
