#include "analyses/engine/scope_filter.h"

#include <algorithm>

#include "analyses/engine/by_id.h"
#include "analyses/engine/selection.h"

namespace tracetool {
namespace {

constexpr size_t kMostCrossed = 64;  // as the reader's, when it looks for what ends

/// Nothing happens at `e` and what it ends took no time.
void put_outside(Event& e) {
  e.flags |= kFlagOutside;
  if (e.since != kNever) e.since = e.time;
}

}  // namespace

void ScopeFilter::rewrite(Block& block) {
  size_t next_rare = 0;
  const auto rares = block.rare_positions();
  for (uint32_t at = 0; at < block.count; ++at) {
    Event& e = block.events[at];
    if (e.kind == EventKind::kGoTransition) {
      transition(e);
    } else if (next_rare < rares.size() && rares[next_rare] == at) {
      ++next_rare;
      rare(e);
    }
  }
}

ScopeFilter::Goroutine& ScopeFilter::make(GoSlot g) {
  uint32_t& number = by_id(index_, g);
  if (number == 0) number = goroutines_.take();
  return goroutines_[number];
}

void ScopeFilter::drop(GoSlot g) {
  if (find(g) == nullptr) return;
  goroutines_.give(index_[g]);
  index_[g] = 0;
}

void ScopeFilter::transition(Event& e) {
  if (!e.closes()) return;
  if (e.from() <= GoState::kNotExist && !e.open_end()) {
    drop(e.subject);
    const Goroutine* creator = e.g == kNoGo || e.g == e.subject ? nullptr : find(e.g);
    if (e.from() == GoState::kNotExist && creator != nullptr && creator->by_task > 0) {
      Goroutine& heir = make(e.subject);
      heir.by_task = 1;  // for good: it has no region that could end
      heir.inside_since = e.time;
      e.flags |= kFlagInside;
      return;
    }
    put_outside(e);
    return;
  }
  Goroutine* g = find(e.subject);
  if (g == nullptr) {
    put_outside(e);
  } else if (e.spent_in() == GoState::kRunning) {
    const int64_t length = g->inside_until(e.time, e.since);
    if (length == 0) put_outside(e);
    e.since = e.time - length;
    g->earlier = 0;
    g->inside_since = e.time;
  } else if (!g->inside()) {
    put_outside(e);
  }
  // Neither may lie before the interval that it is a part of.
  if (e.from() == GoState::kSyscall && e.p_lost() != kNever)
    e.arg = static_cast<uint64_t>(std::max(e.p_lost(), e.since));
  if (e.to() == GoState::kNotExist || e.open_end() ||
      (g != nullptr && g->regions.empty() && !g->inside()))
    drop(e.subject);
}

void ScopeFilter::region_begin(Event& e) {
  Goroutine& g = make(e.g);
  const int64_t length = g.inside_until(e.time, e.since);
  const bool was_inside = g.inside();
  const Region region{e.task(), e.name, tasks_.contains(e.task()),
                      by_type_ && is_wanted_type_(e.name)};
  g.regions.push_back(region);
  g.by_task += region.by_task;
  g.by_type += region.by_type;
  if (!was_inside) g.inside_since = e.time;
  e.since = e.time - length;
  if (region.matches()) e.flags |= kFlagInside;
  if (g.inside()) {
    matched_ = true;
  } else {
    e.flags |= kFlagOutside;
  }
}

void ScopeFilter::region_end(Event& e) {
  Goroutine* g = find(e.g);
  if (g == nullptr || !g->inside()) put_outside(e);
  if (e.open_end() || g == nullptr) return;
  const int64_t length = g->inside_until(e.time, e.runs_since());
  e.arg2 = static_cast<uint64_t>(e.time - length);
  if (g->regions.empty()) return;  // its begin is not in the capture
  // Nearly always the innermost one, but a program may end one around others that are open.
  size_t ended = g->regions.size();
  const size_t least = ended > kMostCrossed ? ended - kMostCrossed : 0;
  while (ended > least &&
         (g->regions[ended - 1].task != e.task() || g->regions[ended - 1].type != e.name))
    --ended;
  if (ended == least) ended = g->regions.size();
  const auto region = g->regions.begin() + static_cast<std::ptrdiff_t>(ended) - 1;
  if (region->matches()) e.flags |= kFlagInside;
  g->by_task -= region->by_task;
  g->by_type -= region->by_type;
  g->regions.erase(region);
  g->earlier = length;
  g->inside_since = e.time;
}

void ScopeFilter::range(Event& e) {
  if (e.scope() == RangeScope::kNone) return;
  const GoSlot slot = e.scope() == RangeScope::kGoroutine ? e.subject : e.g;
  // The runtime's ranges hold no regions, so all of a range is inside or nothing of it.
  if (!inside(slot)) put_outside(e);
}

void ScopeFilter::rare(Event& e) {
  switch (e.kind) {
    case EventKind::kRegionBegin:
      if (e.g != kNoGo) region_begin(e);
      break;
    case EventKind::kRegionEnd:
      if (e.g != kNoGo) region_end(e);
      break;
    case EventKind::kRangeBegin:
    case EventKind::kRangeActive:
    case EventKind::kRangeEnd:
      range(e);
      break;
    case EventKind::kTaskBegin:
      if (tasks_.contains(e.parent_task())) tasks_.insert(e.task());
      [[fallthrough]];
    case EventKind::kTaskEnd:
    case EventKind::kLog:
      if (!tasks_.contains(e.task()) && !inside(e.g)) put_outside(e);
      break;
    case EventKind::kStackSample:
    case EventKind::kLabel:
      if (!inside(e.g)) e.flags |= kFlagOutside;
      break;
    case EventKind::kGap:
      // Another trace begins: of its tasks those are wanted that have the same numbers.
      if (e.generation() == 0) tasks_ = named_;
      break;
    default:
      break;
  }
}

}  // namespace tracetool
