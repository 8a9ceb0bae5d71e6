#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "analyses/engine/pass.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

CliResult check(const std::string& rule) {
  return cli({"check", capture("go1.27/http"), "--require", rule});
}

}  // namespace

TEST_CASE("check passes, fails and refuses with exit codes of their own") {
  CHECK(check("sched.p99 < 10s").code == 0);
  CHECK(check("sched.count == 320").code == 0);
  CHECK(check("sched.count != 320").code == 1);
  const CliResult failed = check("sched.p99 < 1ns");
  CHECK(failed.code == 1);
  CHECK_THAT(failed.err, Contains("check failed: sched_summary.p99_ns is ") &&
                             Contains("wanted < 1ns") && Contains("tracetool sched ") &&
                             Contains("--table sched_summary"));
  CHECK(check("goroutines[\"main.nobody\"].count > 0").code == 1);
  CHECK_THAT(check("goroutines[\"main.nobody\"].count > 0").err, Contains("is absent"));
  CHECK(check("optional goroutines[\"main.nobody\"].count > 0").code == 0);
  CHECK(check("sched.p98 < 1ms").code == 2);
  CHECK(check("sched.p99 < 1MiB").code == 2);
  CHECK(check("sched.p99").code == 2);
  CHECK_THAT(check("sched.p98 < 1ms").err, Contains("did you mean") && Contains("sched.p99"));
  // Two tables are called sched for short; the same name twice would be no help.
  CHECK_THAT(check("sched.p9 < 1ms").err,
             Contains(R"(did you mean "sched.p95", "sched.p99" or "sched.p50"?)"));
  CHECK_THAT(cli({"check", capture("go1.27/http")}).err, Contains("no rules"));
  CHECK(cli({"check", "/nowhere.trace", "--require", "sched.p99 < 1s"}).code == 2);
}

TEST_CASE("each unit is understood, and only where it belongs") {
  const auto on = [](const char* name, const std::string& rule) {
    return cli({"check", capture(name), "--require", rule}).code;
  };
  // The longest wait, in each unit.
  CHECK(check("sched.max == 849344ns").code == 0);
  CHECK(check("sched.max == 849.344us").code == 0);
  CHECK(check("sched.max == 849.344\u00b5s").code == 0);
  CHECK(check("sched.max == 0.849344ms").code == 0);
  CHECK(check("sched.max <= 0.000849344s").code == 0);
  CHECK(check("sched.max < 849344ns").code == 1);
  CHECK(check("sched.max < 1min").code == 0);
  CHECK(check("sched.max < 849344").code == 2);  // of what?
  CHECK(check("sched.max < 10%").code == 2);
  CHECK(check("sched.max < 1MiB").code == 2);
  CHECK(check("sched.max > 0").code == 0);  // nothing has no unit
  CHECK(check("mmu[\"10ms\"].mmu >= 50%").code == 0);
  CHECK(check("mmu[\"10ms\"].mmu >= 0.5").code == 0);
  CHECK(check("mmu[\"10ms\"].mmu > 5ms").code == 2);
  CHECK(check("goroutines.count < 5KiB").code == 2);
  CHECK(check("sched.total.per_second < 10s/s").code == 0);
  CHECK(check("sched.total.per_second < 1ns/s").code == 1);
  CHECK(on("go1.27/gcassist", "heap.allocated_bytes > 1KiB") == 0);
  CHECK(on("go1.27/gcassist", "heap.allocated_bytes < 1MiB") == 1);
  CHECK(on("go1.27/gcassist", "heap.allocated_bytes < 1000000MB") == 0);
  CHECK(on("go1.27/gcassist", "heap.allocated_bytes < 5ms") == 2);
}

TEST_CASE("5 of a whole is no share: 5% was meant") {
  const std::string http = capture("go1.27/http");
  const auto said = [&](const std::string& rule) {
    const CliResult r = cli({"check", http, "--require", rule});
    CHECK(r.code == 2);
    CHECK(r.out.empty());
    return r.err;
  };
  CHECK_THAT(said("gc.assist_share < 5"),
             Contains("gc.assist_share: \"5\" is more than 1, the whole: did you mean 5%?"));
  CHECK_THAT(said("gc.assist_share < 500%"), Contains("\"500%\" is more than 1, the whole; write"));
  CHECK_THAT(said("parallelism.used_share > 80"), Contains("did you mean 80%?"));
  const std::string rules = scratch("check-share.json", R"({"rules": ["gc.assist_share < 5"]})");
  const CliResult file = cli({"check", http, "--rules", rules});
  CHECK(file.code == 2);
  CHECK_THAT(file.err, Contains("did you mean 5%?"));
  CHECK(cli({"check", http, "--require", "gc.assist_share <= 1"}).code == 0);
  CHECK(cli({"check", http, "--require", "gc.assist_share <= 100%"}).code == 0);
}

