#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

using Json = nlohmann::json;

std::string before(const std::string& pair) { return capture("go1.27/" + pair + "_before"); }
std::string after(const std::string& pair) { return capture("go1.27/" + pair + "_after"); }

Json tables(std::vector<std::string> args) {
  args.insert(args.begin(), "diff");
  args.insert(args.end(), {"--format", "json"});
  const CliResult r = cli(args);
  INFO(r.err);
  REQUIRE(r.code == 0);
  return Json::parse(r.out)["tables"];
}

/// The row of a figure among all changes.
Json change(const Json& tables, const std::string& table, const std::string& row,
            const std::string& figure) {
  for (const Json& r : tables["changes"]["rows"]) {
    const std::string name = r["row"].is_null() ? "" : r["row"].get<std::string>();
    if (r["table"] == table && name == row && r["figure"] == figure) return r;
  }
  FAIL("no " << table << " " << row << " " << figure);
  return {};
}

}  // namespace

TEST_CASE("a capture against itself shows no change, in any table of any command") {
  std::set<std::string> compared;
  for (const char* name : {"go1.27/http", "go1.27/lock_split_before", "go1.27/nestedtasks",
                           "go1.27/leak", "go1.27/syscalls", "go1.27/cpuprofile",
                           "go1.27/objects_generations", "go1.22/gcassist", "go1.19/locks"}) {
    INFO(name);
    const Json t = tables({capture(name), capture(name)});
    for (const Json& line : t["verdict"]["rows"]) CHECK(line["verdict"] == "same");
    CHECK_THAT(t["verdict"]["notes"].dump(), Contains("no change stands out"));
    REQUIRE(t["changes"]["rows"].size() > 200);
    for (const Json& row : t["changes"]["rows"]) {
      CHECK(row["change"] == "~");
      CHECK(row["old"] == row["new"]);
      compared.insert(row["table"].get<std::string>());
    }
    for (const Json& row : t["geomeans"]["rows"]) CHECK(row["percent"] == 0.0);
  }
  // Curves, rows that only ids of one capture tell apart, and tables that need an option.
  const std::set<std::string> never_joined = {"goroutine_growth_curve",
                                              "heap_curve",
                                              "mmu_curve",
                                              "parallelism_curve",
                                              "parallelism_runnable",
                                              "sched_runnable",
                                              "procs",
                                              "threads_over_time",
                                              "thread_list",
                                              "alloc_curve",
                                              "sched_longest_runs",
                                              "sched_worst",
                                              "critical_path"};
  std::set<std::string> missing;
  const Json all = Json::parse(cli({"metrics", "--format", "json"}).out);
  for (const Json& row : all["tables"]["metrics"]["rows"]) {
    const std::string id = row["figure"];
    const std::string table = id.substr(0, id.find_first_of(".["));
    if (!compared.contains(table)) missing.insert(table);
  }
  CHECK(missing == never_joined);
}

TEST_CASE("several captures against themselves show no change") {
  const std::string folder = std::string(TRACETOOL_TESTDATA) + "/captures/go1.27/";
  const std::string side = folder + "lock_split_runs_before*.trace.zst";
  const CliResult r = cli({"diff", "--before", side, "--after", side, "--format", "json"});
  REQUIRE(r.code == 0);
  const Json t = Json::parse(r.out)["tables"];
  for (const Json& row : t["changes"]["rows"]) CHECK(row["change"] == "~");
  for (const Json& line : t["verdict"]["rows"]) CHECK(line["verdict"] == "same");
}

