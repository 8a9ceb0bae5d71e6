// Writes events: the one place where times become strictly increasing and relative, where each
// closing event is given the begin of what it closes, and where slots are handed out.
//
// Both formats drive it, so that everything it knows (states, open ranges, regions and tasks) means
// the same for both. It does not judge: whoever drives it has checked the order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parser/model/block.h"
#include "parser/model/event.h"
#include "parser/model/hash.h"
#include "parser/model/heap_units.h"
#include "parser/model/memory_budget.h"
#include "parser/model/tables.h"
#include "parser/record/go_table.h"

namespace tracetool {

/// Who an event is attributed to.
struct Context {
  ThreadIndex m = kNoThread;
  ProcIndex p = kNoProc;
  GoSlot g = kNoGo;
};

struct OpenRegion {
  uint64_t task;
  StringId type;
  StackId stack;
  int64_t since;
};

struct OpenRange {
  StringId name;
  StackId stack;
  int64_t since;
  uint8_t flags;  // EventFlag
};

struct OpenTask {
  StringId type;
  StackId stack;
  uint64_t parent;
  int64_t since;
};

class Recorder {
 public:
  /// What is open is taken from `budget`, if there is one.
  explicit Recorder(BlockSink& sink, MemoryBudget* budget = nullptr);

  /// The sink wants no more; whatever is recorded from now on is dropped.
  bool stopped() const { return stopped_; }
  /// There is no room to remember more of what is open; whoever drives it begins no more.
  bool full() const { return budget_ != nullptr && budget_->over(); }
  int64_t last_time() const { return last_ - origin_; }
  /// Events recorded so far.
  uint64_t events() const {
    return events_ + static_cast<uint64_t>(position_ - block_->events) - extras_;
  }
  /// A raw time on the scale of Event::time (may lie before events already written).
  int64_t relative(int64_t raw) const { return raw - origin_; }

  GoTable& goroutines() { return goroutines_; }
  const GoTable& goroutines() const { return goroutines_; }
  /// Of goroutines, Ps (used or not), regions or tasks: how many there were at most at once.
  size_t most_at_once() const {
    return std::max({goroutines_.slots(), procs_.size(), most_procs_, most_regions_, most_tasks_});
  }

  /// `raw_time` is in ns on the trace's own clock, here and below. `clock`: the generation's, on
  /// that clock as well.
  void sync(int64_t raw_time, uint64_t number, uint64_t generation,
            const std::optional<ClockSnapshot>& clock = {}, HeapUnits heap = {});
  /// The last event of the trace.
  void final_sync() { sync(last_ + 1, last_number_ + 1 - number_base_, 0); }
  /// Another trace follows, with a clock of its own: it is put directly behind this one.
  void begin_again();

  /// What was so when this part of the trace began, before anything of it is recorded: known from
  /// what is told later. `g` is new; what tells it repeats the state, by go() and proc() from
  /// kUndetermined and by range_begin() with kRangeActive.
  void foretell(Context ctx, GoRecord& g, GoState state, StackId stack);
  void foretell(Context ctx, ProcIndex p, ProcState state);
  void foretell(Context ctx, RangeScope scope, uint32_t subject, StringId range);
  void foretell_gomaxprocs(Context ctx, uint64_t count);
  /// The trace tells otherwise of it: forgets it, as if it had ended here.
  void take_back(GoRecord& g);

  /// From `from` to `to`; from == to repeats the state and closes nothing. `from` of a goroutine
  /// that is new to the trace is kUndetermined or kNotExist, and its slot comes from insert().
  /// Ends the goroutine if `to` is kNotExist.
  void go(int64_t raw_time, Context ctx, GoSlot subject, GoState from, GoState to, StringId reason,
          StackId stack, StackId transition_stack) {
    go(raw_time, ctx, goroutines_[subject], from, to, reason, stack, transition_stack);
  }
  void go(int64_t raw_time, Context ctx, GoRecord& subject, GoState from, GoState to,
          StringId reason, StackId stack, StackId transition_stack);
  /// `begins_now`: though nothing is known of it before, it came into `to` only now.
  void proc(int64_t raw_time, Context ctx, ProcIndex subject, ProcState from, ProcState to,
            bool begins_now = false);

  void metric(int64_t raw_time, Context ctx, Metric metric, uint64_t value, StackId stack);
  void label(int64_t raw_time, Context ctx, StringId label);
  void sample(int64_t raw_time, Context ctx, uint64_t goroutine_id, StackId stack);
  /// `type` and `size`: what Event::name and Event::subject are.
  void experimental(int64_t raw_time, Context ctx, uint8_t wire_type, uint64_t arg, uint64_t arg2,
                    StringId type, uint32_t size);

