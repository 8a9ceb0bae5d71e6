#include "analyses/runner.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "analyses/block_ring.h"

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

/// Passes that share a thread.
struct Crew {
  Crew(const Tables& tables, const RunOptions& options)
      : goroutines(tables, options.goroutines),
        context{tables, goroutines, options.scope.active()} {}
  bool block(const Block& block) {
    goroutines.block(block);
    for (Pass* pass : passes) pass->block(block);
    return true;
  }
  GoroutineIndex goroutines;
  const RunContext context;
  std::vector<Pass*> passes;
};

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
  const size_t most = std::max<size_t>(1, requests.size());
  const size_t wanted = options.threads < 3 ? 1 : static_cast<size_t>(options.threads) - 1;
  std::vector<std::unique_ptr<Crew>> crews;
  for (size_t i = 0; i < std::min(most, wanted); ++i)
    crews.push_back(std::make_unique<Crew>(reader.tables(), options));
  const std::vector<size_t> crew_of = spread(requests, crews.size());
  std::vector<std::unique_ptr<Pass>> passes;
  for (size_t i = 0; i < requests.size(); ++i) {
    Crew& crew = *crews[crew_of[i]];
    std::string error;
    passes.push_back(requests[i].info->make(crew.context, requests[i].options, error));
    if (passes.back() == nullptr) return error;
    crew.passes.push_back(passes.back().get());
  }
  BlockPlan plan;
  const bool windowed = options.from > 0 || options.to != INT64_MAX;
  std::optional<ScopeFilter> scope;
  if (options.scope.active()) scope.emplace(reader.tables(), options.scope);
  if (windowed || scope) {
    plan.prepare = [&](Block& block) {
      if (windowed) clip(block, options.from, options.to);
      if (scope) scope->rewrite(block);
    };
  }
  for (const auto& crew : crews)
    plan.consumers.emplace_back([&crew](const Block& block) { return crew->block(block); });
  run_blocks(reader, options.threads, options.progress, plan);
  const Capture capture{reader.facts(), std::min(options.from, reader.facts().duration),
                        std::min(options.to, reader.facts().duration)};
  for (const auto& pass : passes) pass->finish(capture, report);
  return "";
}

}  // namespace tracetool