TEST_CASE("the diff of a real fix names the fixed thing first, in every version of Go") {
  struct Pair {
    const char* name;
    std::vector<std::string> first;  // one of these
  };
  const std::vector<Pair> pairs = {
      {"lock_split", {"Goroutines wait for locks (Mutex in main.(*counter).count)"}},
      // Where the problem has no name because one P was idle for long, the goroutines have.
      {"worker_pool",
       {"More goroutines want to run than there are Ps (main.thumbnailGoroutine)",
        "main.thumbnailGoroutine: Sched wait"}},
      // Collections stopped the world for longer in some than they took CPU in assists.
      {"alloc_reduction",
       {"Goroutines have to help the garbage collector (main.encodeAllocating)",
        "The world stops for long (GC "}},
      {"serial_stage", {"The program mostly runs one goroutine at a time (main.resizePictures)"}}};
  for (const char* version : {"1.19", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"}) {
    for (const Pair& pair : pairs) {
      const std::string path = std::string("go") + version + "/" + pair.name;
      const Json t = tables({capture(path + "_before"), capture(path + "_after")});
      const Json& first = t["verdict"]["rows"].at(0);
      const std::string what = first["what"];
      INFO(path << ": " << what);
      CHECK(first["verdict"].get<std::string>().starts_with("better"));
      CHECK(std::ranges::any_of(pair.first,
                                [&](const std::string& text) { return what.starts_with(text); }));
    }
  }
}

TEST_CASE("a bounded worker pool: waiting for a P is what got better") {
  const Json t = tables({before("worker_pool"), after("worker_pool")});
  const Json& first = t["verdict"]["rows"].at(0);
  CHECK(first["verdict"] == "better");
  CHECK(first["figure"] == "problems.oversubscription");
  CHECK(t["verdict"]["rows"].at(1)["what"].get<std::string>().starts_with(
      "main.thumbnailGoroutine: "));
  const Json sum = change(t, "sched_summary", "", "all_busy_ns");
  CHECK(sum["change"] == "better");
  CHECK(sum["unit"] == "ns/s");
  CHECK(sum["delta"].get<double>() == Approx(sum["new"].get<double>() - sum["old"].get<double>()));
  CHECK(change(t, "goroutines", "main.thumbnailGoroutine", "count")["change"] == "gone");
  CHECK(change(t, "goroutines", "main.thumbnailWorker", "count")["change"] == "new");
}

TEST_CASE("old and new are the figures of each capture, per second of it") {
  const auto figure = [](const std::string& path, const std::string& id) {
    const CliResult r = cli({"analyze", path, "--metrics", id, "--format", "json"});
    return Json::parse(r.out)["tables"]["captures"]["rows"].at(0)[id].get<double>();
  };
  const std::string a = before("lock_split"), b = after("lock_split");
  const Json t = tables({a, b});
  const Json waits = change(t, "blocking_classes", "sync", "total_ns");
  const std::string id = "blocking_classes[\"sync\"].total_ns.per_second";
  CHECK(waits["old"].get<double>() == Approx(figure(a, id)));
  CHECK(waits["new"].get<double>() == Approx(figure(b, id)));
  const Json p99 = change(t, "sched_summary", "", "p99_ns");
  CHECK(p99["old"].get<double>() == figure(a, "sched_summary.p99_ns"));
  CHECK(p99["unit"] == "ns");
}

TEST_CASE(
    "levels are compared as they are, only what happens more often in a longer capture is not") {
  std::map<std::string, bool> grows;
  const Json metrics = Json::parse(cli({"metrics", "--format", "json"}).out);
  for (const auto& row : metrics["tables"]["metrics"]["rows"])
    grows[row["figure"]] = row["grows"] == "yes";
  for (const char* table : {"goroutine_growth", "leaks"}) {
    for (const char* level :
         {"still_there", "net", "never_ran", "blocked_since_start", "existed", "lost"})
      CHECK_FALSE(grows.at(std::string(table) + "." + level));
    CHECK(grows.at(std::string(table) + ".created"));
    CHECK(grows.at(std::string(table) + ".ended"));
  }
  for (const char* level :
       {"tasks.incomplete", "regions.incomplete", "gc_assist.cut_count", "sched.open_count",
        "task_list.execution_ns", "serial_phases.serial_ns", "sched.longest_ns",
        "goroutine_growth.at_end", "heap.last_bytes", "heap.peak_bytes"})
    CHECK_FALSE(grows.at(level));
  for (const char* flow :
       {"capture.gomaxprocs_changes", "tasks.complete", "gc_totals.cycles", "cpu[\"...\"].cum",
        "cpu[\"...\"].cum_ns", "cpu.flat_ns", "tasks.outside_ns"})
    CHECK(grows.at(flow));
  // 90 created and 23 ended are 67 more, however long the capture took.
  const std::string leak = capture("go1.27/leak"), http = capture("go1.27/http");
  const Json net = change(tables({leak, http}), "goroutine_growth", "", "net");
  CHECK(net["old"] == 67.0);
  CHECK(net["unit"] == "count");
}

TEST_CASE("only what is sure for the same load has a better side") {
  std::map<std::string, std::string> better;
  const Json metrics = Json::parse(cli({"metrics", "--format", "json"}).out);
  for (const auto& row : metrics["tables"]["metrics"]["rows"])
    better[row["figure"]] = row["better"];
  for (const char* cost :
       {"sched.total_ns", "sched_summary.p99_ns", "stw_totals.max_ns", "gc_totals.assist_ns",
        "blocking.total_ns", "goroutines.sched_wait_ns", "cpu.flat_ns", "heap.allocated_bytes",
        "parallelism.serial_ns", "leaks.net", "tasks.outside_ns"})
    CHECK(better.at(cost) == "lower");
  for (const char* load :
       {"capture.events_per_second", "capture.bytes_per_second", "parallelism.parallelism_mean",
        "parallelism.used_share", "parallelism.unknown_ns", "goroutine_growth.peak",
        "goroutine_growth.at_end", "leaks.still_there", "gc_assist.cut_count", "goroutines.count",
        "goroutines.execution_ns", "blocking.count"})
    CHECK(better.at(load) == "neither");
  for (const auto& [id, side] : better) {
    INFO(id);
    const bool utilization = id.starts_with("mmu") || id.starts_with("problems.");
    if (!utilization) CHECK(side != "higher");
  }
}

TEST_CASE("figures per unit of work") {
  const std::string a = before("lock_split"), b = after("lock_split");
  const Json t = tables({a, b, "--per", "capture"});
  const Json wall = change(t, "work", "", "wall_ns");
  CHECK(wall["unit"] == "ns/capture");
  const Json facts = Json::parse(cli({"capture", a, "--format", "json"}).out);
  CHECK(wall["old"].get<double>() == Approx(facts["duration_ns"].get<double>()));
  const std::string http = capture("go1.27/http");
  const Json per_task = tables({http, http, "--per", "task:GET /item"});
  const Json count = change(per_task, "tasks", "GET /item", "count");
  CHECK(count["old"] == 1.0);
  CHECK(count["unit"] == "count/GET /item");
  CHECK_THAT(cli({"diff", a, b, "--per", "task:none"}).err, Contains("there is no task:none in"));
  CHECK_THAT(cli({"diff", http, http, "--per", "task:GET /itm"}).err,
             Contains("http.trace.zst; did you mean \"GET /item\"?"));
  CHECK(cli({"diff", a, b, "--per", "capture", "--fail-on", "work.wall > +1%"}).code == 0);
  CHECK(cli({"diff", b, a, "--per", "capture", "--fail-on", "work.wall > +1%"}).code == 1);
  CHECK(cli({"diff", a, b, "--per", "task:none"}).code == 2);
  CHECK_THAT(cli({"diff", a, b, "--per", "taks"}).err, Contains("is no unit of work"));
}

TEST_CASE("several captures a side: medians, p and n") {
  const std::string folder = std::string(TRACETOOL_TESTDATA) + "/captures/go1.27/";
  const CliResult r =
      cli({"diff", "--before", folder + "lock_split_runs_before*.trace.zst", "--after",
           folder + "lock_split_runs_after*.trace.zst", "--format", "json"});
  REQUIRE(r.code == 0);
  const Json t = Json::parse(r.out)["tables"];
  const Json count = change(t, "blocking_classes", "sync", "count");
  CHECK(count["old_n"] == 6);
  CHECK(count["new_n"] == 6);
  // All six are lower: 2 of C(12,6) = 924 orders.
  CHECK(count["p"].get<double>() == Approx(2.0 / 924));
  CHECK(count["q"].get<double>() >= count["p"].get<double>());
  size_t told = 0;
  for (const Json& row : t["changes"]["rows"]) {
    REQUIRE(row["q"].is_number());
    const bool significant = row["q"] < 0.05;
    if (!significant) CHECK(row["change"] == "~");
    told += row["change"] != "~";
  }
  CHECK(told > 10);
  // What was fixed comes first, as for one capture a side.
  const Json& first = t["verdict"]["rows"].at(0);
  CHECK(first["verdict"] == "better");
  CHECK(first["what"] == "Goroutines wait for locks (Mutex in main.(*counter).count)");
  CHECK(first["old"].get<double>() > 2 * first["new"].get<double>());
  CHECK(t["verdict"]["rows"].at(1)["verdict"] == "better");
  CHECK(change(t, "sched", "main.countWords", "preempted_ns")["change"] == "better");
  CHECK_THAT(t["verdict"]["notes"].dump(), Contains("different figures with a better side"));
  // Two a side can show nothing.
  const CliResult few = cli({"diff", "--before", folder + "lock_split_runs_before_[12].trace.zst",
                             "--after", folder + "lock_split_runs_after_[12].trace.zst"});
  CHECK_THAT(few.out, Contains("no change can be significant"));
}

TEST_CASE("a change beyond --fail-on fails the build, and says why") {
  const std::string a = before("worker_pool"), b = after("worker_pool");
  const CliResult fine = cli({"diff", a, b, "--fail-on", "sched.all_busy > +10%"});
  CHECK(fine.code == 0);
  const CliResult bad = cli({"diff", b, a, "--fail-on", "sched.all_busy > +10%", "--fail-on",
                             "goroutines[\"main.nobody\"].count > 0%"});
  CHECK(bad.code == 1);
  CHECK_THAT(bad.err, Contains("fail on sched.all_busy > +10%") && Contains("wanted <= +10%") &&
                          Contains("main.nobody") && Contains("absent"));
  CHECK(cli({"diff", b, a, "--fail-on", "sched.all_busy > 1ms"}).code == 1);
  CHECK(cli({"diff", a, b, "--fail-on", "optional goroutines[\"main.nobody\"].count > 0%"}).code ==
        0);
  const CliResult wrong =
      cli({"diff", a, b, "--fail-on", "shced.p99 > +10%", "--fail-on", "stw.mxa > 1%"});
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, Contains("\"sched.p99\"") && Contains("\"stw.max\"") && Contains("shced"));
  CHECK(cli({"diff", a, b, "--fail-on", "sched.p99 > +10MiB"}).code == 2);
  const CliResult share = cli({"diff", a, b, "--fail-on", "gc.assist_share > 5"});
  CHECK(share.code == 2);
  CHECK_THAT(share.err, Contains("did you mean 5%?"));
  CHECK(cli({"diff", a, b, "--fail-on", "gc.assist_share > +500%"}).code == 0);
  const CliResult junit =
      cli({"diff", b, a, "--fail-on", "sched.all_busy > +10%", "--format", "junit"});
  CHECK(junit.code == 1);
  CHECK_THAT(junit.out, Contains("failures=\"1\""));
  // What was compared is per second of capture, and says so.
  CHECK_THAT(junit.out, Contains("ms/s -&gt; ") && Contains("s/s</failure>"));
  for (const char* format : {"junit", "github"}) {
    const CliResult none = cli({"diff", a, b, "--format", format});
    CHECK(none.code == 2);
    CHECK_THAT(none.err, Contains("is a list of checks, and there is none; give --fail-on"));
  }
}

