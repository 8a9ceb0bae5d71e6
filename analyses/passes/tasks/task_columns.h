// The columns of the tasks pass.
#pragma once

#include <string>

#include "analyses/measure/latency_columns.h"
#include "analyses/passes/tasks/task_table.h"
#include "reports/model/table.h"

namespace tracetool {

struct TaskGroup {
  std::string type;
  uint64_t count = 0, complete = 0, regions = 0, logs = 0;
  int64_t total = 0, outside = 0;
  SplitTime split;
  Histogram durations;
  Decades decades;
  const Histogram* latency = nullptr;
};

struct TaskRow {
  const Task* task;
  std::string type;
  int64_t duration;
  SplitTime split;
};

struct TaskEventRow {
  int64_t time, elapsed;
  uint64_t goroutine;
  bool has_goroutine;
  std::string text;
};

struct TaskGoroutineRow {
  uint64_t id;
  std::string name;
  SplitTime split;
};

inline Cell count_cell(uint64_t n) { return number_cell(n); }
inline Column id_column(const char* id, const char* heading, const char* help, int rank = 0) {
  return {id, heading, Unit::kId, Role::kId, Better::kNeither, false, rank, help};
}
inline Column key_column(const char* id, const char* heading, const char* help) {
  return {id, heading, Unit::kNone, Role::kKey, Better::kNeither, false, 0, help};
}
inline Column count_column(const char* id, const char* heading, int rank, const char* help) {
  return {id, heading, Unit::kCount, Role::kSum, Better::kNeither, true, rank, help};
}
inline Column level_column(const char* id, const char* heading, int rank, const char* help) {
  Column c = count_column(id, heading, rank, help);
  c.grows = false;
  return c;
}

inline Columns<TaskGroup> task_type_columns() {
  using Row = TaskGroup;
  Columns<Row> c = {
      {key_column("type", "Task type", "name that the program gave the task"),
       [](const Row& r) { return Cell(r.type); }},
      {count_column("count", "Count", 0, "tasks"),
       [](const Row& r) { return count_cell(r.count); }},
      {count_column("complete", "Complete", 2,
                    "tasks with begin and end in the capture: min to max are of them"),
       [](const Row& r) { return count_cell(r.complete); }},
      // As many as were open when the capture began or ended.
      {level_column("incomplete", "Incomplete", 2,
                    "tasks whose begin or end is missing: they have no duration"),
       [](const Row& r) { return count_cell(r.count - r.complete); }},
      {{"total_ns", "Total", Unit::kNanoseconds, Role::kSum, Better::kLower, true, 1,
        "duration of the complete ones together"},
       [](const Row& r) { return Cell(r.total); }},
  };
  add_latency_columns(c, "tasks");
  c.push_back({{"work_ns", "Work", Unit::kNanoseconds, Role::kSum, Better::kNeither, true, 1,
                "time of goroutines in regions of the tasks: the sum of execution to syscall "
                "block; more than the duration when several work at once"},
               [](const Row& r) { return Cell(r.split.total()); }});
  add_split_columns(c);
  c.push_back({{"outside_ns", "Outside", Unit::kNanoseconds, Role::kSum, Better::kLower, true, 3,
                "of the complete ones' duration, with no goroutine in a region of the task"},
               [](const Row& r) { return Cell(r.outside); }});
  c.push_back({count_column("regions", "Regions", 4, "regions of the tasks"),
               [](const Row& r) { return count_cell(r.regions); }});
  c.push_back({count_column("logs", "Logs", 4, "log messages of the tasks"),
               [](const Row& r) { return count_cell(r.logs); }});
  return c;
}

inline Columns<TaskRow> task_columns() {
  using Row = TaskRow;
  Columns<Row> c = {
      {id_column("task", "Task", "task id, for --id"),
       [](const Row& r) { return count_cell(r.task->id); }},
      {key_column("type", "Task type", "name that the program gave the task"),
       [](const Row& r) { return Cell(r.type); }},
      {id_column("parent", "Parent", "id of the task in which it began", 3),
       [](const Row& r) {
         return r.task->parent == kNoTask ? Cell() : count_cell(r.task->parent);
       }},
      {{"begin_ns", "Begin", Unit::kTime, Role::kInfo, Better::kNeither, false, 1, "when it began"},
       [](const Row& r) { return r.task->begin == kNever ? Cell() : Cell(r.task->begin); }},
      {{"end_ns", "End", Unit::kTime, Role::kInfo, Better::kNeither, false, 3, "when it ended"},
       [](const Row& r) { return r.task->end == kNever ? Cell() : Cell(r.task->end); }},
      {{"duration_ns", "Duration", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 0,
        "from begin to end; none for incomplete tasks"},
       [](const Row& r) { return r.task->complete() ? Cell(r.duration) : Cell(); }},
      {{"work_ns", "Work", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 0,
        "time of goroutines in its regions"},
       [](const Row& r) { return Cell(r.split.total()); }},
  };
  add_split_columns(c);
  c.push_back(
      {{"outside_ns", "Outside", Unit::kNanoseconds, Role::kSum, Better::kLower, false, 3,
        "of the duration, with no goroutine in one of its regions"},
       [](const Row& r) { return r.task->complete() ? Cell(r.task->outside_regions()) : Cell(); }});
  c.push_back({count_column("goroutines", "Goroutines", 3,
                            "goroutines that began or ended it, logged for it or had a region of "
                            "it; --id lists those that they created too"),
               [](const Row& r) { return count_cell(r.task->goroutines.size()); }});
  c.push_back({count_column("regions", "Regions", 3, "its regions"),
               [](const Row& r) { return count_cell(r.task->regions); }});
  c.push_back({count_column("logs", "Logs", 3, "its log messages"),
               [](const Row& r) { return count_cell(r.task->logs); }});
  c.push_back({count_column("children", "Children", 3, "tasks that began in it"),
               [](const Row& r) { return count_cell(r.task->children); }});
  do_not_grow(c);
  return c;
}

inline Columns<TaskEventRow> task_event_columns() {
  using Row = TaskEventRow;
  return {
      {{"when_ns", "When", Unit::kTime, Role::kId, Better::kNeither, false, 0, "time of the event"},
       [](const Row& r) { return Cell(r.time); }},
      {{"elapsed_ns", "Elapsed", Unit::kNanoseconds, Role::kInfo, Better::kNeither, false, 0,
        "since the event before"},
       [](const Row& r) { return Cell(r.elapsed); }},
      {id_column("goroutine", "Goroutine", "who did it"),
       [](const Row& r) { return r.has_goroutine ? count_cell(r.goroutine) : Cell(); }},
      {{"event", "Event", Unit::kNone, Role::kInfo, Better::kNeither, false, 0, "what happened"},
       [](const Row& r) { return Cell(r.text); }},
  };
}

inline Columns<TaskGoroutineRow> task_goroutine_columns() {
  using Row = TaskGoroutineRow;
  Columns<Row> c = {
      {id_column("goroutine", "Goroutine", "goroutine id"),
       [](const Row& r) { return count_cell(r.id); }},
      {key_column("start_location", "Start location", "function in which it started"),
       [](const Row& r) { return Cell(r.name); }},
      {{"work_ns", "Work", Unit::kNanoseconds, Role::kSum, Better::kNeither, false, 0,
        "its time in regions of the task"},
       [](const Row& r) { return Cell(r.split.total()); }},
  };
  add_split_columns(c);
  do_not_grow(c);
  return c;
}

}  // namespace tracetool
