#include "analyses/findings/findings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/findings_run.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

double number(const Table& table, size_t row, const std::string& column) {
  return std::stod(cell(table, row, column));
}

}  // namespace

TEST_CASE("findings: every table and column that a rule reads exists") {
  const Tables tables;
  const GoroutineFilter everyone;
  const GoroutineIndex goroutines(tables, everyone);
  CaptureFacts facts;
  facts.version = 26;
  for (const FindingRule* rule : all_rules()) {
    INFO(rule->id);
    Report report;
    for (const char* name : rule->passes) {
      std::string error;
      const PassInfo& pass = pass_named(name);
      pass.make({tables, goroutines}, defaults_of(pass), error)->finish({facts}, report);
    }
    ReportView view(report);
    rule->measured({view, facts});
    CHECK(view.missing() == std::vector<std::string>{});
  }
}

TEST_CASE("findings: a missing column is told") {
  Report report;
  report.tables.push_back(made_up("capture", {"duration_ns"}, {{int64_t{1}}}));
  ReportView view(report);
  view.table("capture", {"duration_ns", "gone"});
  view.table("nowhere", {"a"});
  CHECK(view.missing() == std::vector<std::string>{"capture.gone", "nowhere"});
}

TEST_CASE("findings: score, order and threshold") {
  // 4 million events a second on 4 Ps: twice the 500,000 that each P may have.
  const Table fast = judged(made_up_capture(1'000'000'000, 4e6));
  REQUIRE(fast.rows.size() == 1);
  CHECK(cell(fast, 0, "kind") == "tracer-overhead");
  CHECK(number(fast, 0, "figure") == 1e6);
  CHECK(number(fast, 0, "threshold") == 500e3);
  CHECK(cell(fast, 0, "unit") == "per_second");
  // (1 - 0.5 / 2) x 70
  CHECK(cell(fast, 0, "score") == "53");
  // At the threshold it is a finding, below it is none.
  CHECK(kinds_of(judged(made_up_capture(1'000'000'000, 2e6))) ==
        std::set<std::string>{"tracer-overhead"});
  CHECK(judged(made_up_capture(1'000'000'000, 2e6 - 8)).rows.empty());
  CHECK(judged(made_up_capture(1'000'000'000, 4e6), {{"tracer-overhead", {1e6 + 1}}}).rows.empty());
}

TEST_CASE("findings: a short capture is judged by nothing else") {
  const Table four = judged(made_up_capture(4'000'000, 4e6));
  REQUIRE(four.rows.size() == 1);
  CHECK(cell(four, 0, "kind") == "short");
  // 4 of 5 ms: 1 - 0.8 / 2
  CHECK(cell(four, 0, "score") == "60");
  CHECK_THAT(cell(four, 0, "evidence"), Contains("4.00ms long and has 1,234 events"));
  CHECK(kinds_of(judged(made_up_capture(5'000'000, 4e6))) ==
        std::set<std::string>{"tracer-overhead"});
  CHECK(kinds_of(judged(made_up_capture(4'000'000, 4e6), {{"short", {0}}})) ==
        std::set<std::string>{"tracer-overhead"});
}

TEST_CASE("findings: damage comes first, with what is missing") {
  Judged run = made_up_capture(4'000'000, 1);
  run.facts.faults.push_back({.kind = FaultKind::kNote, .message = "harmless"});
  CHECK(kinds_of(judged(run)) == std::set<std::string>{"short"});
  run.facts.faults.push_back({.message = "first", .lost = {.rest = "some events"}});
  run.facts.faults.push_back({.message = "second"});
  const Table findings = judged(run);
  CHECK(rows(findings, {"rank", "kind", "figure"}) ==
        std::vector<std::string>{"1|damaged|2.0", "2|short|4000000.0"});
  CHECK_THAT(cell(findings, 0, "evidence"),
             Contains("2 faults, the first: first") && Contains("missing: some events."));
}

TEST_CASE("findings: of real programs, exactly these") {
  using Kinds = std::set<std::string>;
  const std::map<std::string, Kinds> expected = {
      // healthy, or with nothing to do
      {"idle", {}},
      {"worker_pool_after", {}},
      {"alloc_reduction_after", {}},
      {"pipeline_parallel", {}},
      {"serial_stage_after", {}},
      {"channels", {}},
      {"nestedtasks", {}},
      {"gotest", {}},
      {"flightrecorder", {}},
      // with a trouble
      {"oversubscription", {"oversubscription"}},
      {"worker_pool_before", {"oversubscription"}},
      {"pipeline_serial", {"serial"}},
      {"serial_stage_before", {"serial"}},
      {"greedy", {"greedy", "long-stw"}},
      {"gcassist", {"gc-assist", "low-mmu", "long-stw"}},
      {"gcassist_generations", {"gc-assist", "low-mmu", "long-stw"}},
      {"alloc_reduction_before", {"gc-assist", "low-mmu", "long-stw"}},
      {"runtimegc", {"long-stw"}},
      {"lock_split_before", {"lock-contention"}},
      {"locks", {"lock-contention"}},
      {"http", {"lock-contention", "network-bound"}},
      {"syscalls", {"blocking-syscalls"}},
      {"startstop", {"short"}},
      {"leak", {"growth"}},
      {"fineregions", {"fine-regions", "tracer-overhead"}},
      {"fileio", {"blocking-syscalls"}},
  };
  for (const auto& [name, kinds] : expected) {
    INFO(name);
    CHECK(kinds_of(findings_of(tables_of(test::capture("go1.27", name)))) == kinds);
  }
}

TEST_CASE("findings: for each rule a real program with the trouble, and one without") {
  struct Example {
    const char *rule, *with, *without;
    const char* evidence;  // names who is to blame
  };
  const std::vector<Example> examples = {
      {"damaged", "go1.19/cgocallback", "go1.22/cgocallback", "1 fault: "},
      {"short", "go1.27/startstop", "go1.27/idle", "4.18ms long and has 1,232 events"},
      {"oversubscription", "go1.27/worker_pool_before", "go1.27/worker_pool_after",
       "by main.thumbnailGoroutine."},
      {"greedy", "go1.27/greedy", "go1.27/oversubscription",
       "(main.copyLargeBuffer) ran for 104ms"},
      {"serial", "go1.27/serial_stage_before", "go1.27/serial_stage_after",
       "it is main.resizePictures, mostly"},
      {"gc-assist", "go1.27/alloc_reduction_before", "go1.27/alloc_reduction_after",
       "most of main.encodeAllocating"},
      {"low-mmu", "go1.27/alloc_reduction_before", "go1.27/alloc_reduction_after",
       "In its worst 10.0ms"},
      {"long-stw", "go1.27/runtimegc", "go1.27/serial_stage_after",
       "write heap dump, called by main.dumpHeap (main.go:"},
      {"lock-contention", "go1.27/http", "go1.27/channels",
       "for the Mutex in main.(*shop).lookup (main.go:"},
      // What fileio waits for in the network poller are pipes.
      {"network-bound", "go1.27/http", "go1.27/fileio", "in net/http.(*persistConn).roundTrip"},
      {"blocking-syscalls", "go1.27/syscalls", "go1.27/channels",
       "in nanosleep, called by main.sleepInKernel (main.go:"},
      {"fine-regions", "go1.27/fineregions", "go1.27/nestedtasks", "regions \"add\""},
      {"growth", "go1.27/leak", "go1.27/worker_pool_before",
       "are main.searchReplica, created in main.search (main.go:"},
      {"tracer-overhead", "go1.27/fineregions", "go1.27/http", "2.34M/s on each of 2 Ps"},
  };
  std::set<std::string> rules;
  for (const Example& e : examples) {
    INFO(e.rule);
    rules.insert(e.rule);
    const Table found = findings_of(tables_of(test::capture(e.with)));
    CHECK_THAT(evidence_of(found, e.rule), Contains(e.evidence));
    CHECK(kinds_of(findings_of(tables_of(test::capture(e.without)))).count(e.rule) == 0);
  }
  for (const FindingRule* rule : all_rules()) CHECK(rules.count(rule->id) == 1);
}

TEST_CASE("findings: whatever Go version ran the program") {
  const std::map<std::string, std::string> troubles = {
      {"leak", "growth"},
      {"oversubscription", "oversubscription"},
      {"greedy", "greedy"},
      {"pipeline_serial", "serial"},
      {"serial_stage_before", "serial"},
      {"gcassist", "gc-assist"},
      {"http", "lock-contention"},
      {"lock_split_before", "lock-contention"},
      {"http_p1", "network-bound"},
  };
  size_t compared = 0;
  for (const char* release :
       {"go1.19", "go1.22", "go1.23", "go1.24", "go1.25", "go1.26", "go1.27"}) {
    for (const auto& [name, kind] : troubles) {
      INFO(release << " " << name);
      CHECK(kinds_of(findings_of(tables_of(test::capture(release, name)))).count(kind) == 1);
      ++compared;
    }
    for (const char* name : {"idle", "channels", "alloc_reduction_after", "serial_stage_after"}) {
      INFO(release << " " << name);
      CHECK(kinds_of(findings_of(tables_of(test::capture(release, name)))).empty());
      ++compared;
    }
  }
  CHECK(compared == 91);
}

TEST_CASE("findings: serial is only what its stages make so") {
  // What stands still for a lock, the collector or a P is told by the rules about these.
  for (const char* release :
       {"go1.19", "go1.22", "go1.23", "go1.24", "go1.25", "go1.26", "go1.27"}) {
    for (const std::string name :
         {"pipeline_parallel", "serial_stage_after", "lock_split_before", "lock_split_after",
          "locks", "greedy", "gcassist", "gcassist_generations", "runtimegc"}) {
      if (name == "gcassist_generations" && release == std::string("go1.19")) continue;
      INFO(release << " " << name);
      CHECK(kinds_of(findings_of(tables_of(test::capture(release, name)))).count("serial") == 0);
    }
  }
}

TEST_CASE("findings: names that scripts rely on") {
  std::vector<std::string> rules;
  for (const FindingRule* rule : all_rules()) rules.emplace_back(rule->id);
  CHECK(rules == std::vector<std::string>{"damaged", "short", "tracer-overhead", "oversubscription",
                                          "greedy", "serial", "gc-assist", "low-mmu", "long-stw",
                                          "lock-contention", "network-bound", "blocking-syscalls",
                                          "fine-regions", "growth"});
  const Table table = judged(made_up_capture(1'000'000'000, 1));
  std::vector<std::string> columns;
  for (const Column& c : table.columns) columns.push_back(c.id);
  CHECK(columns == std::vector<std::string>{"rank", "title", "evidence", "command", "advice",
                                            "kind", "score", "figure", "threshold", "unit",
                                            "measure", "window_ns", "time_ns", "stack"});
}

TEST_CASE("findings: the stack that is to blame") {
  const auto stack_of = [](const char* name, const std::string& kind) {
    const Table findings = findings_of(tables_of(test::capture(name)));
    for (size_t row = 0; row < findings.rows.size(); ++row)
      if (cell(findings, row, "kind") == kind) return cell(findings, row, "stack");
    return std::string("not found");
  };
  CHECK_THAT(stack_of("go1.27/http", "lock-contention"),
             Catch::StartsWith("sync.(*Mutex).Unlock<") && Contains("<main.(*shop).lookup<"));
  CHECK_THAT(stack_of("go1.27/syscalls", "blocking-syscalls"), Contains("<main.sleepInKernel"));
  CHECK(stack_of("go1.27/leak", "growth") == "main.search<main.leakNewGoroutines<main.main");
  CHECK_THAT(stack_of("go1.27/runtimegc", "long-stw"), Contains("<main.dumpHeap"));
}

TEST_CASE("findings: low utilization at a budget of the user's") {
  const auto path = test::capture("go1.27/gcassist");
  const auto mmu = nlohmann::json::parse(cli({"mmu", path, "-f", "json"}).out);
  size_t compared = 0;
  for (const auto& row : mmu["tables"]["mmu"]["rows"]) {
    const auto window = row["window_ns"].get<int64_t>();
    const CliResult found = cli({"findings", path, "-f", "json", "--threshold",
                                 "low-mmu=" + std::to_string(window) + "ns:100%"});
    REQUIRE(found.code == 0);
    INFO(window);
    size_t judged = 0;
    const auto findings = nlohmann::json::parse(found.out);
    for (const auto& finding : findings["tables"]["findings"]["rows"]) {
      if (finding["kind"] != "low-mmu") continue;
      CHECK(finding["figure"].get<double>() == Approx(row["mmu"].get<double>()).margin(1e-12));
      CHECK(finding["window_ns"] == window);
      ++judged;
    }
    CHECK(judged == (row["mmu"].get<double>() < 1));
    ++compared;
  }
  CHECK(compared == 8);
  // No window of that length is in the capture.
  CHECK_THAT(cli({"findings", path, "--threshold", "low-mmu=1m:100%"}).out,
             !Contains("leaves little CPU"));
}

TEST_CASE("findings: under filters it says so") {
  const std::string path = test::capture("go1.27/http");
  const CliResult window = cli({"findings", path, "--from", "1ms", "--to", "9ms"});
  CHECK_THAT(window.out,
             Contains("only what these options select was judged: --from 1ms --to 9ms"));
  CHECK_THAT(window.out, !Contains("of everything"));
  const CliResult nobody =
      cli({"findings", path, "--function", "nobody", "--no-system", "--width", "0"});
  CHECK_THAT(nobody.out, Contains("Nothing was judged: no goroutine matches the filter.") &&
                             !Contains("Nothing wrong was found") && !Contains("1. "));
  const CliResult some =
      cli({"findings", path, "--function", "main", "--no-system", "--width", "0"});
  CHECK_THAT(some.out, Contains("was judged: --function main --no-system; collections, stops, "
                                "oversubscription and the capture itself are of everything"));
  const CliResult late = cli({"findings", path, "--from", "10h"});
  CHECK(late.code == 0);
  CHECK_THAT(late.err, Contains("behind the end of the capture, which is 18.4ms long"));
  CHECK_THAT(cli({"analyze", path, "--task", "7"}).out, Contains("was judged: --task 7"));
  CHECK_THAT(cli({"findings", path, "--region", "query", "-f", "json"}).out,
             Contains("was judged: --region query"));
  CHECK_THAT(cli({"findings", path}).out, !Contains("was judged"));
}

TEST_CASE("findings: ranked, and gone with a threshold beyond the figure, in every capture") {
  size_t found = 0;
  for (const auto& path : capture_files()) {
    INFO(path);
    const Judged run = tables_of(path);
    const Table findings = findings_of(run);
    found += findings.rows.size();
    CHECK(findings.notes.size() == (findings.rows.empty() ? 1 : 0));
    for (size_t row = 0; row < findings.rows.size(); ++row) {
      const std::string kind = cell(findings, row, "kind");
      CHECK(cell(findings, row, "rank") == std::to_string(row + 1));
      CHECK(number(findings, row, "score") <= 100);
      if (row > 0) CHECK(number(findings, row, "score") <= number(findings, row - 1, "score"));
      CHECK_THAT(cell(findings, row, "evidence"), Catch::EndsWith("."));
      CHECK_THAT(cell(findings, row, "evidence"), !Contains("  ") && !Contains("nan "));
      const auto& rules = all_rules();
      const FindingRule* rule =
          *std::ranges::find_if(rules, [&](const FindingRule* r) { return kind == r->id; });
      const double figure = number(findings, row, "figure");
      const double beyond = figure * (rule->below ? 0.999 : 1.001);
      CHECK(kinds_of(findings_of(run, {{kind, {beyond}}})).count(kind) == 0);
    }
  }
  CHECK(found > 100);
}

TEST_CASE("findings: thresholds as they are typed") {
  Thresholds thresholds;
  CHECK(read_threshold("gc-assist=12.5%", thresholds) == std::nullopt);
  CHECK(read_threshold("low-mmu=0.25", thresholds) == std::nullopt);
  CHECK(read_threshold("long-stw=250us", thresholds) == std::nullopt);
  CHECK(read_threshold("oversubscription=3", thresholds) == std::nullopt);
  CHECK(thresholds == Thresholds{{"gc-assist", {0.125}},
                                 {"low-mmu", {0.25}},
                                 {"long-stw", {250e3}},
                                 {"oversubscription", {3}}});
  CHECK(read_threshold("low-mmu=25ms:40%", thresholds) == std::nullopt);
  CHECK(thresholds["low-mmu"] == Limit{0.4, 25'000'000});
  const auto refused = [&](const std::string& text) {
    return read_threshold(text, thresholds).value_or("accepted");
  };
  CHECK_THAT(refused("gc-asist=1"),
             Catch::StartsWith("unknown finding \"gc-asist\"; did you mean \"gc-assist\"? "
                               "(findings: damaged, short, ") &&
                 Catch::EndsWith(", growth)"));
  CHECK_THAT(refused("foo=1"), Catch::StartsWith("unknown finding \"foo\" (findings: damaged, "));
  CHECK_THAT(refused("gc-assist"), Contains("a value is missing"));
  for (const char* text : {"gc-assist=", "gc-assist=%", "gc-assist=-1", "gc-assist=1x",
                           "gc-assist=nan", "gc-assist=inf"})
    CHECK_THAT(refused(text), Contains("a share like 10%"));
  CHECK_THAT(refused("long-stw=5"), Contains("a time like 1ms"));
  CHECK_THAT(refused("oversubscription=5%"), Contains("a number"));
  for (const char* text : {"low-mmu=25:40%", "low-mmu=0ms:40%", "low-mmu=25ms:", "low-mmu=:1"})
    CHECK_THAT(refused(text), Contains("25ms:40% for another window"));
  CHECK_THAT(refused("gc-assist=25ms:40%"), Contains("a share like 10%"));
  CHECK(refused("gc-assist=5") ==
        "\"gc-assist=5\": \"5\" is more than 1, the whole: did you mean 5%?");
  CHECK(refused("low-mmu=25ms:101%") ==
        "\"low-mmu=25ms:101%\": \"101%\" is more than 1, the whole; write 12% or 0.12");
  CHECK(read_threshold("gc-assist=100%", thresholds) == std::nullopt);
  CHECK(read_threshold("lock-contention=5", thresholds) == std::nullopt);
  CHECK(thresholds["lock-contention"] == Limit{5, 0});
}

TEST_CASE("findings: the command") {
  const CliResult idle = cli({"findings", test::capture("go1.27/idle")});
  CHECK(idle.code == 0);
  CHECK(idle.out == "Findings\nNothing wrong was found; " + std::to_string(all_rules().size()) +
                        " rules looked for it.\n");

  const CliResult text = cli({"findings", test::capture("go1.27/greedy"), "--width", "80"});
  CHECK(text.code == 0);
  CHECK_THAT(text.out, Catch::StartsWith("Findings\n1. ") && Contains("\n   See: tracetool ") &&
                           Contains("\n   Try: ") && Contains("\n2. ") && !Contains("long-stw"));
  CHECK_THAT(cli({"findings", test::capture("go1.27/greedy"), "-f", "markdown"}).out,
             Contains("\n1. **") && Contains("\n   - See: tracetool "));

  const CliResult json =
      cli({"findings", test::capture("go1.27/greedy"), "-f", "json", "--threshold", "long-stw=1h"});
  CHECK(json.code == 0);
  const auto tables = nlohmann::json::parse(json.out)["tables"];
  CHECK(tables.size() == 1);
  REQUIRE(tables["findings"]["rows"].size() == 1);
  CHECK(tables["findings"]["rows"][0]["kind"] == "greedy");
  CHECK(tables["findings"]["rows"][0]["figure"] > 100e6);

  const CliResult csv =
      cli({"findings", test::capture("go1.27/idle"), "-f", "csv", "--columns", "rank,kind,score"});
  CHECK(csv.out == "rank,kind,score\r\n");
  const CliResult wrong =
      cli({"findings", test::capture("go1.27/idle"), "--threshold", "greedi=1ms"});
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, Contains("did you mean \"greedy\""));
  for (const FindingRule* rule : all_rules())
    CHECK_THAT(cli({"findings", "--help"}).out, Contains(std::string("\n  ") + rule->id + " "));
}