TEST_CASE("a problem that comes back fails the build") {
  const std::string before = capture("go1.27/lock_split_before");
  const std::string after = capture("go1.27/lock_split_after");
  const auto diff = [](const std::string& a, const std::string& b, const std::string& rule) {
    return cli({"diff", a, b, "--fail-on", rule});
  };
  CHECK(diff(before, after, "problems.lock_contention > +10%").code == 0);
  CHECK(diff(before, after, "problems.found > 0").code == 0);
  const CliResult back = diff(capture("go1.27/serial_stage_after"),
                              capture("go1.27/serial_stage_before"), "problems.serial.found > 0");
  CHECK(back.code == 1);
  CHECK_THAT(back.err, Contains("change of problems.serial_found is 1, wanted <= 0"));
  CHECK(diff(after, before, "problems.lock_contention > +120%").code == 1);  // 67 to 151.7 %
  CHECK(diff(before, after, "problems.lock_contenton > 0").code == 2);
  // A problem that is gone altogether has no figure, and has not become worse.
  const std::string idle = capture("go1.27/idle");
  CHECK(diff(before, idle, "problems.lock_contention > +10%").code == 0);
  const CliResult come = diff(idle, before, "problems.lock_contention > +10%");
  CHECK(come.code == 1);
  CHECK_THAT(come.err, Contains("is from 0, wanted <= +10%; 0% -> 151.7%"));
  // What is absent says what was wanted as well, which is not what fails.
  CHECK_THAT(diff(before, after, "problems.growth > +10%").err,
             Contains("change of problems.growth is absent, wanted <= +10%"));
}