TEST_CASE("a command that is told is one that a shell takes") {
  const auto told = [](const std::string& path) {
    const CliResult r = cli({"check", "--require", "sched.p99 < 1ns", "--", path});
    CHECK(r.code == 1);
    return r.err;
  };
  const std::string http = capture("go1.27/http");
  CHECK_THAT(told(http), Contains("tracetool sched " + http + " --table sched_summary"));
  const std::string odd = scratch("check-it's; $(a) file.trace", read_file(http));
  std::string quoted = odd;
  quoted.replace(quoted.find('\''), 1, "'\\''");
  CHECK_THAT(told(odd), Contains("tracetool sched '" + quoted + "' --table sched_summary"));
}

TEST_CASE("a group of rows by its name, and a mean of them") {
  CHECK(check("goroutines[\"main.runClient\"].count == 4").code == 0);
  CHECK(check("goroutines[\"main.runClient\"].block.sync.mean < 1s").code == 0);
  const CliResult failed = check("goroutines[\"main.runClient\"].total.mean < 1ns");
  CHECK(failed.code == 1);
  CHECK_THAT(failed.err, Contains("goroutines[\"main.runClient\"].total_ns.mean is ") &&
                             Contains("tracetool goroutines ") && Contains("--table goroutines"));
  CHECK(check("goroutines[\"main.*\"].count >= 5").code == 0);
  CHECK(check("goroutines[strat_location=\"main.runClient\"].count == 4").code == 2);
}

TEST_CASE("ids are whole however narrow the text is") {
  const CliResult r = cli({"check", capture("go1.27/http"), "--width", "40", "--require",
                           "goroutines[\"net/http.(*persistConn).writeLoop\"].block.sync < 1s"});
  CHECK_THAT(r.out, Contains("goroutines[\"net/http.(*persistConn).writeLoop\"].block_sync_ns\n"));
  const CliResult narrow = cli({"metrics", "--width", "40"});
  const auto json = nlohmann::json::parse(cli({"metrics", "--format", "json"}).out);
  for (const auto& row : json["tables"]["metrics"]["rows"]) {
    const std::string id = row["figure"];
    INFO(id);
    CHECK_THAT(narrow.out, Contains("\n" + id + " ") || Contains("\n" + id + "\n"));
    CHECK_FALSE(row["unit"].get<std::string>().empty());
    CHECK(std::set<std::string>{"lower", "higher", "neither"}.contains(row["better"]));
  }
}

TEST_CASE("what findings measure are figures like all others") {
  const std::string locks = capture("go1.27/lock_split_before");
  const auto on = [&](const std::string& rule) { return cli({"check", locks, "--require", rule}); };
  // 108ms of waiting in 71ms of running.
  CHECK(on("problems.lock_contention > 151%").code == 0);
  CHECK(on("problems.lock_contention < 152%").code == 0);
  CHECK(on("problems.found == 1").code == 0);
  CHECK(on("problems.serial.found == 0").code == 0);
  const CliResult failed = on("problems.lock_contention.found == 0");
  CHECK(failed.code == 1);
  CHECK_THAT(failed.err, Contains("problems.lock_contention_found is 1, wanted == 0; "
                                  "tracetool findings "));
  // Not found is 0. What the capture does not tell is absent.
  CHECK(on("problems.blocking_syscalls_found == 0").code == 0);
  CHECK(on("problems.blocking_syscalls < 5%").code == 1);
  CHECK(on("optional problems.blocking_syscalls < 5%").code == 0);
  CHECK(on("problems.lock_contention < 5ms").code == 2);
  // It has no whole that it could be a part of.
  CHECK(on("problems.lock_contention < 2").code == 0);
  const CliResult typo = on("problems.lock_contenton < 5%");
  CHECK(typo.code == 2);
  CHECK_THAT(typo.err, Contains("did you mean \"problems.lock_contention\""));
  // Of a saved result too, and as a column of many captures.
  const std::string saved = scratch("check-saved.json", cli({"analyze", locks, "-f", "json"}).out);
  CHECK(cli({"check", saved, "--require", "problems.found == 1"}).code == 0);
  CHECK(cli({"check", locks, "--rules",
             scratch("check-found.json", R"({"rules": ["problems.found < 1"]})")})
            .code == 1);
  CHECK_THAT(cli({"analyze", locks, "--metrics", "problems.found", "-f", "csv"}).out,
             Contains("lock_split_before.trace.zst,fine,1"));
}

