#include "analyses/passes/tasks/task_table.h"

#include <algorithm>

namespace tracetool {

uint32_t TaskTable::index_of(uint64_t id) {
  const auto [it, fresh] = index_.try_emplace(id, static_cast<uint32_t>(tasks_.size()));
  if (fresh) tasks_.emplace_back().id = id;
  return it->second;
}

Task& TaskTable::fresh_task(uint64_t id) {
  const Task& last = task(id);
  if (last.begin != kNever || last.end != kNever) {
    index_[id] = static_cast<uint32_t>(tasks_.size());
    tasks_.emplace_back().id = id;
  }
  return task(id);
}

void TaskTable::finish() {
  for (const Task& task : tasks_) {
    if (task.parent != kNoTask && !task.outside) ++tasks_[task.parents_index].children;
  }
}

void TaskTable::join(Task& task, GoSlot g, bool outside) {
  if (g == kNoGo) return;
  if (!outside) task.goroutines.add(goroutines_[g].id);
  task.selected |= goroutines_[g].selected;
}

void TaskTable::opened(GoSlot g, Region& region, const Region*, const Event& e) {
  region.extra.task = index_of(region.task);
  enter(tasks_[region.extra.task], region.begin);
  if (seen_) seen_(region.task, g, e);
}

void TaskTable::closed(GoSlot g, Region& region, Region*, const Event& e, RegionEnding ending) {
  Task& task = tasks_[region.extra.task];
  leave(task, e.time);
  if (region.origin == RegionOrigin::kBegun) add_region(task, g, region.outside(e));
  if (seen_ && ending != RegionEnding::kOpen) seen_(region.task, g, e);
}

void TaskTable::enter(Task& task, int64_t now) {
  if (task.open++ == 0) task.open_since = now;
}

void TaskTable::leave(Task& task, int64_t now) {
  if (--task.open > 0) return;
  const int64_t from =
      task.begin == kNever ? task.open_since : std::max(task.open_since, task.begin);
  const int64_t to = task.end == kNever ? now : std::min(now, task.end);
  if (to > from) task.covered += to - from;
}

void TaskTable::ended_unopened(GoSlot g, Region*, const Event& e) {
  add_region(task(e.task()), g, (e.flags & kFlagOutside) != 0);
  if (seen_) seen_(e.task(), g, e);
}

SplitTime* TaskTable::time_of(Task& task, GoSlot g, int64_t from, int64_t& to) {
  if (task.id == kBackgroundTask || !goroutines_[g].selected) return nullptr;
  if (task.end != kNever) to = std::min(to, task.end);
  if (to <= from) return nullptr;
  if (task.time == 0) {
    times_.emplace_back();
    task.time = static_cast<uint32_t>(times_.size());
  }
  return &times_[task.time - 1];
}

void TaskTable::spent(GoSlot g, Region& region, const Event& e, int64_t from, int64_t to) {
  Task& task = tasks_[region.extra.task];
  SplitTime* time = time_of(task, g, from, to);
  if (time == nullptr) return;
  SplitTime piece;
  splitter_.add(piece, e, from, to);
  time->add(piece);
  if (spent_) spent_(task.id, g, piece);
}

void TaskTable::ran(GoSlot g, Region& region, int64_t from, int64_t to) {
  Task& task = tasks_[region.extra.task];
  SplitTime* time = time_of(task, g, from, to);
  if (time == nullptr) return;
  SplitTime piece;
  piece.exec = to - from;
  time->add(piece);
  if (spent_) spent_(task.id, g, piece);
}

void TaskTable::begin_or_end(const Event& e) {
  Task& task = e.kind == EventKind::kTaskBegin ? fresh_task(e.task()) : this->task(e.task());
  const bool outside = (e.flags & kFlagOutside) != 0;
  if (e.name != 0) task.type = e.name;
  if (e.kind == EventKind::kTaskBegin) {
    task.begin = e.time;
    task.begun_outside = outside;
  } else if (!e.open_end() && task.end == kNever) {
    // A task may be ended again; the first end counts.
    task.end = e.time;
    task.ended_outside = outside;
  }
  if (e.kind == EventKind::kTaskEnd && outside && task.begun_outside)
    task.outside = task.begin == e.time || e.since == e.time;
  if (!e.open_end()) join(task, e.g, outside);
  const uint64_t parent = e.parent_task();
  if (parent != kNoTask && parent != kBackgroundTask && task.parent == kNoTask) {
    task.parent = parent;
    task.parents_index = index_of(parent);  // it may be known as a parent only
  }
}

void TaskTable::other(const Event& e) {
  switch (e.kind) {
    case EventKind::kTaskBegin:
    case EventKind::kTaskEnd:
      begin_or_end(e);
      break;
    case EventKind::kLog: {
      Task& task = this->task(e.task());
      const bool outside = (e.flags & kFlagOutside) != 0;
      task.logs += !outside;
      if (is_wanted_log_ && !outside && is_wanted_log_(e)) task.has_wanted_log = true;
      join(task, e.g, outside);
      break;
    }
    case EventKind::kGap:
      if (e.generation() == 0) index_.clear();  // another trace, whose ids are its own
      return;
    default:
      return;
  }
  if (seen_ && !e.open_end()) seen_(e.task(), e.g, e);
}

}  // namespace tracetool