TEST_CASE("a saved result stands for its capture") {
  const std::string a = before("lock_split"), b = after("lock_split");
  const std::string saved = scratch("diff-base.json", cli({"analyze", a, "--format", "json"}).out);
  const Json live = tables({a, b}), kept = tables({"--baseline", saved, b});
  const Json x = change(live, "sched", "main.countWords", "total_ns");
  const Json y = change(kept, "sched", "main.countWords", "total_ns");
  CHECK(x["old"] == y["old"]);
  CHECK(x["new"] == y["new"]);
  // Of two saved results no spread is known, and nothing is beyond doubt.
  const std::string other = scratch("diff-other.json", cli({"analyze", b, "--format", "json"}).out);
  const Json both = tables({saved, other});
  CHECK(change(both, "sched", "main.countWords", "total_ns")["new"] == x["new"]);
  size_t large = 0;
  for (const Json& row : both["changes"]["rows"]) {
    CHECK(std::set<std::string>{"~", "better?", "worse?", "new", "gone"}.contains(row["change"]));
    large += row["change"] == "better?";
  }
  CHECK(large > 0);
  CHECK_THAT(both["verdict"]["rows"].at(0)["sentence"].get<std::string>(),
             Contains("no spread is known"));
  CHECK_THAT(both["verdict"]["notes"].dump(), Contains("There is no spread between time slices"));
  const Json same = tables({saved, a});
  for (const Json& row : same["changes"]["rows"]) {
    INFO(row.dump());
    CHECK(row["change"] == "~");
  }
}

