// The ring of blocks and the crews of passes: however many threads, the same report.
#include <catch2/catch.hpp>

#include "tests/support/cli_run.h"

using namespace tracetool;
using namespace tracetool::test;

TEST_CASE("all analyses give the same report on any number of threads", "[threads]") {
  for (const char* name : {"go1.22/http", "go1.26/locks", "go1.27/gcassist", "go1.27/nestedtasks",
                           "go1.27/gcassist_generations", "go1.19/http"}) {
    CAPTURE(name);
    const auto report = [&](const char* threads) {
      CliResult result =
          cli({"analyze", capture(name), "--full", "--format", "json", "-j", threads});
      CHECK(result.code == 0);
      return result.out;
    };
    const std::string alone = report("1");
    REQUIRE(alone.size() > 10'000);
    for (const char* threads : {"2", "3", "8"}) {
      CAPTURE(threads);
      CHECK((report(threads) == alone));
    }
  }
}
