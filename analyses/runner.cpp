#include "analyses/runner.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>

#include "analyses/block_ring.h"
#include "reports/units.h"

namespace tracetool {
namespace {

/// Moves times into the window, so that durations are clipped without any pass knowing of it.
/// What lies outside keeps its effect on states, at no length.
void clip(Block& block, int64_t from, int64_t to) {
  for (Event& e : std::span(block.events, block.count)) {
    if (e.since != kNever) e.since = std::clamp(e.since, from, to);
    if (e.kind == EventKind::kGoTransition && e.from() == GoState::kSyscall && e.p_lost() != kNever)
      e.arg = static_cast<uint64_t>(std::clamp(e.p_lost(), from, to));
    if (e.kind == EventKind::kRegionEnd)
      e.arg2 = static_cast<uint64_t>(std::clamp(static_cast<int64_t>(e.arg2), from, to));
    if (e.time < from || e.time > to) {
      e.time = std::clamp(e.time, from, to);
      e.flags |= kFlagOutside;
    }
  }
}

/// Passes that share a thread, and what they see of the capture.
class Crew {
 public:
  Crew(TraceReader& reader, const RunOptions& options)
      : reader_(reader),
        options_(options),
        goroutines_(reader.tables(), options.goroutines),
        context{reader.tables(), goroutines_, options.scope.active()} {}

  bool block(const Block& block) {
    goroutines_.block(block);
    for (Pass* pass : passes) pass->block(block);
    return true;
  }
  /// Reads the capture on the calling thread, for this crew alone.
  void read_alone(const std::function<void(uint64_t)>& progress) {
    BlockPlan plan{prepare(), {}};
    plan.consumers.emplace_back([this](const Block& b) { return block(b); });
    run_blocks(reader_, 1, progress, plan);
  }
  /// What has to be done to each block before any pass sees it; empty for nothing.
  std::function<void(Block&)> prepare() {
    const bool windowed = options_.from > 0 || options_.to != INT64_MAX;
    if (options_.scope.active())
      scope_ = std::make_unique<ScopeFilter>(reader_.tables(), options_.scope);
    if (!windowed && scope_ == nullptr) return {};
    return [this, windowed](Block& block) {
      if (windowed) clip(block, options_.from, options_.to);
      if (scope_ != nullptr) scope_->rewrite(block);
    };
  }
  /// After the last block: which of the user's filters left nothing; empty if something was left.
  std::string why_nothing(const CaptureFacts& facts) const {
    if (facts.events > 0 && options_.from > facts.duration)
      return "the time window begins behind the end of the capture, which is " +
             format_duration(static_cast<double>(facts.duration)) + " long";
    if (!goroutines_.matched()) return "no goroutine matches the filter";
    if (scope_ != nullptr && !scope_->matched())
      return "no region in the capture is of such a type or task";
    return "";
  }

 private:
  TraceReader& reader_;
  const RunOptions& options_;
  GoroutineIndex goroutines_;
  std::unique_ptr<ScopeFilter> scope_;

 public:
  const RunContext context;
  std::vector<Pass*> passes;
};

/// Of times that are so long that sums of them may not fit into 64 bits: what has a sum in it.
void leave_out_sums(Report& report) {
  for (Table& table : report.tables) {
    bool left_out = false;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      if (column.role != Role::kSum && column.role != Role::kStat) continue;
      if (column.unit != Unit::kNanoseconds && column.unit != Unit::kRatio) continue;
      for (auto& row : table.rows) row[c] = Cell();
      left_out = true;
    }
    if (!left_out || table.rows.empty()) continue;
    // Notes are worked out of the same sums.
    table.notes = {"sums of times, means and shares are left out: they may not fit into 64 bits"};
  }
}

/// From how many ns an event on it pays to hand a lone pass its events on another thread: to write
/// them to where another core sees them costs about as much.
constexpr int kWorthHandingOver = 15;

/// Who takes which request: the dearest first, each to the crew with the least to do.
std::vector<size_t> spread(const std::vector<PassRequest>& requests, size_t crews) {
  std::vector<size_t> order(requests.size()), crew_of(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](size_t i) { return requests[i].info->cost; });
  std::vector<int> load(crews);
  for (const size_t i : order) {
    crew_of[i] = static_cast<size_t>(std::ranges::min_element(load) - load.begin());
    load[crew_of[i]] += requests[i].info->cost;
  }
  return crew_of;
}

}  // namespace

std::string run_passes(TraceReader& reader, const RunOptions& options,
                       const std::vector<PassRequest>& requests, Report& report) {
  const size_t wanted = std::clamp<size_t>(static_cast<size_t>(options.threads), 1,
                                           std::max<size_t>(1, requests.size()));
  std::vector<std::unique_ptr<TraceReader>> twins;
  while (options.twin && twins.size() + 1 < wanted) {
    twins.push_back(options.twin());
    if (twins.back() != nullptr) continue;
    // Moved away meanwhile, or too many open files: one reader does for all.
    twins.clear();
    break;
  }
  std::vector<std::unique_ptr<Crew>> crews;
  for (size_t i = 0; i < wanted; ++i) {
    const bool own = i > 0 && !twins.empty();
    crews.push_back(std::make_unique<Crew>(own ? *twins[i - 1] : reader, options));
  }
  const std::vector<size_t> crew_of = spread(requests, crews.size());
  std::vector<std::unique_ptr<Pass>> passes;
  for (size_t i = 0; i < requests.size(); ++i) {
    Crew& crew = *crews[crew_of[i]];
    std::string error;
    passes.push_back(requests[i].info->make(crew.context, requests[i].options, error));
    if (passes.back() == nullptr) return error;
    crew.passes.push_back(passes.back().get());
  }
  if (twins.empty()) {
    BlockPlan plan{crews[0]->prepare(), {}};
    for (const auto& crew : crews)
      plan.consumers.emplace_back([&crew](const Block& block) { return crew->block(block); });
    const bool alone = requests.size() == 1 && requests[0].info->cost < kWorthHandingOver;
    run_blocks(reader, alone ? 1 : options.threads, options.progress, plan);
  } else {
    std::vector<std::thread> others;
    for (size_t i = 1; i < crews.size(); ++i)
      others.emplace_back([&crew = *crews[i]] { crew.read_alone({}); });
    crews[0]->read_alone(options.progress);
    for (std::thread& thread : others) thread.join();
    for (const auto& twin : twins)
      if (twin->facts().bytes != reader.facts().bytes)
        return "the capture changed while it was read";
  }
  const Capture capture{reader.facts(), std::min(options.from, reader.facts().duration),
                        std::min(options.to, reader.facts().duration)};
  for (const auto& pass : passes) pass->finish(capture, report);
  if (reader.facts().sums_overflow) leave_out_sums(report);
  report.nothing_selected = crews[0]->why_nothing(reader.facts());
  return "";
}

}  // namespace tracetool