TEST_CASE("JSON that does not stand for a capture is an unreadable input") {
  const std::string a = before("lock_split"), b = after("lock_split");
  const auto saved = [&](const std::string& name, std::vector<std::string> args) {
    args.insert(args.end(), {"-f", "json"});
    return scratch(name, cli(args).out);
  };
  const std::string start = R"({"schema":"tracetool-report","schema_version":1)";
  const std::vector<std::pair<std::string, std::string>> unfit = {
      {scratch("diff-empty.json", start + R"(,"tables":{}})"), "without any table of an analysis"},
      {scratch("diff-none.json", start + "}"), "damaged JSON: no tables"},
      {scratch("diff-other.json", R"({"a":1})"), "JSON, but not written by tracetool analyze"},
      {scratch("diff-half.json", start), "damaged JSON"},
      {saved("diff.json", {"diff", a, b}), "without any table of an analysis"},
      {saved("many.json", {"analyze", a, b}), "without any table of an analysis"},
      {saved("stw.json", {"stw", a}), "what tracetool stw wrote has not all figures"},
      {saved("top.json", {"analyze", a, "--top", "3"}), "saved with --top"},
      {saved("window.json", {"analyze", a, "--from", "1ms"}),
       "saved for --from 1ms, but wanted is the whole capture"}};
  for (const auto& [path, why] : unfit) {
    INFO(path);
    for (const CliResult& r :
         {cli({"diff", "--baseline", path, b}), cli({"diff", b, path}),
          cli({"check", path, "--require", "capture.events > 0"}), cli({"metrics", path})}) {
      CHECK(r.code == 2);
      CHECK_THAT(r.err, Contains(why) && Contains(path));
      CHECK(r.out.empty());
    }
    const CliResult many = cli({"analyze", path, b, "--metrics", "capture.events", "-f", "csv"});
    CHECK(many.code == 3);
    CHECK_THAT(many.out, !Contains(path + ",fine"));
  }
  // The same part of the time on both sides is one.
  CHECK(cli({"diff", "--baseline", unfit.back().first, b, "--from", "1ms"}).code == 0);
}