TEST_CASE("a damaged capture does not pass") {
  const std::string bytes = unpack(capture("go1.27/http"));
  const std::string path = scratch("check-cut.trace", bytes.substr(0, bytes.size() * 9 / 10));
  CHECK(cli({"check", path, "--require", "sched.p99 < 10s"}).code == 3);
  CHECK(cli({"check", path, "--require", "sched.p99 < 1ns"}).code == 1);
}

TEST_CASE("a build may demand a capture that is long enough") {
  const std::string http = capture("go1.27/http");  // 18.4 ms
  CHECK(cli({"check", http, "--require", "capture.duration > 10ms"}).code == 0);
  CHECK(cli({"check", http, "--require", "capture.duration > 1s"}).code == 1);
  CHECK(cli({"check", http, "--require", "capture.duration > 10ms", "--to", "5ms"}).code == 1);
}

TEST_CASE("check reads directories and patterns, and tells all that cannot be read") {
  const std::string path = capture("go1.27/lock_split_runs_before_3");
  const std::string some = path.substr(0, path.rfind("_3")) + "_[23].trace.zst";
  const CliResult two = cli({"check", some, "--require", "sched.p99 < 10s", "-f", "csv"});
  CHECK(two.code == 0);
  CHECK_THAT(two.out, Contains("before_2.trace") && Contains("before_3.trace"));
  const CliResult bad =
      cli({"check", "/nowhere", capture("go1.27/http"), scratch("check-bad.trace", "no trace"),
           "--require", "sched.p99 < 1ns"});
  CHECK(bad.code == 2);
  CHECK_THAT(bad.err, Contains("/nowhere") && Contains("bad.trace"));
  CHECK(bad.out.empty());
}

TEST_CASE("all failures are listed, and all errors") {
  const CliResult failed = cli({"check", capture("go1.27/http"), "--require", "sched.p99 < 1ns",
                                "--require", "sched.p50 < 1ns", "--require", "sched.mean < 10s"});
  CHECK_THAT(failed.err, Contains("p99_ns") && Contains("p50_ns") && !Contains("mean_ns"));
  CHECK_THAT(failed.out, Contains("2 of 3 failed"));
  const CliResult wrong = cli({"check", capture("go1.27/http"), "--require", "sched.p98 < 1ns",
                               "--require", "shced.p50 < 1ns"});
  CHECK_THAT(wrong.err, Contains("sched.p98") && Contains("shced.p50"));
}

TEST_CASE("rules come from files too") {
  const auto run = [](const std::string& text) {
    const std::string rules = scratch("check-rules.json", text);
    return cli({"check", capture("go1.27/http"), "--rules", rules, "--format", "json"});
  };
  const CliResult r = run(R"({"rules": ["sched.p99 < 10s",
    {"require": "sched.p50 < 1ns", "name": "latency", "why": "the goal of the team"},
    {"require": "tasks[\"none\"].p50 < 1ms", "optional": true}]})");
  CHECK(r.code == 1);
  CHECK_THAT(r.err, Contains("latency: ") && Contains("(the goal of the team)"));
  const auto json = nlohmann::json::parse(r.out);
  std::multiset<std::string> verdicts;
  for (const auto& row : json["tables"]["checks"]["rows"]) verdicts.insert(row["verdict"]);
  CHECK(verdicts == std::multiset<std::string>{"fail", "pass", "skipped"});
  CHECK(json["tables"]["checks"]["rows"][0]["rule"] == "latency");
  CHECK(json["failed_checks"].size() == 1);
  CHECK_THAT(run("{").err, Contains("no valid JSON"));
  CHECK_THAT(run("[]").err, Contains("a list \"rules\""));
  CHECK_THAT(run(R"({"rules": []})").err, Contains("no rules in it"));
  CHECK_THAT(run(R"({"rules": [{"requier": "x"}]})").err, Contains("did you mean \"require\"?"));
  CHECK_THAT(run(R"({"rules": [{"require": 5}]})").err, Contains("rule 1") && Contains("type"));
  CHECK(run(R"({"rules": ["sched.p98 < 1s"]})").code == 2);
  CHECK(cli({"check", capture("go1.27/http"), "--rules", "/nowhere.json"}).code == 2);
}

