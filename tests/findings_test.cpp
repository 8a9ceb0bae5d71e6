#include "analyses/findings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;

namespace {

const PassInfo& pass_named(const std::string& name) {
  const auto& passes = all_passes();
  const auto it = std::ranges::find_if(passes, [&](const PassInfo* p) { return name == p->name; });
  REQUIRE(it != passes.end());
  return **it;
}

PassOptions defaults_of(const PassInfo& pass) {
  PassOptions options;
  options.set("in-analyze", "1");
  for (const PassOption& option : pass.options) options.set(option.name, option.default_value);
  return options;
}

std::vector<std::string> passes_of_rules() {
  std::set<std::string> names;
  for (const FindingRule* rule : all_rules())
    names.insert(rule->passes.begin(), rule->passes.end());
  return {names.begin(), names.end()};
}

struct Run {
  Report report;
  CaptureFacts facts;
};

/// The tables that the rules read.
Run tables_of(const std::filesystem::path& path) {
  Input input;
  REQUIRE_FALSE(open_input(path.string(), {}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  std::vector<PassRequest> requests;
  for (const std::string& name : passes_of_rules()) {
    const PassInfo& pass = pass_named(name);
    requests.push_back({&pass, defaults_of(pass)});
  }
  Run run;
  RunOptions options;
  options.threads = 1;
  CHECK(run_passes(reader, options, requests, run.report) == "");
  run.facts = reader.facts();
  return run;
}

Table findings_of(const Run& run, const Thresholds& thresholds = {}) {
  Report report = run.report;
  std::vector<std::string> missing;
  add_findings(report, run.facts, thresholds, &missing);
  CHECK(missing == std::vector<std::string>{});
  CHECK(report.tables.front().id == "findings");
  return report.tables.front();
}

std::set<std::string> kinds_of(const Table& findings) {
  std::set<std::string> kinds;
  for (size_t row = 0; row < findings.rows.size(); ++row) kinds.insert(cell(findings, row, "kind"));
  return kinds;
}

double number(const Table& table, size_t row, const std::string& column) {
  return std::stod(cell(table, row, column));
}

/// A table of one row for rules to read.
Table record(const std::string& id, const std::vector<std::pair<std::string, Cell>>& cells) {
  Table table{.id = id};
  table.rows.emplace_back();
  for (const auto& [column, cell] : cells) {
    table.columns.push_back({.id = column, .heading = column});
    table.rows[0].push_back(cell);
  }
  return table;
}

/// A capture of that length and that many events a second.
Run made_up(int64_t length, double rate) {
  Run run;
  run.report.tables.push_back(record("capture", {{"duration_ns", length},
                                                 {"events", int64_t{1234}},
                                                 {"events_per_second", rate},
                                                 {"bytes_per_second", 1024.0},
                                                 {"gomaxprocs_max", int64_t{4}}}));
  return run;
}

Table judged(const Run& run, const Thresholds& thresholds = {}) {
  Report report = run.report;
  add_findings(report, run.facts, thresholds);
  return report.tables.front();
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
  report.tables.push_back(record("capture", {{"duration_ns", int64_t{1}}}));
  ReportView view(report);
  view.table("capture", {"duration_ns", "gone"});
  view.table("nowhere", {"a"});
  CHECK(view.missing() == std::vector<std::string>{"capture.gone", "nowhere"});
}

TEST_CASE("findings: score, order and threshold") {
  // 4 million events a second on 4 Ps: twice the 500,000 that each P may have.
  const Table fast = judged(made_up(1'000'000'000, 4e6));
  REQUIRE(fast.rows.size() == 1);
  CHECK(cell(fast, 0, "kind") == "tracer-overhead");
  CHECK(number(fast, 0, "figure") == 1e6);
  CHECK(number(fast, 0, "threshold") == 500e3);
  CHECK(cell(fast, 0, "unit") == "per_second");
  // (1 - 0.5 / 2) x 70
  CHECK(cell(fast, 0, "score") == "53");
  // At the threshold it is a finding, below it is none.
  CHECK(kinds_of(judged(made_up(1'000'000'000, 2e6))) == std::set<std::string>{"tracer-overhead"});
  CHECK(judged(made_up(1'000'000'000, 2e6 - 8)).rows.empty());
  CHECK(judged(made_up(1'000'000'000, 4e6), {{"tracer-overhead", 1e6 + 1}}).rows.empty());
}

TEST_CASE("findings: a short capture is judged by nothing else") {
  const Table four = judged(made_up(4'000'000, 4e6));
  REQUIRE(four.rows.size() == 1);
  CHECK(cell(four, 0, "kind") == "short");
  // 4 of 5 ms: 1 - 0.8 / 2
  CHECK(cell(four, 0, "score") == "60");
  CHECK_THAT(cell(four, 0, "evidence"), Contains("4.00ms long and has 1,234 events"));
  CHECK(kinds_of(judged(made_up(5'000'000, 4e6))) == std::set<std::string>{"tracer-overhead"});
  CHECK(kinds_of(judged(made_up(4'000'000, 4e6), {{"short", 0}})) ==
        std::set<std::string>{"tracer-overhead"});
}

TEST_CASE("findings: damage comes first, with what is missing") {
  Run run = made_up(4'000'000, 1);
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
      {"greedy", {"greedy", "serial", "long-stw"}},
      {"gcassist", {"gc-assist", "low-mmu", "long-stw"}},
      {"alloc_reduction_before", {"gc-assist", "low-mmu", "long-stw"}},
      {"runtimegc", {"long-stw"}},
      {"lock_split_before", {"lock-contention", "serial"}},
      {"locks", {"lock-contention"}},
      {"http", {"lock-contention", "network-bound"}},
      {"syscalls", {"blocking-syscalls"}},
      {"startstop", {"short"}},
      {"leak", {"growth"}},
      {"fineregions", {"fine-regions", "serial", "tracer-overhead"}},
  };
  for (const auto& [name, kinds] : expected) {
    INFO(name);
    CHECK(kinds_of(findings_of(tables_of(test::capture("go1.27", name)))) == kinds);
  }
  // Each rule is among them, but for damage, which no capture here has.
  std::set<std::string> seen = {"damaged"}, all;
  for (const auto& [name, kinds] : expected) seen.insert(kinds.begin(), kinds.end());
  for (const FindingRule* rule : all_rules()) all.insert(rule->id);
  CHECK(seen == all);
}

TEST_CASE("findings: ranked, and gone with a threshold beyond the figure, in every capture") {
  size_t found = 0;
  for (const auto& path : capture_files()) {
    INFO(path);
    const Run run = tables_of(path);
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
      CHECK(kinds_of(findings_of(run, {{kind, beyond}})).count(kind) == 0);
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
  CHECK(thresholds ==
        Thresholds{
            {"gc-assist", 0.125}, {"low-mmu", 0.25}, {"long-stw", 250e3}, {"oversubscription", 3}});
  const auto refused = [&](const std::string& text) {
    return read_threshold(text, thresholds).value_or("accepted");
  };
  CHECK(refused("gc-asist=1") == "unknown finding \"gc-asist\"; did you mean \"gc-assist\"?");
  CHECK_THAT(refused("gc-assist"), Contains("a value is missing"));
  for (const char* text : {"gc-assist=", "gc-assist=%", "gc-assist=-1", "gc-assist=1x",
                           "gc-assist=nan", "gc-assist=inf"})
    CHECK_THAT(refused(text), Contains("a share like 10%"));
  CHECK_THAT(refused("long-stw=5"), Contains("a time like 1ms"));
  CHECK_THAT(refused("oversubscription=5%"), Contains("a number"));
}

TEST_CASE("findings: the command") {
  const CliResult idle = cli({"findings", test::capture("go1.27/idle")});
  CHECK(idle.code == 0);
  CHECK(idle.out == "Findings\nNothing wrong was found; " + std::to_string(all_rules().size()) +
                        " rules looked for it.\n");

  const CliResult text = cli({"findings", test::capture("go1.27/greedy"), "--width", "80"});
  CHECK(text.code == 0);
  CHECK_THAT(text.out, Catch::StartsWith("Findings\n1. ") && Contains("\n   See: tracetool ") &&
                           Contains("\n   Try: ") && Contains("\n3. ") && !Contains("long-stw"));
  CHECK_THAT(cli({"findings", test::capture("go1.27/greedy"), "-f", "markdown"}).out,
             Contains("\n1. **") && Contains("\n   - See: tracetool "));

  const CliResult json = cli({"findings", test::capture("go1.27/greedy"), "-f", "json",
                              "--threshold", "serial=99%", "--threshold", "long-stw=1h"});
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
