#include "analyses/runner.h"

#include <algorithm>
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

}  // namespace

std::string run_passes(TraceReader& reader, const RunOptions& options,
                       const std::vector<PassRequest>& requests, Report& report) {
  GoroutineIndex goroutines(reader.tables(), options.goroutines);
  const RunContext context{reader.tables(), goroutines, options.scope.active()};
  std::vector<std::unique_ptr<Pass>> passes;
  for (const PassRequest& request : requests) {
    std::string error;
    passes.push_back(request.info->make(context, request.options, error));
    if (passes.back() == nullptr) return error;
  }
  const bool windowed = options.from > 0 || options.to != INT64_MAX;
  std::optional<ScopeFilter> scope;
  if (options.scope.active()) scope.emplace(reader.tables(), options.scope);
  const auto consume = [&](Block& block) {
    if (windowed) clip(block, options.from, options.to);
    if (scope) scope->rewrite(block);
    goroutines.block(block);
    for (const auto& pass : passes) pass->block(block);
    return true;
  };
  run_blocks(reader, options.threads, options.progress, consume);
  const Capture capture{reader.facts(), std::min(options.from, reader.facts().duration),
                        std::min(options.to, reader.facts().duration)};
  for (const auto& pass : passes) pass->finish(capture, report);
  return "";
}

}  // namespace tracetool
