// Reading ends with the generation that passes the time window, and figures are those of a whole
// read, but for what only the rest of the capture would tell.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "analyses/engine/runner.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/findings_run.h"
#include "tests/support/long_trace.h"
#include "tests/support/pass_run.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

std::vector<PassRequest> every_pass() {
  std::vector<PassRequest> requests;
  for (const PassInfo* pass : all_passes()) requests.push_back({pass, defaults_of(*pass)});
  return requests;
}

/// The bytes have to stay.
std::unique_ptr<TraceReader> reader_of(const std::string& bytes, bool own_thread = false) {
  Input input;
  const std::span memory(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  REQUIRE(!open_memory(memory, {.own_thread = own_thread}, input));
  auto reader = std::make_unique<TraceReader>(std::move(input), ReadOptions{});
  REQUIRE(!reader->open());
  return reader;
}

/// Generations that are read for a window that ends at `to`.
size_t generations_read(TraceReader& reader, int64_t to, int threads) {
  RunOptions run;
  run.threads = threads;
  run.together = true;
  run.to = to;
  Report report;
  REQUIRE(run_passes(reader, run, every_pass(), report).empty());
  CHECK(reader.facts().faults.empty());
  return reader.facts().generations.size();
}

/// Tables of which some figures hang on what lies behind the window, by what that is.
const std::set<std::string> kHangOnTheRest = {
    // Whether a wait that goes on behind what was read ends, and who ends it: it counts as open.
    "blocking", "blocking_classes", "blocking_wakers", "wakers", "sched", "sched_summary",
    "sched_worst", "sched_histogram", "sched_runs", "sched_longest_runs", "serial_culprits",
    "serial_phases", "goroutine_ranges", "critical_paths", "critical_path",
    "critical_path_functions", "critical_path_reasons", "task_list",
    // Names of goroutines that are told later, and the period of CPU samples.
    "goroutines", "block_reasons", "cpu", "cpu_groups", "cpu_stacks", "cpu_summary", "leaks",
    // What is counted as far as the capture is read.
    "capture", "threads", "thread_list"};

std::vector<std::string> sorted_rows(const Table& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) columns.push_back(column.id);
  std::vector<std::string> texts = rows(table, columns);
  std::ranges::sort(texts);
  return texts;
}

/// All time in waits and system calls: what was counted as ended may count as open.
int64_t waited(const Report& report) {
  const Table& classes = table(report, "blocking_classes");
  return sum(classes, "total_ns") + sum(classes, "open_start_ns") + sum(classes, "open_end_ns");
}

}  // namespace

TEST_CASE("Reading ends with the generation that passes the window", "[early][threads]") {
  const std::string trace = long_trace(6);
  const auto whole = reader_of(trace);
  REQUIRE(generations_read(*whole, INT64_MAX, 1) == 6);
  CHECK_FALSE(whole->facts().stopped_early);
  const auto& generations = whole->facts().generations;
  for (const int threads : {1, 2, 3}) {
    CAPTURE(threads);
    for (const std::string& bytes : {trace, zstd_packed(trace)}) {
      for (const size_t n : {size_t{1}, size_t{4}}) {
        const auto reader = reader_of(bytes, threads > 1);
        CHECK(generations_read(*reader, generations[n - 1].begin + 1, threads) == n);
        CHECK(reader->facts().stopped_early);
      }
      // Its last event does not pass the window: the next generation has to be looked at.
      CHECK(generations_read(*reader_of(bytes), generations[0].end, threads) == 2);
      const auto last = reader_of(bytes);
      CHECK(generations_read(*last, generations[5].begin + 1, threads) == 6);
      CHECK_FALSE(last->facts().stopped_early);
    }
  }
}

