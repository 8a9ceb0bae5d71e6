// What no figure of any table may be, of any committed capture: a duration or time is not negative,
// not in damaged ones either, a share is not above 1, and what took time was there.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "cli/io/damage_table.h"
#include "cli/io/load_report.h"
#include "parser/model/wire_version.h"
#include "reports/model/units.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// All tables of all passes; none if it is no capture any more.
Report everything(const std::string& bytes, const TimeWindow& window = {}) {
  Report report;
  Input input;
  const std::span<const uint8_t> all(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (open_memory(all, {.own_thread = false}, input)) return report;
  TraceReader reader(std::move(input), {});
  if (reader.open()) return report;
  std::vector<PassRequest> requests;
  REQUIRE(default_requests({}, requests).empty());
  RunOptions run;
  run.threads = 1;
  run.from = window.from;
  run.to = window.to;
  const std::string error = run_passes(reader, run, requests, report);
  INFO(error);
  REQUIRE(error.empty());
  report.tables.push_back(damage_table(reader.facts()));
  return report;
}

struct Walked {
  size_t cells = 0;
  std::vector<std::string> negative;
  size_t shares = 0;
  std::vector<std::string> above_one;
};

double number_at(const std::vector<Cell>& row, size_t at) {
  return at < row.size() ? number_in(row[at]).value_or(0) : 0;
}
size_t place_of(const Table& table, const std::string& id) {
  const auto it = std::ranges::find(table.columns, id, &Column::id);
  return static_cast<size_t>(it - table.columns.begin());
}

double sum_of(const Report& report, const std::string& id, const std::string& column) {
  const auto table = std::ranges::find(report.tables, id, &Table::id);
  REQUIRE(table != report.tables.end());
  REQUIRE(place_of(*table, column) < table->columns.size());
  double sum = 0;
  for (const auto& row : table->rows) sum += number_at(row, place_of(*table, column));
  return sum;
}

void walk_shares(const Report& report, Walked& walked) {
  for (const Table& table : report.tables) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (column.unit != Unit::kRatio || column.above_one) continue;
      for (const auto& row : table.rows) {
        ++walked.shares;
        // Sums of parts as double may miss the whole by a few last digits.
        if (number_at(row, i) > 1 + 1e-9)
          walked.above_one.push_back(table.id + "." + column.id + " = " +
                                     std::to_string(number_at(row, i)));
      }
    }
  }
}

/// Rows with time of what was there and no count of any such thing.
size_t nameless_time(const Report& report, std::vector<std::string>& found) {
  size_t looked = 0;
  for (const Table& table : report.tables) {
    for (const auto& [count, time] :
         {std::pair("count", "time_ns"), std::pair("open_count", "open_ns"),
          std::pair("open_start_count", "open_start_ns"),
          std::pair("open_end_count", "open_end_ns")}) {
      if (place_of(table, count) == table.columns.size()) continue;
      for (const auto& row : table.rows) {
        if (number_at(row, place_of(table, time)) == 0) continue;
        ++looked;
        double things = 0;
        for (const char* id : {"count", "yield_count", "preempted_count", "switch_count",
                               "open_count", "open_start_count", "open_end_count"})
          things += number_at(row, place_of(table, id));
        if (things == 0) found.push_back(table.id + "." + time);
      }
    }
  }
  return looked;
}

void walk(const Report& report, Walked& walked) {
  for (const Table& table : report.tables) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (column.delta || (column.unit != Unit::kNanoseconds && column.unit != Unit::kTime))
        continue;
      for (const auto& row : table.rows) {
        const auto* whole = std::get_if<int64_t>(&row[i]);
        const auto* real = std::get_if<double>(&row[i]);
        walked.cells += whole != nullptr || real != nullptr;
        // A double that is no number is not above 0 either.
        if ((whole != nullptr && *whole < 0) || (real != nullptr && !(*real >= 0)))
          walked.negative.push_back(
              table.id + "." + column.id + " = " +
              (whole != nullptr ? std::to_string(*whole) : std::to_string(*real)));
      }
    }
  }
}

/// One of the usual kinds of damage, behind the header.
std::string mutant(std::string bytes, std::mt19937& random) {
  const auto below = [&](size_t n) { return random() % n; };
  const auto place = [&] { return kHeaderBytes + below(bytes.size() - kHeaderBytes); };
  switch (below(4)) {
    case 0:
      for (size_t n = 1 + below(3); n > 0; --n) bytes[place()] ^= static_cast<char>(1u << below(8));
      break;
    case 1:
      bytes[place()] = static_cast<char>(below(256));
      break;
    case 2:
      bytes.resize(place());
      break;
    default: {
      const size_t from = place();
      bytes.insert(from, bytes.substr(from, 1 + below(400)));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("No duration in any table of any capture is negative", "[durations]") {
  Walked walked;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = everything(unpack(path));
    walk(report, walked);
    walk_shares(report, walked);
    CHECK(walked.negative == std::vector<std::string>());
    CHECK(walked.above_one == std::vector<std::string>());
  }
  CHECK(walked.cells > 600'000);
  CHECK(walked.shares > 60'000);
}

TEST_CASE("What took time in a window is counted there", "[durations]") {
  size_t looked = 0;
  for (const auto& path : captures()) {
    const std::string bytes = unpack(path);
    const Report whole = everything(bytes);
    const auto capture = std::ranges::find(whole.tables, "capture", &Table::id);
    REQUIRE(capture != whole.tables.end());
    const auto length =
        static_cast<int64_t>(number_at(capture->rows.at(0), place_of(*capture, "duration_ns")));
    for (const TimeWindow& window :
         {TimeWindow{0, length / 100}, TimeWindow{length / 4, length / 2},
          TimeWindow{length / 2, length / 2 + 1000}}) {
      INFO(path.string() << ", " << window.from << " to " << window.to);
      std::vector<std::string> found;
      const Report part = everything(bytes, window);
      looked += nameless_time(part, found);
      CHECK(found == std::vector<std::string>());
      // Also what is first heard of behind the window.
      CHECK(sum_of(part, "sched_runs", "execution_ns") ==
            sum_of(part, "goroutines", "execution_ns"));
    }
  }
  CHECK(looked == 12224);
}

TEST_CASE("No duration in any table of a damaged capture is negative", "[durations]") {
  std::mt19937 random(20);
  Walked walked;
  size_t readable = 0;
  for (const char* name :
       {"go1.11/channels", "go1.19/cgocallback", "go1.19/idle", "go1.21/channels",
        "go1.22/cgocallback_go", "go1.22/alloc_reduction_after", "go1.24/nestedtasks",
        "go1.25/alloc_reduction_after", "go1.26/cgocallback_go", "go1.27/gotest",
        "go1.27/nestedtasks"}) {
    const std::string whole = unpack(capture(name));
    for (size_t i = 0; i < 40; ++i) {
      const std::string bytes = mutant(whole, random);
      INFO(name << ", mutant " << i);
      const size_t before = walked.cells;
      walk(everything(bytes), walked);
      readable += walked.cells > before;
      CHECK(walked.negative == std::vector<std::string>());
      walked.negative.clear();
    }
  }
  CHECK(readable == 440);
}
