#include "parser/record/recorder.h"

#include <algorithm>

#include "parser/model/wall_clock.h"

namespace tracetool {

Recorder::Recorder(BlockSink& sink, MemoryBudget* budget)
    : sink_(sink), budget_(budget), goroutines_(budget) {
  flush();
}

void Recorder::use(ProcIndex p) {
  if (p >= procs_.size()) procs_.resize(p + size_t{1});
  procs_[p].used = true;
  used_procs_.push_back(p);
}

void Recorder::flush() {
  if (block_ != nullptr) {
    block_->count = static_cast<uint32_t>(position_ - block_->events);
    if (!stopped_) events_ += block_->count;
  }
  Block* empty = stopped_ ? nullptr : sink_.exchange(block_);
  if (empty == nullptr) {
    stopped_ = true;
    empty = &drain_;
  }
  for (GoSlot slot : empty->freed) goroutines_.recycle(slot);
  empty->clear();
  block_ = empty;
  position_ = block_->events;
  end_ = position_ + kBlockEvents;
}

Event& Recorder::rare(int64_t raw_time, EventKind kind, Context ctx, StackId stack) {
  Event& e = unlisted(raw_time, kind, ctx, stack);
  mark_rare(e, kind);
  return e;
}

Event& Recorder::unlisted(int64_t raw_time, EventKind kind, Context ctx, StackId stack) {
  Event& e = next(raw_time);
  const int64_t time = e.time;
  e = Event{.time = time,
            .since = kNever,
            .arg = 0,
            .arg2 = 0,
            .g = ctx.g,
            .subject = 0,
            .stack = stack,
            .name = 0,
            .since_stack = 0,
            .since_name = 0,
            .m = ctx.m,
            .p = ctx.p,
            .kind = kind,
            .from_to = 0,
            .flags = 0,
            .aux = 0};
  return e;
}

void Recorder::sync(int64_t raw_time, uint64_t number, uint64_t generation,
                    const std::optional<ClockSnapshot>& clock, HeapUnits heap) {
  if (!started_) {
    started_ = true;
    // The first event comes at time 0, wherever the clock stands; that of a further trace behind
    // the last one of the trace before.
    origin_ = raw_time - next_time_;
    last_ = raw_time - 1;
  }
  number += number_base_;
  Event& e = rare(raw_time, EventKind::kSync, {}, 0);
  e.arg = number;
  e.arg2 = generation;
  e.subject = heap.packed();
  if (const auto wall = clock ? wall_at(*clock, last_) : std::nullopt) e.set_wall_clock(*wall);
  last_sync_ = e.time;
  last_number_ = number;
}

void Recorder::proc(int64_t raw_time, Context ctx, ProcIndex subject, ProcState from, ProcState to,
                    bool begins_now) {
  ProcRecord& p = proc_record(subject);
  Event& e = next(raw_time);
  mark_proc(e);
  e.since = p.since;
  e.arg = 0;
  e.arg2 = 0;
  e.g = ctx.g;
  e.subject = subject;
  e.stack = 0;
  e.name = 0;
  e.since_stack = 0;
  e.since_name = 0;
  e.m = ctx.m;
  e.p = ctx.p;
  e.kind = EventKind::kProcTransition;
  e.from_to = pack_states(from, to);
  e.flags = 0;
  e.aux = 0;
  if (from == to) return;
  if (from == ProcState::kUndetermined) {
    e.since = last_sync_;
    e.flags = begins_now ? 0 : kFlagOpenStart;
    if (p.foretold) e.flags |= kFlagForetold;
    p.foretold = false;
  }
  p.since = e.time;
  p.state = to;
  if (to == ProcState::kIdle && p.in_syscall != kNoGo) {
    GoRecord& g = goroutines_[p.in_syscall];
    g.p_lost = e.time;
    g.syscall_p = kNoProc;
    p.in_syscall = kNoGo;
  }
}

void Recorder::metric(int64_t raw_time, Context ctx, Metric metric, uint64_t value, StackId stack) {
  Event& e = rare(raw_time, EventKind::kMetric, ctx, stack);
  e.aux = static_cast<uint8_t>(metric);
  e.arg = value;
  if (metric == Metric::kGomaxprocs) most_procs_ = std::max<size_t>(most_procs_, gomaxprocs(e));
}

void Recorder::label(int64_t raw_time, Context ctx, StringId label) {
  Event& e = rare(raw_time, EventKind::kLabel, ctx, 0);
  e.name = label;
  e.subject = ctx.g;
}

void Recorder::sample(int64_t raw_time, Context ctx, uint64_t goroutine_id, StackId stack) {
  rare(raw_time, EventKind::kStackSample, ctx, stack).arg = goroutine_id;
}

void Recorder::experimental(int64_t raw_time, Context ctx, uint8_t wire_type, uint64_t arg,
                            uint64_t arg2, StringId type, uint32_t size) {
  Event& e = rare(raw_time, EventKind::kExperimental, ctx, 0);
  e.aux = wire_type;
  e.arg = arg;
  e.arg2 = arg2;
  e.name = type;
  e.subject = size;
}

Recorder::Sides& Recorder::make_sides(GoSlot g) {
  uint32_t& index = goroutines_[g].sides;
  if (index == 0) {
    if (free_sides_.empty()) {
      append(sides_, Sides{});
      index = static_cast<uint32_t>(sides_.size());
    } else {
      index = free_sides_.back();
      free_sides_.pop_back();
    }
  }
  return sides_[index - 1];
}

void Recorder::drop_sides(GoRecord& g) {
  open_regions_ -= sides_[g.sides - 1].regions.size();
  sides_[g.sides - 1].regions.clear();
  sides_[g.sides - 1].ranges.clear();
  free_sides_.push_back(g.sides);
}

std::vector<OpenRange>* Recorder::ranges_of(RangeScope scope, uint32_t subject) {
  switch (scope) {
    case RangeScope::kGoroutine: {
      const uint32_t index = goroutines_[subject].sides;
      return index == 0 ? nullptr : &sides_[index - 1].ranges;
    }
    case RangeScope::kProc:
      return &proc_record(static_cast<ProcIndex>(subject)).ranges;
    case RangeScope::kNone:
      break;
  }
  return &global_ranges_;
}

std::span<const OpenRange> Recorder::open_ranges(RangeScope scope, uint32_t subject) {
  const std::vector<OpenRange>* ranges = ranges_of(scope, subject);
  return ranges == nullptr ? std::span<const OpenRange>() : std::span<const OpenRange>(*ranges);
}

OpenRange* Recorder::find_range(RangeScope scope, uint32_t subject, StringId name) {
  std::vector<OpenRange>* ranges = ranges_of(scope, subject);
  if (ranges == nullptr) return nullptr;
  const auto it = std::ranges::find(*ranges, name, &OpenRange::name);
  return it == ranges->end() ? nullptr : &*it;
}

bool Recorder::range_open(RangeScope scope, uint32_t subject, StringId name) {
  return find_range(scope, subject, name) != nullptr;
}

bool Recorder::range_told(RangeScope scope, uint32_t subject, StringId name) {
  const OpenRange* range = find_range(scope, subject, name);
  return range != nullptr && (range->flags & kFlagForetold) == 0;
}

void Recorder::range_begin(int64_t raw_time, Context ctx, EventKind kind, RangeScope scope,
                           uint32_t subject, StringId name, StackId stack) {
  Event& e = rare(raw_time, kind, ctx, stack);
  e.aux = static_cast<uint8_t>(scope);
  e.subject = subject;
  e.name = name;
  const bool active = kind == EventKind::kRangeActive;
  if (OpenRange* open = active ? find_range(scope, subject, name) : nullptr) {
    e.flags = kFlagForetold;
    open->flags &= static_cast<uint8_t>(~kFlagForetold);
    return;
  }
  if (scope == RangeScope::kGoroutine) make_sides(subject);
  append(*ranges_of(scope, subject), {name, stack, active ? last_sync_ : e.time,
                                      active ? uint8_t{kFlagOpenStart} : uint8_t{0}});
}

void Recorder::range_end(int64_t raw_time, Context ctx, RangeScope scope, uint32_t subject,
                         StringId name, uint64_t arg, uint64_t arg2) {
  Event& e = rare(raw_time, EventKind::kRangeEnd, ctx, 0);
  e.aux = static_cast<uint8_t>(scope);
  e.subject = subject;
  e.name = name;
  e.arg = arg;
  e.arg2 = arg2;
  const OpenRange* range = find_range(scope, subject, name);
  if (range == nullptr) return;
  e.since = range->since;
  e.since_stack = range->stack;
  e.flags = range->flags & kFlagOpenStart;
  std::vector<OpenRange>& ranges = *ranges_of(scope, subject);
  ranges.erase(ranges.begin() + (range - ranges.data()));
}

void Recorder::task_begin(int64_t raw_time, Context ctx, uint64_t task, uint64_t parent,
                          StringId type, StackId stack) {
  Event& e = rare(raw_time, EventKind::kTaskBegin, ctx, stack);
  e.arg = task;
  e.arg2 = parent;
  e.name = type;
  const bool fresh = tasks_.insert_or_assign(task, OpenTask{type, stack, parent, e.time}).second;
  if (fresh && budget_ != nullptr) budget_->take(kTaskBytes);
  most_tasks_ = std::max(most_tasks_, tasks_.size());
}

void Recorder::task_end(int64_t raw_time, Context ctx, uint64_t task, StackId stack) {
  Event& e = rare(raw_time, EventKind::kTaskEnd, ctx, stack);
  e.arg = task;
  e.arg2 = kNoTask;
  const auto it = tasks_.find(task);
  if (it == tasks_.end()) return;
  e.arg2 = it->second.parent;
  e.name = it->second.type;
  e.since = it->second.since;
  e.since_stack = it->second.stack;
  tasks_.erase(it);
  if (budget_ != nullptr) budget_->give(kTaskBytes);
}

const OpenRegion* Recorder::innermost_region(GoSlot g) const {
  const uint32_t index = goroutines_[g].sides;
  if (index == 0 || sides_[index - 1].regions.empty()) return nullptr;
  return &sides_[index - 1].regions.back();
}

const OpenRegion* Recorder::open_region(GoSlot g, uint64_t task, StringId type) const {
  const OpenRegion* innermost = innermost_region(g);
  if (innermost == nullptr) return nullptr;
  const std::vector<OpenRegion>& open = sides_[goroutines_[g].sides - 1].regions;
  const size_t depth = std::min(open.size(), kMostCrossed);
  for (size_t i = 1; i <= depth; ++i) {
    const OpenRegion& region = open[open.size() - i];
    if (region.task == task && region.type == type) return &region;
  }
  return nullptr;
}

void Recorder::region_begin(int64_t raw_time, Context ctx, uint64_t task, StringId type,
                            StackId stack) {
  Event& e = rare(raw_time, EventKind::kRegionBegin, ctx, stack);
  e.arg = task;
  e.name = type;
  e.since = goroutines_[ctx.g].since;
  append(make_sides(ctx.g).regions, {task, type, stack, e.time});
  most_regions_ = std::max(most_regions_, ++open_regions_);
}

void Recorder::region_end(int64_t raw_time, Context ctx, uint64_t task, StringId type,
                          StackId stack) {
  Event& e = rare(raw_time, EventKind::kRegionEnd, ctx, stack);
  e.arg = task;
  e.name = type;
  const GoRecord& g = goroutines_[ctx.g];
  e.arg2 = static_cast<uint64_t>(g.since);
  const OpenRegion* region = open_region(ctx.g, task, type);
  if (region == nullptr) region = innermost_region(ctx.g);
  if (region == nullptr) return;
  e.since = region->since;
  e.since_stack = region->stack;
  std::vector<OpenRegion>& open = sides_[g.sides - 1].regions;
  open.erase(open.begin() + (region - open.data()));
  --open_regions_;
}

void Recorder::log(int64_t raw_time, Context ctx, uint64_t task, StringId category,
                   std::string_view message, StackId stack) {
  Event& e = rare(raw_time, EventKind::kLog, ctx, stack);
  e.arg = task;
  e.name = category;
  e.arg2 = uint64_t{block_->text.size()} << 32 | message.size();
  block_->text.append(message);
}

void Recorder::unsound(int64_t raw_time, Context ctx, EventKind kind, uint64_t arg, StringId name,
                       StackId stack) {
  Event& e = unlisted(raw_time, kind, ctx, stack);
  e.arg = arg;
  if (kind == EventKind::kTaskBegin || kind == EventKind::kTaskEnd) e.arg2 = kNoTask;
  e.name = name;
}

void Recorder::abandon_range(RangeScope scope, uint32_t subject, StringId name) {
  const OpenRange* range = find_range(scope, subject, name);
  if (range == nullptr) return;
  close_ranges(scope, subject, {range, 1});
  std::vector<OpenRange>& ranges = *ranges_of(scope, subject);
  ranges.erase(ranges.begin() + (range - ranges.data()));
}

Event& Recorder::extra(EventKind kind, EventFlag why) {
  const int64_t now = last_ - origin_;
  ++extras_;
  Event& e = place(now);
  e = Event{.time = now,
            .since = kNever,
            .arg = 0,
            .arg2 = 0,
            .g = kNoGo,
            .subject = 0,
            .stack = 0,
            .name = 0,
            .since_stack = 0,
            .since_name = 0,
            .m = kNoThread,
            .p = kNoProc,
            .kind = kind,
            .from_to = 0,
            .flags = why,
            .aux = 0};
  if (kind == EventKind::kProcTransition) {
    mark_proc(e);
  } else if (kind != EventKind::kGoTransition) {
    mark_rare(e, kind);
  }
  return e;
}

void Recorder::close_ranges(RangeScope scope, uint32_t subject, std::span<const OpenRange> ranges) {
  for (const OpenRange& range : ranges) {
    Event& e = extra(EventKind::kRangeEnd, kFlagOpenEnd);
    e.aux = static_cast<uint8_t>(scope);
    e.subject = subject;
    if (scope == RangeScope::kGoroutine) e.g = subject;
    e.name = range.name;
    e.since = range.since;
    e.since_stack = range.stack;
    e.flags |= range.flags & kFlagOpenStart;
  }
}

void Recorder::close_everything() {
  const std::vector<GoSlot> live = goroutines_.live();
  for (GoSlot slot : live) {
    if (goroutines_[slot].sides == 0) continue;
    Sides& sides = sides_[goroutines_[slot].sides - 1];
    open_regions_ -= sides.regions.size();
    for (; !sides.regions.empty(); sides.regions.pop_back()) {
      const OpenRegion& region = sides.regions.back();
      Event& e = extra(EventKind::kRegionEnd, kFlagOpenEnd);
      e.g = slot;
      e.arg = region.task;
      e.arg2 = static_cast<uint64_t>(goroutines_[slot].since);
      e.name = region.type;
      e.since = region.since;
      e.since_stack = region.stack;
    }
    close_ranges(RangeScope::kGoroutine, slot, sides.ranges);
    sides.ranges.clear();
  }
  close_ranges(RangeScope::kNone, 0, global_ranges_);
  global_ranges_.clear();
  std::vector<uint64_t> tasks;
  for (const auto& [id, task] : tasks_) tasks.push_back(id);
  std::ranges::sort(tasks);
  for (uint64_t id : tasks) {
    const OpenTask& task = tasks_.at(id);
    Event& e = extra(EventKind::kTaskEnd, kFlagOpenEnd);
    e.arg = id;
    e.arg2 = task.parent;
    e.name = task.type;
    e.since = task.since;
    e.since_stack = task.stack;
  }
  std::ranges::sort(used_procs_);
  for (const ProcIndex p : used_procs_) {
    close_ranges(RangeScope::kProc, p, procs_[p].ranges);
    procs_[p].ranges.clear();
    if (procs_[p].state == ProcState::kUndetermined) continue;
    Event& e = extra(EventKind::kProcTransition, kFlagOpenEnd);
    e.subject = p;
    e.since = procs_[p].since;
    e.from_to = pack_states(procs_[p].state, procs_[p].state);
  }
  for (GoSlot slot : live) close(goroutines_[slot]);
}

void Recorder::close(GoRecord& g) {
  if (g.flags & kGoForetold) tell(g);
  Event& e = extra(EventKind::kGoTransition, kFlagOpenEnd);
  mark_ended(e);
  if (g.state > GoState::kNotExist) mark_left(e, g.state);
  e.subject = g.slot;
  e.since = g.since;
  e.since_stack = g.began().stack;
  e.since_name = g.began().name;
  e.arg = static_cast<uint64_t>(g.p_lost);
  e.from_to = pack_states(g.state, g.state);
  e.flags |= g.flags & kFlagOpenStart;
}

void Recorder::gap(uint64_t generation) {
  close_everything();
  for (GoSlot slot : goroutines_.live()) {
    GoRecord& g = goroutines_[slot];
    if (g.sides != 0) drop_sides(g);
    goroutines_.erase(g);
    block_->freed.push_back(slot);
  }
  for (const ProcIndex p : used_procs_) {
    if (budget_ != nullptr) budget_->give(procs_[p].ranges.capacity() * sizeof(OpenRange));
    procs_[p] = {};
  }
  used_procs_.clear();
  if (budget_ != nullptr) budget_->give(tasks_.size() * kTaskBytes);
  tasks_.clear();  // closed above: they must not end twice
  rare(last_ + 1, EventKind::kGap, {}, 0).arg = generation;
}

void Recorder::begin_again() {
  if (!started_) return;
  gap(0);
  started_ = false;
  next_time_ = last_ + 1 - origin_;
  number_base_ = last_number_;
}

void Recorder::finish() {
  close_everything();
  flush();
}

}  // namespace tracetool
