#include "analyses/passes/wakers/wait_story.h"

#include <algorithm>

#include "analyses/measure/columns.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

struct StoryRow {
  uint64_t goroutine;
  std::string name, reason, waker_name;
  int64_t begin, length;
  StackCell waiting, waking;
  bool has_waker;
  uint64_t waker;
};

struct PartRow {
  WaitStory::Part part;
  const RunContext* context;
};

const Columns<StoryRow> kStoryColumns = {
    {row_id("goroutine", "Goroutine", 0, "who waited"), count_of<&StoryRow::goroutine>},
    {start_location("function in which it started"), of<&StoryRow::name>},
    {moment("begin_ns", "Waited from", 0, "when it blocked"), of<&StoryRow::begin>},
    {info("wait_ns", "Wait", Unit::kNanoseconds, 0, "how long it waited"), of<&StoryRow::length>},
    {text("reason", "Reason", 0, "why it blocked"), of<&StoryRow::reason>},
    {text("waiting_stack", "Waited at", 0, "where it blocked"), of<&StoryRow::waiting>},
    {row_id("waker", "Woken by", 0, "goroutine that ended the wait"),
     [](const StoryRow& r) { return r.has_waker ? number_cell(r.waker) : Cell(); }},
    {text("waker_start_location", "Waker", 0,
          "function in which that one started, or which part of the runtime it was"),
     of<&StoryRow::waker_name>},
    {text("waker_stack", "Woken from", 0, "where it ended the wait"), of<&StoryRow::waking>},
};

const Columns<PartRow> kPartColumns = {
    {row_time("begin_ns", "From", "begin of the interval, or of the wait if that is later"),
     [](const PartRow& r) { return Cell(r.part.begin); }},
    {standing(amount("length_ns", "Length", 0, "how long it lasted within the wait")),
     [](const PartRow& r) { return Cell(r.part.end - r.part.begin); }},
    {text("state", "State", 0, "what the waker was doing"),
     [](const PartRow& r) { return Cell(std::string(name_of(r.part.state))); }},
    {text("reason", "Reason", 0, "why it was blocked, or why it stopped running"),
     [](const PartRow& r) {
       const std::string_view reason = r.context->tables.string(r.part.reason);
       return reason.empty() ? Cell() : Cell(std::string(reason));
     }},
    {text("stack", "Stack", 0,
          "running: where the run ended; blocked, in a syscall: where it entered; runnable: who "
          "woke it"),
     [](const PartRow& r) { return Cell((*r.context->stacks)(r.part.stack)); }},
    {info("woken_by", "Woken by", Unit::kId, 1,
          "blocked: the goroutine that ended this wait, for a --wait of its own"),
     [](const PartRow& r) { return r.part.by.id == 0 ? Cell() : number_cell(r.part.by.id); }},
    {text("woken_by_start_location", "Its start location", 2, "function in which that one started"),
     [](const PartRow& r) {
       const std::string_view name = r.context->tables.string(r.part.by.name);
       return name.empty() ? Cell() : Cell(std::string(name));
     }},
};

}  // namespace

void WaitStory::transition(const Event& e) {
  if (found_ || !e.closes()) return;
  const bool mine = context_.goroutines[e.subject].id == id_;
  if (mine) remember(e);
  if (mine && is_it(e)) {
    tell(e);
    found_ = true;
    log_.stop();
    return;
  }
  if (log_.recording()) log_.transition(e);
  if (!mine) return;
  // What others do matters while the goroutine waits.
  if (e.to() == GoState::kWaiting && !e.open_end()) {
    log_.start(e.time);
  } else {
    log_.stop();
  }
}

void WaitStory::remember(const Event& e) {
  seen_ = true;
  if (e.since == kNever || e.since == e.time) return;
  if (e.since <= time_ && time_ < e.time) {
    state_ = state_of(e.spent_in());
    state_begin_ = e.since;
    state_end_ = e.time;
  }
  if (e.from() != GoState::kWaiting) return;
  if (e.time < time_) wait_before_ = e.since;
  if (e.since > time_ && wait_after_ == kNever) wait_after_ = e.since;
}

std::string WaitStory::why_not() const {
  const std::string who = "goroutine " + std::to_string(id_);
  if (!seen_) return "there is no " + who + " in the capture";
  std::string why = who + " was not waiting at " + format_time(time_);
  if (state_begin_ != kNever) {
    why += std::string(": ") + name_of(state_) + " from " + format_time(state_begin_) + " to " +
           format_time(state_end_);
  }
  if (wait_before_ != kNever) why += "; the wait before that began at " + format_time(wait_before_);
  if (wait_after_ != kNever) why += "; the next one begins at " + format_time(wait_after_);
  return why;
}

void WaitStory::tell(const Event& e) {
  begin_ = e.since;
  end_ = e.time;
  ended_ = !e.open_end();
  reason_ = e.since_name;
  name_ = context_.goroutines[e.subject].name;
  waiting_ = e.since_stack;
  waking_ = e.stack;
  if (!ended_) return;
  if (e.g == kNoGo || e.g == e.subject) {
    runtime_ = name_of(WakerClasses(context_.tables).classify(e));
    return;
  }
  has_waker_ = true;
  waker_ = context_.goroutines[e.g].id;
  waker_name_ = context_.goroutines[e.g].name;
  IntervalId id = log_.last_of(e.g);
  const Interval* interval = log_.find(id);
  int64_t from = interval == nullptr ? begin_ : std::max(begin_, interval->end);
  parts_.push_back({from, end_, IntervalState::kRunning, 0, waking_});
  while (interval != nullptr && from > begin_) {
    const int64_t until = from;
    from = std::max(begin_, log_.begin_of(*interval));
    Part& part = parts_.emplace_back();
    part = {from, until, interval->state(), interval->reason(), interval->stack};
    if (part.state == IntervalState::kWaiting && interval->waker_who != 0) part.by = log_.waker(id);
    id = interval->previous;
    interval = log_.find(id);
  }
  std::ranges::reverse(parts_);
}

void WaitStory::add_tables(Report& report) const {
  Table wait{.id = "wait",
             .title = "The wait",
             .help = "With --wait: one wait, and who ended it.",
             .layout = Layout::kRecord};
  Table parts{.id = "wait_waker",
              .title = "What the waker did meanwhile",
              .help = "With --wait: the states of the goroutine that ended the wait, in order."};
  std::vector<StoryRow> stories;
  std::vector<PartRow> rows;
  if (found_) {
    StackCells& stacks = *context_.stacks;
    const auto text = [&](StringId id) { return std::string(context_.tables.string(id)); };
    stories.push_back({id_, text(name_), text(reason_), has_waker_ ? text(waker_name_) : runtime_,
                       begin_, end_ - begin_, stacks(waiting_), stacks(waking_), has_waker_,
                       waker_});
    for (const Part& part : parts_) rows.push_back({part, &context_});
    if (!ended_) wait.notes.push_back("nobody had ended this wait when the capture did");
    if (log_.overflowed())
      parts.notes.push_back("the begin of the wait did not fit into --max-memory");
  } else {
    wait.notes.push_back(why_not());
  }
  fill(wait, kStoryColumns, stories);
  fill(parts, kPartColumns, rows);
  report.tables.push_back(std::move(wait));
  report.tables.push_back(std::move(parts));
}

}  // namespace tracetool