  /// Open ranges of a goroutine, a proc, or the whole program (subject 0), oldest first.
  std::span<const OpenRange> open_ranges(RangeScope scope, uint32_t subject);
  bool range_open(RangeScope scope, uint32_t subject, StringId name);
  /// Open, and not only foretold.
  bool range_told(RangeScope scope, uint32_t subject, StringId name);
  /// `kind`: kRangeBegin or kRangeActive.
  void range_begin(int64_t raw_time, Context ctx, EventKind kind, RangeScope scope,
                   uint32_t subject, StringId name, StackId stack);
  void range_end(int64_t raw_time, Context ctx, RangeScope scope, uint32_t subject, StringId name,
                 uint64_t arg = 0, uint64_t arg2 = 0);

  bool task_open(uint64_t task) const { return tasks_.contains(task); }
  void task_begin(int64_t raw_time, Context ctx, uint64_t task, uint64_t parent, StringId type,
                  StackId stack);
  void task_end(int64_t raw_time, Context ctx, uint64_t task, StackId stack);
  /// Innermost open region of a goroutine; nullptr if none is open.
  const OpenRegion* innermost_region(GoSlot g) const;
  /// The innermost one of this task and type; nullptr if none of the innermost 64 is.
  const OpenRegion* open_region(GoSlot g, uint64_t task, StringId type) const;
  void region_begin(int64_t raw_time, Context ctx, uint64_t task, StringId type, StackId stack);
  /// Closes open_region(), else the innermost one; without one the event has no begin.
  void region_end(int64_t raw_time, Context ctx, uint64_t task, StringId type, StackId stack);
  void log(int64_t raw_time, Context ctx, uint64_t task, StringId category,
           std::string_view message, StackId stack);

  /// An event that contradicts what came before: it changes nothing. It stands in the block, for
  /// listings, but in none of its lists, by which passes find such events.
  void unsound(int64_t raw_time, Context ctx, EventKind kind, uint64_t arg, StringId name,
               StackId stack);
  /// The end of this range is missing, if it is open: closes it as what is open at the end.
  void abandon_range(RangeScope scope, uint32_t subject, StringId name);

  /// Events are missing: closes everything open and forgets all goroutines and procs.
  void gap(uint64_t generation);
  /// Closes everything open at the last event's time and hands out the last block.
  void finish();

 private:
  /// What few goroutines have, beside the record that all have.
  struct Sides {
    std::vector<OpenRegion> regions;
    std::vector<OpenRange> ranges;
  };
  struct ProcRecord {
    ProcState state = ProcState::kUndetermined;
    int64_t since = kNever;
    GoSlot in_syscall = kNoGo;  // goroutine that entered a syscall holding this P
    bool used = false;          // it is in used_procs_
    bool foretold = false;      // the trace has yet to tell of it
    std::vector<OpenRange> ranges;
  };

  Event& next(int64_t raw_time) {
    last_ = raw_time > last_ ? raw_time : last_ + 1;
    return place(last_ - origin_);
  }
  Event& place(int64_t time) {
    if (position_ == end_) [[unlikely]]
      flush();
    Event& e = *position_++;
    e.time = time;
    return e;
  }
  Event& rare(int64_t raw_time, EventKind kind, Context ctx, StackId stack);
  Event& unlisted(int64_t raw_time, EventKind kind, Context ctx, StackId stack);
  static constexpr size_t kMostCrossed = 64;  // open regions that are looked at for an end
  uint16_t position(const Event& e) const { return static_cast<uint16_t>(&e - block_->events); }
  void mark_rare(const Event& e, EventKind kind) {
    block_->lists.rare.add(position(e));
    block_->lists.rare_kinds |= 1u << static_cast<unsigned>(kind);
  }
  void mark_foretold(const Event& e) { block_->lists.foretold.add(position(e)); }
  void mark_born(const Event& e) { block_->lists.born.add(position(e)); }
  void mark_named(const Event& e) { block_->lists.named.add(position(e)); }
  void mark_ended(const Event& e) { block_->lists.ended.add(position(e)); }
  void mark_proc(const Event& e) { block_->lists.procs.add(position(e)); }
  void mark_left(const Event& e, GoState state) {
    block_->lists.left[Block::left_index(state)].add(position(e));
  }
  ProcRecord& proc_record(ProcIndex p);
  void flush();
  Sides& make_sides(GoSlot g);
  std::vector<OpenRange>* ranges_of(RangeScope scope, uint32_t subject);
  void drop_sides(GoRecord& g);
  /// An event of the last one's time that the trace does not have.
  Event& extra(EventKind kind, EventFlag why);
  OpenRange* find_range(RangeScope scope, uint32_t subject, StringId name);
  void tell(GoRecord& g);
  [[gnu::noinline]] void use(ProcIndex p);
  template <class T>
  void append(std::vector<T>& open, const T& item);
  void close_ranges(RangeScope scope, uint32_t subject, std::span<const OpenRange> ranges);
  void close(GoRecord& g);
  void close_everything();

