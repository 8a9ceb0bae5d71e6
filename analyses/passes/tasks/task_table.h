// Every task that the capture mentions: what the tasks pass shows and sums up.
//
// Time of a task is the time that goroutines spend in its regions (or as heirs of one: see
// region_tracker.h), each moment charged to the innermost region, from the task's begin to its end.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyses/measure/region_tracker.h"
#include "analyses/measure/split_time.h"
#include "parser/model/hash.h"

namespace tracetool {

/// Distinct numbers, the first in place.
class IdSet {
 public:
  void add(uint64_t id) {
    if (count_ == 0) {
      first_ = id;
      count_ = 1;
    } else if (id != first_) {
      if (more_ == nullptr) more_ = std::make_unique<std::unordered_set<uint64_t, IdHash>>();
      more_->insert(id);
      count_ = static_cast<uint32_t>(more_->size()) + 1;
    }
  }
  uint32_t size() const { return count_; }

 private:
  uint64_t first_ = 0;
  uint32_t count_ = 0;
  std::unique_ptr<std::unordered_set<uint64_t, IdHash>> more_;
};

struct Task {
  uint64_t id = kNoTask;
  uint64_t parent = kNoTask;
  uint32_t parents_index = 0;            // if it has a parent
  int64_t begin = kNever, end = kNever;  // kNever: not in the capture
  StringId type = 0;
  uint32_t logs = 0, regions = 0, children = 0;
  IdSet goroutines;
  uint32_t open = 0;           // regions, those of heirs too
  int64_t open_since = 0;      // when that became more than none
  int64_t covered = 0;         // time with some open
  uint32_t time = 0;           // 1 + index of its time
  bool begun_outside = false;  // of the time window
  bool ended_outside = false;
  bool outside = false;  // the window, altogether
  bool has_wanted_log = false;
  bool selected = false;  // a goroutine that worked for it is accounted
  bool complete() const {
    return begin != kNever && end != kNever && !begun_outside && !ended_outside;
  }
  /// Of its duration, with no goroutine in a region of it; for complete ones.
  int64_t outside_regions() const { return end - begin - covered; }
};

/// What the tracker keeps for a region: its task.
struct RegionTask {
  uint32_t task = 0;  // index
};

class TaskTable : public RegionTracker<TaskTable, RegionTask> {
 public:
  /// Called for each event about a task: begin, end, log, region, creation of an heir.
  using Seen = std::function<void(uint64_t task, GoSlot g, const Event& e)>;
  /// Called with each piece of a task's time.
  using Spent = std::function<void(uint64_t task, GoSlot g, const SplitTime& piece)>;
  /// Which messages are looked for.
  using IsWantedLog = std::function<bool(const Event&)>;

  /// All of the functions may be empty.
  TaskTable(const Tables& tables, const GoroutineIndex& goroutines, Seen seen, Spent spent,
            IsWantedLog is_wanted_log = {})
      : RegionTracker(tables, goroutines, false),
        goroutines_(goroutines),
        splitter_(tables),
        seen_(std::move(seen)),
        spent_(std::move(spent)),
        is_wanted_log_(std::move(is_wanted_log)) {}

  /// All events were seen: counts children.
  void finish();
  const std::deque<Task>& tasks() const { return tasks_; }
  const SplitTime& time(const Task& task) const {
    static const SplitTime kNone;
    return task.time == 0 ? kNone : times_[task.time - 1];
  }

  void opened(GoSlot g, Region& region, const Region* outer, const Event& e);
  void spent(GoSlot g, Region& region, const Event& e, int64_t from, int64_t to);
  void ran(GoSlot g, Region& region, int64_t from, int64_t to);
  void closed(GoSlot g, Region& region, Region* outer, const Event& e, RegionEnding ending);
  void ended_unopened(GoSlot g, Region* older, const Event& e);
  void other(const Event& e);

 private:
  /// Of the last task with this id: ids may be used again.
  uint32_t index_of(uint64_t id);
  Task& task(uint64_t id) { return tasks_[index_of(id)]; }
  /// The task that begins: another one than a task of this id that began or ended before.
  Task& fresh_task(uint64_t id);
  /// `outside` the window a goroutine does not work for it.
  void join(Task& task, GoSlot g, bool outside);
  void add_region(Task& task, GoSlot g, bool outside) {
    task.regions += !outside;
    join(task, g, outside);
  }
  void enter(Task& task, int64_t now);
  void leave(Task& task, int64_t now);
  void begin_or_end(const Event& e);
  /// The part of [from, to) before the task's end; no time at all for the background task.
  SplitTime* time_of(Task& task, GoSlot g, int64_t from, int64_t& to);

  const GoroutineIndex& goroutines_;
  TimeSplitter splitter_;
  const Seen seen_;
  const Spent spent_;
  const IsWantedLog is_wanted_log_;
  std::deque<Task> tasks_;
  std::deque<SplitTime> times_;
  std::unordered_map<uint64_t, uint32_t, IdHash> index_;
};

}  // namespace tracetool
