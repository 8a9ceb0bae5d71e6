// User tasks by type, the slowest ones, and everything about one of them.
#include <algorithm>
#include <map>

#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/measure/work_choice.h"
#include "analyses/passes/tasks/task_columns.h"
#include "analyses/passes/tasks/task_table.h"

namespace tracetool {
namespace {

/// Of one task's event list, to keep memory bounded.
constexpr size_t kMostEvents = 100000;

struct Wanted {
  WorkChoice tasks;
  uint64_t id = kNoTask;
  uint64_t limit = 20;
};

class TasksPass final : public Pass {
 public:
  TasksPass(const RunContext& context, Wanted wanted)
      : context_(context), wanted_(std::move(wanted)), table_(context.tables, context.goroutines,
          wanted_.id == kNoTask ? TaskTable::Seen() : [this](uint64_t task, GoSlot g,
                                                             const Event& e) { seen(task, g, e); },
          wanted_.id == kNoTask
              ? TaskTable::Spent()
              : [this](uint64_t task, GoSlot g, const SplitTime& piece) {
                  if (task == wanted_.id) member(g).split.add(piece);
                },
          wanted_.tasks.needs_log() ? [this](const Event& e) { return is_wanted_log(e); }
                                    : TaskTable::IsWantedLog()) {}

  void block(const Block& block) override {
    block_ = &block;
    table_.block(block);
  }
  void finish(const Capture& capture, Report& report) override;

 private:
  bool is_wanted_log(const Event& e) const {
    return wanted_.tasks.is_wanted_log(context_.tables.string(e.name), block_->message(e));
  }
  TaskGoroutineRow& member(GoSlot g) {
    const Goroutine& who = context_.goroutines[g];
    TaskGoroutineRow& row = members_[who.serial];
    row.id = who.id;
    if (row.name.empty()) row.name = context_.tables.string(who.name);
    return row;
  }
  void seen(uint64_t task, GoSlot g, const Event& e);
  bool wanted(const Task& task);
  void add_one_task(Report& report) const;