TEST_CASE("what a saved result lacks is not compared") {
  const std::string a = before("lock_split"), b = after("lock_split");
  const std::string part =
      scratch("diff-part.json", cli({"analyze", a, "--table", "sched_summary", "-f", "json"}).out);
  const Json t = tables({"--baseline", part, b});
  for (const Json& row : t["changes"]["rows"]) CHECK(row["table"] == "sched_summary");
  for (const Json& line : t["verdict"]["rows"])
    CHECK(line["figure"].get<std::string>().starts_with("sched_summary."));
  CHECK_THAT(t["verdict"]["notes"].dump(),
             Contains("a saved result lacks these tables: alloc_curve"));
  // Nobody looked for problems.
  CHECK(cli({"check", part, "--require", "problems.found == 0"}).code == 1);
  CHECK(cli({"check", a, "--passes", "sched", "--require", "problems.found == 0"}).code == 2);
  CHECK(cli({"check", a, "--passes", "capture,gc,blocking", "--require",
             "problems.lock_contention > 150%"})
            .code == 0);
}

TEST_CASE(
    "a saved result of before a rule looked at a table passes no gate on it, nor fails it by 0") {
  const std::string serial = before("serial_stage");
  Json saved = Json::parse(cli({"analyze", serial, "--format", "json"}).out);
  saved["tables"].erase("serial_causes");
  const std::string old = scratch("diff-old.json", saved.dump());
  const auto gate = [&](const std::vector<std::string>& sides, const char* rule) {
    std::vector<std::string> args = {"diff"};
    args.insert(args.end(), sides.begin(), sides.end());
    args.insert(args.end(), {"--fail-on", rule});
    return cli(args);
  };
  for (const std::vector<std::string>& sides :
       {std::vector<std::string>{"--baseline", old, serial}, {serial, old}}) {
    CHECK_THAT(gate(sides, "problems.serial > +10%").err, Contains("is absent"));
    CHECK(gate(sides, "optional problems.serial > +10%").code == 0);
  }
}

TEST_CASE("diff in other formats, and what it refuses") {
  const std::string a = before("lock_split"), b = after("lock_split");
  CHECK_THAT(cli({"diff", a, b, "--format", "csv"}).out,
             Contains("change,table,row,figure,old,old_spread,new,new_spread,delta,percent,p"));
  CHECK_THAT(cli({"diff", a, b, "--format", "markdown"}).out,
             Contains("1. **better?: Goroutines wait for locks"));
  CHECK_THAT(cli({"diff", a}).err, Contains("two captures are needed"));
  CHECK_THAT(cli({"diff", a, b, a}).err, Contains("need --before and --after"));
  CHECK(cli({"diff", a, "/nowhere"}).code == 2);
  CHECK(cli({"diff", "--before", a, "--after", "/tmp/none*.trace"}).code == 2);
  const std::string bytes = unpack(b);
  const std::string cut = scratch("diff-cut.trace", bytes.substr(0, bytes.size() * 9 / 10));
  const CliResult damaged = cli({"diff", a, cut});
  CHECK(damaged.code == 3);
  CHECK_THAT(damaged.out, Contains("1 of 2 captures are damaged"));
}