  static constexpr size_t kTaskBytes = 2 * sizeof(OpenTask) + 32;  // in a map, with its id

  BlockSink& sink_;
  MemoryBudget* budget_;
  Block* block_ = nullptr;
  Event *position_ = nullptr, *end_ = nullptr;
  Block drain_;  // takes what comes after the sink said stop
  bool stopped_ = false;
  bool started_ = false;
  int64_t last_ = 0;          // adjusted time of the last event, on the trace's own clock
  int64_t origin_ = 0;        // what Event::time 0 is there
  int64_t next_time_ = 0;     // Event::time of the first event of this trace
  int64_t last_sync_ = 0;     // time of the last sync event, relative
  uint64_t last_number_ = 0;  // and its number
  uint64_t number_base_ = 0;  // syncs of the traces before
  uint64_t events_ = 0;       // in blocks handed out
  uint64_t extras_ = 0;       // events that only open or close: not the trace's

  GoTable goroutines_;
  std::vector<ProcRecord> procs_;
  std::vector<ProcIndex> used_procs_;  // since the last gap, or the begin
  std::vector<OpenRange> global_ranges_;
  std::unordered_map<uint64_t, OpenTask, IdHash> tasks_;
  size_t open_regions_ = 0, most_regions_ = 0, most_tasks_ = 0, most_procs_ = 0;
  std::vector<Sides> sides_;
  std::vector<uint32_t> free_sides_;  // 1 + index, as GoRecord::sides
};

/// Memory that a list once got it keeps.
template <class T>
void Recorder::append(std::vector<T>& open, const T& item) {
  const size_t before = open.capacity();
  open.push_back(item);
  if (budget_ != nullptr && open.capacity() != before)
    budget_->take((open.capacity() - before) * sizeof(T));
}

inline Recorder::ProcRecord& Recorder::proc_record(ProcIndex p) {
  if (p >= procs_.size() || !procs_[p].used) [[unlikely]]
    use(p);
  return procs_[p];
}

[[gnu::always_inline]] inline void Recorder::go(int64_t raw_time, Context ctx, GoRecord& g,
                                                GoState from, GoState to, StringId reason,
                                                StackId stack, StackId transition_stack) {
  Event& e = next(raw_time);
  e.since = g.since;
  e.arg = static_cast<uint64_t>(g.p_lost);
  e.arg2 = transition_stack;
  e.g = ctx.g;
  e.subject = g.slot;
  e.stack = stack;
  e.name = reason;
  std::memcpy(&e.since_stack, &g.began_bits, sizeof(g.began_bits));
  e.m = ctx.m;
  e.p = ctx.p;
  e.kind = EventKind::kGoTransition;
  e.from_to = pack_states(from, to);
  e.flags = g.flags & kFlagOpenStart;
  e.aux = 0;
  if (transition_stack > kEmptyStack && !(g.flags & kFlagNames)) {
    g.flags |= kFlagNames;
    g.named_by = transition_stack;
    e.flags |= kFlagNames;
    if (from > GoState::kNotExist) mark_named(e);
  }
  if (from == to) return;
  if (from == GoState::kSyscall && g.syscall_p != kNoProc) {
    procs_[g.syscall_p].in_syscall = kNoGo;
    g.syscall_p = kNoProc;
  }
  g.since = e.time;
  g.set_began(stack == kEmptyStack ? 0 : stack, reason);
  g.p_lost = kNever;
  g.state = to;
  if (from <= GoState::kNotExist) {
    mark_born(e);
    e.arg = g.id;
    if (from == GoState::kUndetermined) {
      // Taken to have been there since this part of the trace began, or the last sync; in a syscall
      // without a P all along.
      e.since = last_sync_;
      e.flags |= kFlagOpenStart | (g.flags & kGoForetold ? kFlagForetold : 0);
      g.flags &= static_cast<uint8_t>(~kGoForetold);
      g.flags |= kFlagOpenStart;
      if (to == GoState::kSyscall && ctx.p == kNoProc) g.p_lost = e.time;
    } else {
      g.flags |= kGoBorn;
    }
  } else {
    mark_left(e, from);
    g.flags &= static_cast<uint8_t>(~kFlagOpenStart);
  }
  if (to == GoState::kSyscall && ctx.p != kNoProc) {
    ProcRecord& p = proc_record(ctx.p);
    if (p.in_syscall != kNoGo) goroutines_[p.in_syscall].syscall_p = kNoProc;
    p.in_syscall = g.slot;
    g.syscall_p = ctx.p;
  } else if (to == GoState::kNotExist) {
    mark_ended(e);
    if (g.sides != 0) [[unlikely]]
      drop_sides(g);
    goroutines_.erase(g);
    block_->freed.push_back(g.slot);
  }
}

}  // namespace tracetool
