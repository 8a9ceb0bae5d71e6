// Whatever an input says, a message about it is one that people can read.
#include <catch2/catch.hpp>

#include "reports/formats/read_json.h"
#include "reports/words/suggest.h"
#include "tests/support/cli_run.h"
#include "tests/support/program.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

TEST_CASE("A name of a megabyte is not repeated whole in what is told of it") {
  V1Builder b(19);
  b.batch(0, 1000).event("GoCreate", {1, 0, 0}).event("ProcStart", {5});
  b.string(4, "begin" + std::string(1 << 19, 'x') + "end").event("GoStartLocal", {1});
  // No region begins or ends in a mode 7.
  const Bytes bytes = b.event("UserRegion", {0, 7, 4, 0}).frequency(1'000'000'000).bytes();
  const Folder folder("long-messages");
  const std::string path = folder.write("long-name.trace", std::string(bytes.begin(), bytes.end()));
  for (const char* command : {"info", "regions", "events"}) {
    CAPTURE(command);
    const CliResult r = cli({command, path});
    CHECK(r.code == 3);
    CAPTURE(r.err);
    CHECK(r.err.size() < 2000);
    CHECK(r.err.find("region \"beginxxx") != r.err.npos);
    CHECK(r.err.find("neither begins nor ends: mode 7 does not exist") != r.err.npos);
  }
  const CliResult json = cli({"regions", path, "-f", "json"});
  CHECK(json.out.size() < 20'000);
}

TEST_CASE("A suggestion is no longer than what one would type") {
  const std::string name = "name" + std::string(5000, 'x');
  const std::string said = did_you_mean("name", {name});
  CHECK(said.size() < 300);
  CHECK(said.starts_with("; did you mean \"namexxx"));
}

TEST_CASE("Damaged JSON is not repeated in what is told of it") {
  const std::string error = read_saved("{\"x\":" + std::string(1 << 20, '1') + "}").error;
  CHECK(error.starts_with("damaged JSON: "));
  CHECK(error.size() < 500);
}
