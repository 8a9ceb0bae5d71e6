// The columns of the tasks pass.
#pragma once

#include <string>

#include "analyses/measure/columns.h"
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

inline Columns<TaskGroup> task_type_columns() {
  using Row = TaskGroup;
  Columns<Row> c = {
      {key("type", "Task type", "name that the program gave the task"), of<&Row::type>},
      {count("count", "Count", 0, "tasks"), count_of<&Row::count>},
      {count("complete", "Complete", 2,
             "tasks with begin and end in the capture: min to max are of them"),
       count_of<&Row::complete>},
      // As many as were open when the capture began or ended.
      {standing(count("incomplete", "Incomplete", 2,
                      "tasks whose begin or end is missing: they have no duration")),
       [](const Row& r) { return count_cell(r.count - r.complete); }},
      {cost("total_ns", "Total", 1, "duration of the complete ones together"), of<&Row::total>},
  };
  add_latency_columns(c, "tasks");
  c.push_back({amount("work_ns", "Work", 1,
                      "time of goroutines in regions of the tasks: the sum of execution to syscall "
                      "block; more than the duration when several work at once"),
               [](const Row& r) { return Cell(r.split.total()); }});
  add_split_columns(c);
  append(c, {{cost("outside_ns", "Outside", 3,
                   "of the complete ones' duration, with no goroutine in a region of the task"),
              of<&Row::outside>},
             {count("regions", "Regions", 4, "regions of the tasks"), count_of<&Row::regions>},
             {count("logs", "Logs", 4, "log messages of the tasks"), count_of<&Row::logs>}});
  return c;
}

inline Columns<TaskRow> task_columns() {
  using Row = TaskRow;
  Columns<Row> c = {
      {row_id("task", "Task", 0, "task id, for --id"),
       [](const Row& r) { return count_cell(r.task->id); }},
      {key("type", "Task type", "name that the program gave the task"), of<&Row::type>},
      {row_id("parent", "Parent", 3, "id of the task in which it began"),
       [](const Row& r) {
         return r.task->parent == kNoTask ? Cell() : count_cell(r.task->parent);
       }},
      {moment("begin_ns", "Begin", 1, "when it began"),
       [](const Row& r) { return r.task->begin == kNever ? Cell() : Cell(r.task->begin); }},
      {moment("end_ns", "End", 3, "when it ended"),
       [](const Row& r) { return r.task->end == kNever ? Cell() : Cell(r.task->end); }},
      {cost("duration_ns", "Duration", 0, "from begin to end; none for incomplete tasks"),
       [](const Row& r) { return r.task->complete() ? Cell(r.duration) : Cell(); }},
      {amount("work_ns", "Work", 0, "time of goroutines in its regions"),
       [](const Row& r) { return Cell(r.split.total()); }},
  };
  add_split_columns(c);
  c.push_back(
      {cost("outside_ns", "Outside", 3, "of the duration, with no goroutine in one of its regions"),
       [](const Row& r) { return r.task->complete() ? Cell(r.task->outside_regions()) : Cell(); }});
  append(c, {{count("goroutines", "Goroutines", 3,
                    "goroutines that began or ended it, logged for it or had a region of it; --id "
                    "lists those that they created too"),
              [](const Row& r) { return count_cell(r.task->goroutines.size()); }},
             {count("regions", "Regions", 3, "its regions"),
              [](const Row& r) { return count_cell(r.task->regions); }},
             {count("logs", "Logs", 3, "its log messages"),
              [](const Row& r) { return count_cell(r.task->logs); }},
             {count("children", "Children", 3, "tasks that began in it"),
              [](const Row& r) { return count_cell(r.task->children); }}});
  do_not_grow(c);
  return c;
}

inline Columns<TaskEventRow> task_event_columns() {
  using Row = TaskEventRow;
  return {
      {row_time("when_ns", "When", "time of the event"), of<&Row::time>},
      {info("elapsed_ns", "Elapsed", Unit::kNanoseconds, 0, "since the event before"),
       of<&Row::elapsed>},
      {row_id("goroutine", "Goroutine", 0, "who did it"),
       [](const Row& r) { return r.has_goroutine ? count_cell(r.goroutine) : Cell(); }},
      {text("event", "Event", 0, "what happened"), of<&Row::text>},
  };
}

inline Columns<TaskGoroutineRow> task_goroutine_columns() {
  using Row = TaskGoroutineRow;
  Columns<Row> c = {
      {row_id("goroutine", "Goroutine", 0, "goroutine id"), count_of<&Row::id>},
      {start_location("function in which it started"), of<&Row::name>},
      {amount("work_ns", "Work", 0, "its time in regions of the task"),
       [](const Row& r) { return Cell(r.split.total()); }},
  };
  add_split_columns(c);
  do_not_grow(c);
  return c;
}

}  // namespace tracetool