TEST_CASE("Each thread that reads a file for itself ends at the same place", "[early][threads]") {
  const std::string trace = long_trace(6);
  const auto reader = reader_of(trace);
  std::vector<const TraceReader*> twins;
  RunOptions run;
  run.threads = 3;
  run.together = true;
  run.to = 1000;
  run.twin = [&] {
    auto twin = reader_of(trace);
    twins.push_back(twin.get());
    return twin;
  };
  Report report;
  run_windows(*reader, run, std::vector<TimeWindow>{{0, 1000}}, every_pass(),
              [&](size_t, Report&&) {
                REQUIRE(twins.size() == 2);
                for (const TraceReader* twin : twins) CHECK(twin->facts().generations.size() == 1);
              });
  CHECK(reader->facts().generations.size() == 1);
}

TEST_CASE("Damage behind the window is not told, in it it is", "[early]") {
  const Folder folder("early");
  const std::string trace = long_trace(4);
  const std::string path = folder.write("cut.trace", trace.substr(0, trace.size() - 100));
  CHECK(cli({"goroutines", path}).code == 3);
  CHECK(cli({"goroutines", path, "--strict"}).code == 2);
  CHECK(cli({"goroutines", path, "--to", "1us"}).code == 0);
  CHECK(cli({"goroutines", path, "--to", "1us", "--strict"}).code == 0);
  CHECK(cli({"goroutines", path, "--to", "1h"}).code == 3);
}

TEST_CASE("What was not read is not told as a fact of the capture", "[early]") {
  const Folder folder("early");
  const std::string path = folder.write("long.trace", long_trace(4));
  const auto part = cli({"capture", path, "--to", "1us", "--format", "json"});
  REQUIRE(part.code == 0);
  const auto json = nlohmann::json::parse(part.out);
  for (const char* key : {"bytes", "events", "duration_ns"}) CHECK(json[key].is_null());
  CHECK(json["read_ns"].get<int64_t>() > 1000);
  const auto& row = json["tables"]["capture"]["rows"][0];
  CHECK(row["bytes"].is_null());
  CHECK(row["generations"].is_null());
  CHECK(row["duration_ns"] == 1000);
  CHECK(json["tables"]["capture"]["notes"].size() == 1);
  const auto none = cli({"goroutines", path, "--to", "1us", "--goroutine", "999999"});
  CHECK(none.err.find("no goroutine matches the filter as far as it was read") !=
        std::string::npos);
  // Saved results of a part can be compared: they say how long that is.
  const std::string saved =
      folder.write("saved.json", cli({"analyze", path, "--to", "1us", "--format", "json"}).out);
  CHECK(cli({"check", saved, "--to", "1us", "--require", "capture.duration_ns == 1us"}).code == 0);
}

TEST_CASE("A window's figures are those of a whole read", "[early]") {
  size_t stopped = 0;
  for (const auto& path : capture_files()) {
    const std::string bytes = unpack(path);
    const auto look = [&](std::vector<TimeWindow> windows, std::vector<Report>& reports) {
      auto reader = reader_of(bytes);
      RunOptions run;
      run.threads = 1;
      run.together = true;
      run_windows(*reader, run, windows, every_pass(),
                  [&](size_t, Report&& report) { reports.push_back(std::move(report)); });
      return reader;
    };
    std::vector<Report> whole;
    const auto generations = look({{}}, whole)->facts().generations;
    if (generations.size() < 2) continue;
    const int64_t duration = generations.back().end;
    for (const int64_t to : {int64_t{1000}, duration / 3, duration * 2 / 3}) {
      CAPTURE(path, to);
      std::vector<Report> reports;
      CHECK_FALSE(look({{0, to}, {}}, reports)->facts().stopped_early);
      stopped += look({{0, to}}, reports)->facts().stopped_early;
      const Report &all = reports[0], &part = reports[2];
      REQUIRE(all.tables.size() == part.tables.size());
      for (size_t t = 0; t < all.tables.size(); ++t) {
        if (kHangOnTheRest.contains(all.tables[t].id)) continue;
        CAPTURE(all.tables[t].id);
        CHECK(sorted_rows(all.tables[t]) == sorted_rows(part.tables[t]));
      }
      CHECK(waited(all) == waited(part));
    }
  }
  CHECK(stopped == 146);
}
