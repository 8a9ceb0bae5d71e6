// How the work and the memory of each pass grow with the input, on traces that are made to be dear.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "analyses/engine/pass.h"
#include "parser/trace_reader.h"
#include "tests/growth/counters.h"
#include "tests/growth/shapes.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// n log n, and what the growing of tables adds.
constexpr double kGrowth = 2.2;
/// Bytes that a pass may keep for a byte of the capture.
constexpr double kMostMemory = 200;

using Given = std::map<std::string, std::string>;

struct Run {
  const PassInfo* pass;
  Given options;
  bool together = false;
};

/// Every pass as it is by itself, and with what makes it keep more or less.
std::vector<Run> all_runs() {
  static const std::map<std::string, std::vector<Given>> kMore = {
      {"blocking", {{{"--open", "1"}}}},
      {"critical-path", {{{"--task-type", "t"}}, {{"--goroutine", "1"}}, {{"--region", "r"}}}},
      {"goroutines", {{{"--each", "1"}}}},
      {"mmu", {{{"--per-proc", "1"}}, {{"--include", "stw,background,assist,sweep"}}}},
      {"tasks", {{{"--id", "1"}}}},
      {"wakers", {{{"--wait", "1@1us"}}}},
  };
  std::vector<Run> runs;
  for (const PassInfo* pass : all_passes()) {
    runs.push_back({pass, {}});
    runs.push_back({pass, {}, true});
    const auto more = kMore.find(pass->name);
    if (more == kMore.end()) continue;
    for (const Given& options : more->second) runs.push_back({pass, options});
  }
  return runs;
}

/// Blocks as they come from the reader; only what the pass does with them is counted.
class CountedSink final : public BlockSink {
 public:
  CountedSink(GoroutineIndex& goroutines, Pass& pass) : goroutines_(goroutines), pass_(pass) {}
  Block* exchange(Block* full) override {
    if (full != nullptr) {
      const Counting counting;
      goroutines_.block(*full);
      pass_.block(*full);
    }
    block_->clear();
    return block_.get();
  }

 private:
  GoroutineIndex& goroutines_;
  Pass& pass_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

Cost cost_of(const Run& run, const Bytes& trace, bool damaged) {
  Input input;
  REQUIRE_FALSE(open_memory(trace, {.own_thread = false}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  const GoroutineFilter everybody;
  GoroutineIndex goroutines(reader.tables(), everybody);
  const RunContext context{
      .tables = reader.tables(), .goroutines = goroutines, .together = run.together};
  PassOptions options = default_options(*run.pass);
  for (const auto& [name, value] : run.options) options.set(name, value);
  std::string error;
  const auto pass = run.pass->make(context, options, error);
  REQUIRE(error.empty());
  reset_cost();
  CountedSink sink(goroutines, *pass);
  reader.read(sink);
  INFO((reader.facts().faults.empty() ? "" : reader.facts().faults[0].describe()));
  REQUIRE(reader.facts().damaged() == damaged);
  Report report;
  const Capture capture{reader.facts(), 0, reader.facts().duration};
  {
    const Counting counting;
    pass->finish(capture, report);
  }
  return cost();
}

}  // namespace

TEST_CASE("Twice the input is at most 2.2 times the work and the memory, for every pass",
          "[growth]") {
  for (const Shape& shape : all_shapes()) {
    const Bytes once = shape.make(shape.n), twice = shape.make(2 * shape.n);
    INFO(shape.what << ", " << once.size() << " and " << twice.size() << " bytes");
    CHECK(twice.size() < 2.1 * static_cast<double>(once.size()));
    for (const Run& run : all_runs()) {
      INFO(run.pass->name << " " << nlohmann::json(run.options).dump());
      const Cost less = cost_of(run, once, shape.damaged);
      const Cost more = cost_of(run, twice, shape.damaged);
      CHECK(static_cast<double>(more.steps) <= kGrowth * static_cast<double>(less.steps));
      CHECK(static_cast<double>(more.memory) <= kGrowth * static_cast<double>(less.memory));
      CHECK(static_cast<double>(more.memory) <= kMostMemory * static_cast<double>(twice.size()));
    }
  }
}
