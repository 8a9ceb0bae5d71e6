// No duration and no time in any table is negative: of every committed capture, and of damaged
// ones.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "cli/damage_table.h"
#include "cli/load_report.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// All tables of all passes; none if it is no capture any more.
Report everything(const std::string& bytes) {
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
  const std::string error = run_passes(reader, run, requests, report);
  INFO(error);
  REQUIRE(error.empty());
  report.tables.push_back(damage_table(reader.facts()));
  return report;
}

struct Walked {
  size_t cells = 0;
  std::vector<std::string> negative;
};

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
    walk(everything(unpack(path)), walked);
    CHECK(walked.negative == std::vector<std::string>());
  }
  CHECK(walked.cells > 600'000);
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
  CHECK(readable > 400);
}