TEST_CASE("check writes what build servers read") {
  const auto run = [](const std::string& format) {
    return cli({"check", capture("go1.27/http"), "--format", format, "--require",
                "goroutines.count >= 100000", "--require", "sched.p50 < 10s", "--require",
                "optional tasks[\"none\"].p50 < 1ms"});
  };
  const CliResult junit = run("junit");
  CHECK(junit.code == 1);
  CHECK_THAT(junit.out, Contains("tests=\"3\" failures=\"1\" errors=\"0\"") &&
                            Contains("name=\"goroutines.count &gt;= 100000\"") &&
                            Contains("<failure type=\"fail\"") && Contains("<skipped message="));
  const std::string file = scratch("check-junit.xml", junit.out);
  const std::string schema = std::string(TRACETOOL_TESTDATA) + "/schemas/junit.xsd";
  CHECK(std::system(("xmllint --noout --schema " + schema + " " + file + " 2>/dev/null").c_str()) ==
        0);
  const CliResult github = run("github");
  CHECK(github.code == 1);
  CHECK_THAT(github.out, Contains("::error title=tracetool%3A goroutines.count >= 100000::") &&
                             !Contains("p50"));
  CHECK_THAT(run("markdown").out, Contains("| fail | `goroutines.count` |"));
  CHECK_THAT(run("csv").out, Contains("verdict,figure,value,op,limit,unit,rule,where,input"));
}

TEST_CASE("a check says when the longest was, and the command that shows it") {
  const std::string path = capture("go1.27/http");
  const CliResult r =
      cli({"check", path, "--require", "blocking[\"runtime.traceStartReadCPU\"].max < 1ns"});
  CHECK(r.code == 1);
  CHECK_THAT(r.err,
             Contains("wanted < 1ns; Longest at 0.000050s, Goroutine 19; tracetool blocking "));
}

TEST_CASE("metrics lists ids that check understands") {
  const CliResult all = cli({"metrics", "--format", "json"});
  REQUIRE(all.code == 0);
  const auto rows = nlohmann::json::parse(all.out)["tables"]["metrics"]["rows"];
  REQUIRE(rows.size() > 200);
  std::vector<std::string> args = {"check", capture("go1.27/http"), "--format", "csv"};
  for (const auto& row : rows) {
    std::string id = row["figure"];
    if (const size_t at = id.find("[\"...\"]"); at != std::string::npos) id.replace(at, 7, "[*]");
    const std::string unit = row["unit"];
    const std::string zero = "0";
    args.insert(args.end(), {"--require", "optional " + id + " >= " + zero});
    INFO(id);
    CHECK_FALSE(row["meaning"].get<std::string>().empty());
  }
  const CliResult checked = cli(args);
  INFO(checked.err);
  CHECK(checked.code != 2);
}

TEST_CASE("metrics and saved results have the values of the capture") {
  const std::string saved =
      scratch("check-saved.json", cli({"analyze", capture("go1.27/http"), "--format", "json"}).out);
  const CliResult live = cli({"metrics", capture("go1.27/http"), "--format", "csv"});
  const CliResult kept = cli({"metrics", saved, "--format", "csv"});
  CHECK(live.code == 0);
  CHECK_THAT(live.out, Contains("\nsched_summary.count,320,count,neither,yes,,"));
  // The saved report has the tables in the order of analyze, and one more.
  for (const std::string& line : lines_of(live.out)) CHECK_THAT(kept.out, Contains(line));
  CHECK(cli({"metrics", scratch("check-other.json", "{\"a\": 1}")}).code == 2);
  CHECK(cli({"metrics", scratch("check-broken.json", saved.substr(0, 3) + "{")}).code == 2);
  CHECK_THAT(cli({"metrics", "--passes", "shced"}).err, Contains("did you mean \"sched\"?"));
}
