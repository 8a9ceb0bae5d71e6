#include "tests/support/findings_run.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "analyses/engine/runner.h"
#include "parser/input/byte_source.h"
#include "tests/support/pass_run.h"

namespace tracetool::test {

const PassInfo& pass_named(const std::string& name) {
  const auto& passes = all_passes();
  const auto it = std::ranges::find_if(passes, [&](const PassInfo* p) { return name == p->name; });
  REQUIRE(it != passes.end());
  return **it;
}

PassOptions defaults_of(const PassInfo& pass) { return default_options(pass); }

Judged tables_of(const std::filesystem::path& path) {
  std::set<std::string> names;
  for (const FindingRule* rule : all_rules())
    names.insert(rule->passes.begin(), rule->passes.end());
  Input input;
  REQUIRE_FALSE(open_input(path.string(), {}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  std::vector<PassRequest> requests;
  for (const std::string& name : names) {
    const PassInfo& pass = pass_named(name);
    requests.push_back({&pass, defaults_of(pass)});
  }
  Judged run;
  RunOptions options;
  options.threads = 1;
  options.together = true;
  CHECK(run_passes(reader, options, requests, run.report) == "");
  run.facts = reader.facts();
  return run;
}

Table findings_of(const Judged& run, const Thresholds& thresholds) {
  Report report = run.report;
  std::vector<std::string> missing;
  add_findings(report, run.facts, thresholds, &missing);
  CHECK(missing == std::vector<std::string>{});
  CHECK(report.tables.front().id == "findings");
  return report.tables.front();
}

Table judged(const Judged& run, const Thresholds& thresholds) {
  Report report = run.report;
  add_findings(report, run.facts, thresholds);
  return report.tables.front();
}

std::set<std::string> kinds_of(const Table& findings) {
  std::set<std::string> kinds;
  for (size_t row = 0; row < findings.rows.size(); ++row) kinds.insert(cell(findings, row, "kind"));
  return kinds;
}

std::string evidence_of(const Table& findings, const std::string& kind) {
  for (size_t row = 0; row < findings.rows.size(); ++row)
    if (cell(findings, row, "kind") == kind) return cell(findings, row, "evidence");
  return "";
}

Table made_up(const std::string& id, const std::vector<std::string>& columns,
              const std::vector<std::vector<Cell>>& rows) {
  Table table{.id = id};
  for (const std::string& column : columns)
    table.columns.push_back({.id = column, .heading = column});
  table.rows = rows;
  return table;
}

Judged made_up_capture(int64_t length, double rate) {
  Judged run;
  run.report.tables.push_back(
      made_up("capture",
              {"duration_ns", "events", "events_per_second", "bytes_per_second", "gomaxprocs_max",
               "format"},
              {{length, int64_t{1234}, rate, 1024.0, int64_t{4}, "go 1.26"}}));
  return run;
}

}  // namespace tracetool::test
