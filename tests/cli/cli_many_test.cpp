// analyze of many captures: a row each.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

TEST_CASE("many captures: ranked, from a directory, in every format") {
  const std::string folder = scratch("many");
  std::filesystem::create_directories(folder);
  for (const char* name : {"worker_pool_before", "worker_pool_after", "lock_split_after"})
    std::filesystem::copy(capture(std::string("go1.27/") + name), folder);
  std::ofstream(folder + "/notes.txt") << "no trace";
  const auto run = [&](const std::string& format, const std::string& threads) {
    return cli(
        {"analyze", folder, "--metrics", "sched.all_busy", "--format", format, "-j", threads});
  };
  const CliResult one = run("csv", "1"), four = run("csv", "4");
  CHECK(one.code == 3);
  CHECK(one.out == four.out);
  const auto lines = lines_of(one.out);
  REQUIRE(lines.size() == 5);
  CHECK_THAT(lines[1], Contains("worker_pool_before"));
  CHECK_THAT(lines[2], Contains("lock_split_after"));
  CHECK_THAT(lines[3], Contains("worker_pool_after"));
  CHECK_THAT(lines[4], Contains("notes.txt") && Contains("not a Go execution trace"));
  const nlohmann::json rows =
      nlohmann::json::parse(run("json", "2").out)["tables"]["captures"]["rows"];
  size_t unknown = 0;
  for (const nlohmann::json& row : rows) unknown += row["sched.all_busy"].is_null();
  CHECK(unknown == 1);
  CHECK_THAT(run("markdown", "2").out,
             Contains("| File | State | sched.all") || Contains("| File |"));
  CHECK_THAT(run("text", "2").out, Contains("Captures") && Contains("notes.txt"));
  // A pattern in quotes is many captures too, also without --metrics.
  const CliResult pattern = cli({"analyze", folder + "/worker*.zst", "-f", "csv"});
  CHECK(pattern.code == 0);
  CHECK(lines_of(pattern.out).size() == 3);
  // Nothing is read for a column that there is not.
  const CliResult typo = cli({"analyze", folder, "--sort", "nothing"});
  CHECK(typo.code == 2);
  CHECK_THAT(typo.err, Contains("no column \"nothing\"") && !Contains("notes.txt"));
  // Of a figure that is better when it is higher the least comes first.
  const auto utilization = lines_of(
      cli({"analyze", folder, "--metrics", "problems.low_mmu,mmu[\"*\"].mmu", "-f", "csv"}).out);
  REQUIRE(utilization.size() == 5);
  const auto figure = [&](size_t line) {
    const auto& text = utilization[line];
    const size_t at = text.find(",fine,") + 6;
    return std::stod(text.substr(at, text.find(',', at) - at));
  };
  CHECK(figure(1) <= figure(2));
  std::filesystem::remove_all(folder);
}

TEST_CASE("many captures in one table") {
  const std::string broken = scratch("broken.trace", "no trace at all");
  const std::string a = capture("go1.27/worker_pool_before"),
                    b = capture("go1.27/worker_pool_after");
  const CliResult r = cli(
      {"analyze", b, broken, a, "--metrics", "sched.all_busy,goroutines.count", "--format", "csv"});
  CHECK(r.code == 3);
  const auto lines = lines_of(r.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "file,state,sched.all_busy,goroutines.count\r");
  CHECK_THAT(lines[1], Contains("before") && Contains(",fine,"));  // the worst first
  CHECK_THAT(lines[2], Contains("after"));
  CHECK_THAT(lines[3], Contains("broken") && !Contains("fine"));
  CHECK(cli({"analyze", broken, broken}).code == 2);
  CHECK(cli({"analyze", a, b, "--metrics", "shced.p99"}).code == 2);
  CHECK(cli({"analyze", a, b}).code == 0);
}