  const RunContext context_;
  const Wanted wanted_;
  NameMatch is_wanted_type_{context_.tables, wanted_.tasks.type()};
  TaskTable table_;
  const Block* block_ = nullptr;
  std::vector<TaskEventRow> events_;
  uint64_t events_left_out_ = 0;
  std::map<uint64_t, TaskGoroutineRow> members_;  // by serial
};

void TasksPass::seen(uint64_t task, GoSlot g, const Event& e) {
  const auto quoted = [this](StringId text) {
    return "\"" + std::string(context_.tables.string(text)) + "\"";
  };
  const bool child = e.kind == EventKind::kTaskBegin && e.parent_task() == wanted_.id;
  if ((task != wanted_.id && !child) || (e.flags & kFlagOutside)) return;
  std::string text;
  switch (e.kind) {
    case EventKind::kTaskBegin:
      text = child ? "child task " + std::to_string(e.task()) + " " + quoted(e.name) + " begins"
                   : "task " + quoted(e.name) + " begins";
      break;
    case EventKind::kTaskEnd:
      text = "task ends";
      break;
    case EventKind::kRegionBegin:
      text = "region " + quoted(e.name) + " begins";
      break;
    case EventKind::kRegionEnd:
      text = "region " + quoted(e.name) + " ends";
      break;
    case EventKind::kLog:
      text = context_.tables.string(e.name);
      text.append(text.empty() ? "" : ": ").append(block_->message(e));
      text = "log " + text;
      break;
    default:
      text = e.from() == GoState::kNotExist
                 ? "goroutine created by " + (e.g == kNoGo
                                                  ? std::string("none")
                                                  : std::to_string(context_.goroutines[e.g].id))
                 : "goroutine ends";
      break;
  }
  if (g != kNoGo && !child) member(g);
  if (events_.size() >= kMostEvents) {
    ++events_left_out_;
    return;
  }
  events_.push_back({e.time, events_.empty() ? 0 : e.time - events_.back().time,
                     g == kNoGo ? 0 : context_.goroutines[g].id, g != kNoGo, std::move(text)});
}

bool TasksPass::wanted(const Task& task) {
  if (task.id == kBackgroundTask) return false;
  if (context_.goroutines.filter().active() && !task.selected) return false;
  const WorkChoice& choice = wanted_.tasks;
  if (task.outside || !choice.takes(task.complete())) return false;
  if (choice.bounds_duration() &&
      (!task.complete() || !choice.takes_duration(task.end - task.begin)))
    return false;
  return is_wanted_type_(task.type) && (!choice.needs_log() || task.has_wanted_log);
}

void TasksPass::finish(const Capture&, Report& report) {
  table_.finish();
  if (wanted_.id != kNoTask) add_one_task(report);
  std::map<StringId, TaskGroup> groups;
  std::vector<TaskRow> slowest;
  uint64_t without_regions = 0, all = 0;
  for (const Task& task : table_.tasks()) {
    if (!wanted(task)) continue;
    ++all;
    TaskGroup& group = groups[task.type];
    ++group.count;
    group.regions += task.regions;
    group.logs += task.logs;
    group.split.add(table_.time(task));
    without_regions += task.time == 0;
    const int64_t duration = task.complete() ? task.end - task.begin : -1;
    slowest.push_back({&task, "", duration, {}});
    if (!task.complete()) continue;
    ++group.complete;
    group.total += duration;
    group.outside += task.outside_regions();
    group.durations.add(duration);
    group.decades.add(duration);
  }
  const auto shown = std::min<size_t>(slowest.size(), wanted_.limit);
  std::ranges::partial_sort(slowest, slowest.begin() + static_cast<std::ptrdiff_t>(shown),
                            std::ranges::greater(), &TaskRow::duration);
  slowest.resize(shown);
  for (TaskRow& row : slowest) {
    row.type = name_or_unknown(context_.tables, row.task->type);
    row.split = table_.time(*row.task);
  }

  Table types{.id = "tasks",
              .title = "Tasks by type",
              .help =
                  "Work = execution + sched wait + block + syscall + syscall block, summed over "
                  "the goroutines in regions of the task.",
              .sort_by = "total_ns"};
  std::vector<BucketRow> buckets;
  std::vector<TaskGroup> values;
  for (auto& [type, group] : groups) {
    group.type = name_or_unknown(context_.tables, type);
    add_buckets(buckets, group.type, "", group.decades, group.complete);
    values.push_back(group);
    values.back().latency = &group.durations;
  }
  fill(types, task_type_columns(), values);
  if (without_regions > 0) {
    types.notes.push_back(std::to_string(without_regions) + " of " + std::to_string(all) +
                          " tasks have no time in regions: nothing tells which goroutines worked "
                          "for them (wrap the work in trace.WithRegion)");
  }
  report.tables.push_back(std::move(types));

  Table histogram{.id = "task_histogram",
                  .detail = true,
                  .title = "Durations of tasks",
                  .help = "Complete tasks by duration, five buckets per decade."};
  Columns<BucketRow> columns = {
      {key("type", "Task type", "name that the program gave the task"), of<&BucketRow::group>}};
  add_bucket_columns(columns);
  fill(histogram, columns, buckets);
  report.tables.push_back(std::move(histogram));

  Table list{.id = "task_list",
             .detail = true,
             .title = "Slowest tasks",
             .help = "The --limit slowest of the tasks counted above."};
  fill(list, task_columns(), slowest);
  if (all > shown)
    list.notes.push_back(std::to_string(all - shown) + " more tasks (--limit shows more)");
  report.tables.push_back(std::move(list));
}

/// The tables of --id.
void TasksPass::add_one_task(Report& report) const {
  Table events{.id = "task_events",
               .title = "Events of task " + std::to_string(wanted_.id),
               .help = "With --id: what happened in the task, in order."};
  fill(events, task_event_columns(), events_);
  if (events_left_out_ > 0)
    events.notes.push_back(std::to_string(events_left_out_) + " later events are left out");
  if (std::ranges::find(table_.tasks(), wanted_.id, &Task::id) == table_.tasks().end())
    events.notes.push_back("there is no task " + std::to_string(wanted_.id));
  report.tables.push_back(std::move(events));

  Table members{.id = "task_goroutines",
                .title = "Goroutines of the task",
                .help = "With --id: who worked for the task, and where that time went.",
                .sort_by = "work_ns"};
  std::vector<TaskGoroutineRow> rows;
  for (const auto& [serial, row] : members_) rows.push_back(row);
  fill(members, task_goroutine_columns(), rows);
  report.tables.push_back(std::move(members));

  Table children{.id = "task_children",
                 .title = "Child tasks",
                 .help = "With --id: tasks that began in the task."};
  std::vector<TaskRow> child_rows;
  for (const Task& task : table_.tasks()) {
    if (task.parent != wanted_.id || task.outside) continue;
    child_rows.push_back({&task, std::string(context_.tables.string(task.type)),
                          task.complete() ? task.end - task.begin : 0, table_.time(task)});
  }
  fill(children, task_columns(), child_rows);
  report.tables.push_back(std::move(children));
}

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  Wanted wanted;
  if (!wanted.tasks.read(options, error) || !read_number(options, "--id", wanted.id, error) ||
      !read_number(options, "--limit", wanted.limit, error))
    return nullptr;
  wanted.limit = context.list_rows(wanted.limit);
  return std::make_unique<TasksPass>(context, std::move(wanted));
}

}  // namespace

extern const PassInfo tasks_pass;
const PassInfo tasks_pass = {
    "tasks",
    "user tasks: how long they take, what they wait for, one task's events",
    "Tasks (trace.NewTask) by type: how many, how long (percentiles and histogram of the complete\n"
    "ones), and what the goroutines in their regions did meanwhile. --id shows one task: its\n"
    "events, goroutines and child tasks.\n"
    "\n"
    "Examples:\n"
    "  tracetool tasks trace.out\n"
    "  tracetool tasks trace.out --type '^GET' --min 100ms\n"
    "  tracetool tasks trace.out --id 17",
    WorkChoice::options("tasks",
                        {{"--id", "N", "one task: its events, goroutines and child tasks", ""},
                         {"--limit", "N", "list so many of the slowest tasks", "20"}}),
    make,
    2,
    40};

}  // namespace tracetool
