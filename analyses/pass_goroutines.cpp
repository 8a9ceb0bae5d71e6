// Where the goroutines' time went, by the function they started in.
#include <algorithm>
#include <deque>

#include "analyses/goroutine_time.h"
#include "analyses/histogram.h"
#include "analyses/pass.h"
#include "analyses/reasons.h"
#include "reports/units.h"

namespace tracetool {
namespace {

/// Sums over goroutines; also one goroutine's.
struct Sums {
  uint64_t count = 0;
  int64_t total = 0, exec = 0, sched_wait = 0, syscall = 0, syscall_block = 0, unknown = 0;
  std::array<int64_t, kBlockClasses> block{};
  int64_t assist = 0, sweep = 0, stw = 0;

  int64_t block_total() const {
    int64_t sum = 0;
    for (int64_t b : block) sum += b;
    return sum;
  }
  void add(const Sums& other) {
    count += other.count;
    total += other.total;
    exec += other.exec;
    sched_wait += other.sched_wait;
    syscall += other.syscall;
    syscall_block += other.syscall_block;
    unknown += other.unknown;
    for (size_t i = 0; i < block.size(); ++i) block[i] += other.block[i];
    assist += other.assist;
    sweep += other.sweep;
    stw += other.stw;
  }
};

struct Group {
  std::string name;
  Sums sums;
  Histogram lifetime, sched_wait;
  NamedTimes block, ranges;
};

struct GroupRow {
  std::string name;
  Sums sums;
  const Group* group;
};

/// One goroutine, for --each.
struct EachRow {
  uint64_t id, parent;
  int64_t creation, start, end;  // kNever: did not run, still alive
  std::string name;
  Sums sums;
};

struct NamedRow {
  std::string group, name, cls;
  uint64_t count;
  int64_t time;
};

Cell time_or_none(int64_t t) { return t == kNever ? Cell() : Cell(t); }

/// The columns that a group and a single goroutine have in common. `shift` is added to their ranks.
template <class Row>
void add_time_columns(Columns<Row>& columns, int shift) {
  const auto add = [&](const char* id, const char* heading, int rank, const char* help,
                       Cell (*get)(const Row&), Better better = Better::kNeither) {
    columns.push_back(
        {{id, heading, Unit::kNanoseconds, Role::kSum, better, true, rank + shift, help}, get});
  };
  constexpr Better kLower = Better::kLower;
  add("total_ns", "Total", 1, "time from creation (or the begin of the trace) to the end",
      [](const Row& r) { return Cell(r.sums.total); });
  add("execution_ns", "Execution", 0, "time running on a P",
      [](const Row& r) { return Cell(r.sums.exec); });
  add(
      "sched_wait_ns", "Sched wait", 0, "time runnable, waiting for a P",
      [](const Row& r) { return Cell(r.sums.sched_wait); }, kLower);
  add("block_ns", "Block", 0, "time blocked, all reasons (the sum of the seven block columns)",
      [](const Row& r) { return Cell(r.sums.block_total()); });
  add("block_network_ns", "network", 2, "blocked on the network poller (GoBlockNet)",
      [](const Row& r) { return Cell(r.sums.block[0]); });
  add(
      "block_sync_ns", "sync", 2, "blocked on a mutex, WaitGroup, Cond or semaphore (GoBlockSync)",
      [](const Row& r) { return Cell(r.sums.block[1]); }, kLower);
  add("block_select_ns", "select", 2, "blocked in a select",
      [](const Row& r) { return Cell(r.sums.block[2]); });
  add("block_chan_ns", "chan", 2, "blocked on a channel send or receive",
      [](const Row& r) { return Cell(r.sums.block[3]); });
  add("block_sleep_ns", "sleep", 2, "blocked in time.Sleep",
      [](const Row& r) { return Cell(r.sums.block[4]); });
  add(
      "block_gc_ns", "GC", 2, "blocked for the garbage collector, e.g. out of assist credit",
      [](const Row& r) { return Cell(r.sums.block[5]); }, kLower);
  add("block_other_ns", "other", 2, "blocked for any other reason, or since before the trace",
      [](const Row& r) { return Cell(r.sums.block[6]); });
  add("syscall_ns", "Syscall", 1, "in a system call, still holding its P",
      [](const Row& r) { return Cell(r.sums.syscall); });
  add("syscall_block_ns", "Syscall block", 1,
      "in a system call after its P was taken (GoBlockSyscall)",
      [](const Row& r) { return Cell(r.sums.syscall_block); });
  add("unknown_ns", "Unknown", 1, "total time that no part explains",
      [](const Row& r) { return Cell(r.sums.unknown); });
  add(
      "gc_mark_assist_ns", "GC assist", 3,
      "inside GC mark assists (gcAssistAlloc); overlaps the parts",
      [](const Row& r) { return Cell(r.sums.assist); }, kLower);
  add(
      "gc_sweep_ns", "GC sweep", 3, "inside GC incremental sweeps; overlaps the parts",
      [](const Row& r) { return Cell(r.sums.sweep); }, kLower);
  add(
      "stw_ns", "STW", 3, "inside a stop-the-world that it asked for; overlaps the parts",
      [](const Row& r) { return Cell(r.sums.stw); }, kLower);
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which the goroutines started"},
       [](const Row& r) { return Cell(r.name); }},
      {{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, true, 0, "goroutines"},
       [](const Row& r) { return Cell(static_cast<int64_t>(r.sums.count)); }},
  };
  add_time_columns(c, 0);
  // Lives are as long as the work, waits for a P are not.
  const auto stat = [&](const char* id, const char* heading, const char* help, Role role,
                        Cell (*get)(const Row&)) {
    const bool wait = std::string_view(id).starts_with("goroutine_sched_wait");
    const Better better = wait ? Better::kLower : Better::kNeither;
    c.push_back({{id, heading, Unit::kNanoseconds, role, better, false, 5, help}, get});
  };
  stat("lifetime_min_ns", "Life min", "shortest life within the trace", Role::kMin,
       [](const Row& r) { return Cell(r.group->lifetime.min()); });
  stat("lifetime_mean_ns", "Life mean", "mean life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.mean()); });
  stat("lifetime_p50_ns", "Life p50", "median life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.50)); });
  stat("lifetime_p95_ns", "Life p95", "95th percentile of life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.95)); });
  stat("lifetime_p99_ns", "Life p99", "99th percentile of life", Role::kStat,
       [](const Row& r) { return Cell(r.group->lifetime.percentile(0.99)); });
  stat("lifetime_max_ns", "Life max", "longest life", Role::kMax,
       [](const Row& r) { return Cell(r.group->lifetime.max()); });
  stat("goroutine_sched_wait_min_ns", "Wait min", "smallest sched wait of one goroutine",
       Role::kMin, [](const Row& r) { return Cell(r.group->sched_wait.min()); });
  stat("goroutine_sched_wait_mean_ns", "Wait mean", "mean sched wait of a goroutine", Role::kStat,
       [](const Row& r) { return Cell(r.group->sched_wait.mean()); });
  stat("goroutine_sched_wait_p50_ns", "Wait p50", "median sched wait of a goroutine", Role::kStat,
       [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.50)); });
  stat("goroutine_sched_wait_p95_ns", "Wait p95", "95th percentile of a goroutine's sched wait",
       Role::kStat, [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.95)); });
  stat("goroutine_sched_wait_p99_ns", "Wait p99", "99th percentile of a goroutine's sched wait",
       Role::kStat, [](const Row& r) { return Cell(r.group->sched_wait.percentile(0.99)); });
  stat("goroutine_sched_wait_max_ns", "Wait max", "largest sched wait of one goroutine", Role::kMax,
       [](const Row& r) { return Cell(r.group->sched_wait.max()); });
  return c;
}

Columns<EachRow> each_columns() {
  using Row = EachRow;
  const auto id = [](const char* name, const char* heading, const char* help) {
    return Column{name, heading, Unit::kId, Role::kId, Better::kNeither, false, 0, help};
  };
  const auto at = [](const char* name, const char* heading, const char* help) {
    return Column{name, heading, Unit::kTime, Role::kInfo, Better::kNeither, false, 0, help};
  };
  Columns<Row> c = {
      {id("goroutine", "Goroutine", "goroutine id"),
       [](const Row& r) { return Cell(static_cast<int64_t>(r.id)); }},
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which it started"},
       [](const Row& r) { return Cell(r.name); }},
      {{"parent", "Parent", Unit::kId, Role::kId, Better::kNeither, false, 0,
        "id of the goroutine that created it"},
       [](const Row& r) { return r.parent == 0 ? Cell() : Cell(static_cast<int64_t>(r.parent)); }},
      {at("creation_ns", "Created", "when it was created, or the trace or window began"),
       [](const Row& r) { return Cell(r.creation); }},
      {at("start_ns", "Started", "when it ran for the first time"),
       [](const Row& r) { return time_or_none(r.start); }},
      {at("end_ns", "Ended", "when it ended; none if it was alive at the end"),
       [](const Row& r) { return time_or_none(r.end); }},
  };
  add_time_columns(c, 1);
  return c;
}

Columns<NamedRow> named_columns(const char* what, const char* heading, const char* help) {
  using Row = NamedRow;
  return {
      {{"start_location", "Start location", Unit::kNone, Role::kKey, Better::kNeither, false, 0,
        "function in which the goroutines started"},
       [](const Row& r) { return Cell(r.group); }},
      {{what, heading, Unit::kNone, Role::kKey, Better::kNeither, false, 0, help},
       [](const Row& r) { return Cell(r.name); }},
      {{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, true, 0, "how often"},
       [](const Row& r) { return Cell(static_cast<int64_t>(r.count)); }},
      {{"time_ns", "Time", Unit::kNanoseconds, Role::kSum, Better::kNeither, true, 0,
        "time in all"},
       [](const Row& r) { return Cell(r.time); }},
      {{"mean_ns", "Mean", Unit::kNanoseconds, Role::kStat, Better::kNeither, false, 1,
        "time each"},
       [](const Row& r) {
         return r.count == 0 ? Cell()
                             : Cell(static_cast<double>(r.time) / static_cast<double>(r.count));
       }},
  };
}

Columns<NamedRow> reason_columns() {
  Columns<NamedRow> c = named_columns("reason", "Reason", "reason as the runtime gives it");
  c.insert(c.begin() + 2, {{"class", "Class", Unit::kNone, Role::kInfo, Better::kNeither, false, 1,
                            "class of the reason"},
                           [](const NamedRow& r) { return Cell(r.cls); }});
  return c;
}

class GoroutinesPass final : public Pass {
 public:
  GoroutinesPass(const RunContext& context, bool each)
      : context_(context), tables_(context.tables), each_(each) {}

  /// In a block each goroutine is created before it does anything, and ends after it; its slot is
  /// not used again before the next one. So the stays between can be summed up by state.
  void block(const Block& block) override {
    if (live_.size() < context_.goroutines.slots()) live_.resize(context_.goroutines.slots());
    Live* const live = live_.data();
    for (const uint16_t at : block.born_positions()) begin(block.events[at]);
    if (each_) first_runs(block);
    forever_.clear();
    for (const uint16_t at : block.left_positions(GoState::kRunning)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) ran(g, e);
    }
    for (const uint16_t at : block.left_positions(GoState::kRunnable)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) g.time.sched_wait += e.time - e.since;
    }
    for (const uint16_t at : block.left_positions(GoState::kWaiting)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e) && !is_forever(e.since_name)) stayed(g, e);
    }
    for (const uint16_t at : block.left_positions(GoState::kSyscall)) {
      const Event& e = block.events[at];
      if (Live& g = live[e.subject]; !g.dead(e)) g.time.add(e, e.since, e.time);
    }
    if (block.has(EventKind::kRangeBegin, EventKind::kRangeActive, EventKind::kRangeEnd)) {
      for (const uint16_t at : block.rare_positions()) {
        const Event& e = block.events[at];
        if (e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd) range(e);
      }
    }
    for (const Event* e : forever_) end(*e, false);
    for (const uint16_t at : block.ended_positions()) {
      const Event& e = block.events[at];
      if (!live_[e.subject].forever()) end(e, e.open_end());
    }
  }

  void finish(const Capture& capture, Report& report) override;

 private:
  /// The first cache line is all that most events touch.
  struct alignas(64) Live {
    int64_t dead_since = INT64_MAX;  // blocked for good: what comes later does not count
    GoroutineTime time;
    int64_t start = kNever;  // only for --each

    bool dead(const Event& e) const { return e.time > dead_since; }
    bool forever() const { return dead_since != INT64_MAX; }
  };
  struct Sweeper {
    GoSlot slot = kNoGo;
    uint64_t serial = 0;
  };

  bool outside(const Event& e) const { return (e.flags & kFlagOutside) && !context_.scoped; }

  void begin(const Event& e) {
    Live& g = live_[e.subject];
    g.time.clear();
    g.dead_since = INT64_MAX;
    g.start = kNever;
    if (e.from() == GoState::kUndetermined) stayed(g, e);
  }
  void ran(Live& g, const Event& e) {
    g.time.exec += e.time - e.since;
    if (is_forever(e.name)) [[unlikely]] {
      g.dead_since = e.time;
      forever_.push_back(&e);
    }
  }
  /// What lies outside the window or scope as a whole does not even count.
  void stayed(Live& g, const Event& e) {
    if ((e.flags & kFlagOutside) == 0 || e.since != e.time) g.time.add(e, e.since, e.time);
  }
  void first_runs(const Block& block) {
    for (const Event& e : block.all()) {
      if (e.kind != EventKind::kGoTransition || e.to() != GoState::kRunning || !e.closes())
        continue;
      Live& g = live_[e.subject];
      if (g.start == kNever && !e.open_end() && !outside(e)) g.start = e.time;
    }
  }

  /// A range on a P belongs to the goroutine that began it, if it is still the one that ends it.
  void range(const Event& e) {
    if (e.scope() == RangeScope::kNone) return;
    if (e.scope() == RangeScope::kGoroutine) {
      if (e.kind == EventKind::kRangeEnd && e.since != kNever && !live_[e.subject].dead(e))
        live_[e.subject].time.ranges.add(e.name, e.time - e.since);
      return;
    }
    if (e.subject >= sweepers_.size()) sweepers_.resize(e.subject + size_t{1});
    Sweeper& s = sweepers_[e.subject];
    if (e.kind != EventKind::kRangeEnd) {
      s = e.g == kNoGo ? Sweeper{} : Sweeper{e.g, context_.goroutines[e.g].serial};
    } else if (s.slot != kNoGo && e.since != kNever && (e.g == s.slot || e.open_end()) &&
               context_.goroutines[s.slot].serial == s.serial && !live_[s.slot].dead(e)) {
      live_[s.slot].time.ranges.add(e.name, e.time - e.since);
    }
  }

  void end(const Event& e, bool alive) {
    const Live& live = live_[e.subject];
    const Goroutine& g = context_.goroutines[e.subject];
    alive = alive || outside(e);
    // Its whole life lies before or after the window.
    if ((e.flags & kFlagOutside) && e.time <= g.creation) return;
    const GoroutineTime& t = live.time;
    if (!g.selected || (context_.scoped && t.accounted() == 0)) return;
    Group& group = group_of(g.name);
    const int64_t total =
        context_.scoped ? t.accounted() : std::max<int64_t>(0, e.time - g.creation);
    account(group.sums, t, total, &group);
    group.lifetime.add(total);
    group.sched_wait.add(t.sched_wait);
    alive_ += alive;
    if (!each_) return;
    each_rows_.push_back({g.id, g.parent, g.creation, live.start, alive ? kNever : e.time,
                          std::string(tables_.string(g.name)), Sums()});
    account(each_rows_.back().sums, t, total, nullptr);
  }
  /// Adds one goroutine to `sums`, and what it did by name to `group` if there is one.
  void account(Sums& sums, const GoroutineTime& t, int64_t total, Group* group) {
    ++sums.count;
    sums.total += total;
    sums.exec += t.exec;
    sums.sched_wait += t.sched_wait;
    sums.syscall += t.syscall;
    sums.syscall_block += t.syscall_block;
    int64_t unknown = total - t.exec - t.sched_wait - t.syscall - t.syscall_block;
    t.block.each([&](const NamedTime& b) {
      sums.block[static_cast<size_t>(class_of(b.name))] += b.time;
      unknown -= b.time;
      if (group != nullptr) group->block.add(b.name, b.time, b.count);
    });
    sums.unknown += std::max<int64_t>(0, unknown);
    t.ranges.each([&](const NamedTime& r) {
      const std::string_view name = tables_.string(r.name);
      (name == "GC mark assist"         ? sums.assist
       : name == "GC incremental sweep" ? sums.sweep
                                        : sums.stw) += r.time;
      if (group != nullptr) group->ranges.add(r.name, r.time, r.count);
    });
  }

  Group& group_of(StringId name) {
    if (name >= group_index_.size()) group_index_.resize(name + size_t{1});
    uint32_t& index = group_index_[name];
    if (index == 0) {
      groups_.push_back({});
      groups_.back().name = name == 0 ? "(unknown)" : std::string(tables_.string(name));
      index = static_cast<uint32_t>(groups_.size());
    }
    return groups_[index - 1];
  }

  uint8_t classify(StringId reason) {
    if (reason < classes_.size() && classes_[reason] != kUnclassified) [[likely]]
      return classes_[reason];
    return classify_new(reason);
  }
  uint8_t classify_new(StringId reason) {
    if (reason >= classes_.size()) classes_.resize(reason + size_t{1}, kUnclassified);
    const std::string_view text = tables_.string(reason);
    classes_[reason] = static_cast<uint8_t>(block_class(text));
    if (text == "forever") classes_[reason] |= kForever;
    return classes_[reason];
  }
  BlockClass class_of(StringId reason) {
    return static_cast<BlockClass>(classify(reason) & ~kForever);
  }
  bool is_forever(StringId reason) { return classify(reason) & kForever; }

  static constexpr uint8_t kUnclassified = 0xFF, kForever = 0x80;
  const RunContext context_;
  const Tables& tables_;
  const bool each_;
  std::vector<Live> live_;         // by slot
  std::vector<Sweeper> sweepers_;  // by proc
  std::deque<Group> groups_;
  std::vector<uint32_t> group_index_;  // name -> 1 + index in groups_
  std::vector<uint8_t> classes_;       // reason -> BlockClass, kForever
  std::vector<const Event*> forever_;  // blocked for good in this block
  std::vector<EachRow> each_rows_;
  uint64_t alive_ = 0;
};

void GoroutinesPass::finish(const Capture&, Report& report) {
  Table groups{
      .id = "goroutines",
      .title = "Goroutines by start location",
      .help = "Total = execution + sched wait + block + syscall + syscall block + unknown.",
      .sort_by = "total_ns"};
  std::vector<GroupRow> rows;
  std::vector<NamedRow> reasons, ranges;
  Sums all;
  for (const Group& g : groups_) {
    all.add(g.sums);
    rows.push_back({g.name, g.sums, &g});
    g.block.each([&](const NamedTime& t) {
      const std::string reason(tables_.string(t.name));
      reasons.push_back({g.name, reason.empty() ? "(none given)" : reason,
                         name_of(block_class(reason)), t.count, t.time});
    });
    g.ranges.each([&](const NamedTime& t) {
      ranges.push_back({g.name, std::string(tables_.string(t.name)), "", t.count, t.time});
    });
  }
  fill(groups, group_columns(), rows);
  if (alive_ > 0) {
    groups.notes.push_back(std::to_string(alive_) +
                           (alive_ == 1 ? " goroutine was still alive at the end; its"
                                        : " goroutines were still alive at the end; their") +
                           " time counts up to it");
  }
  if (all.unknown > 0) {
    groups.notes.push_back(format_duration(static_cast<double>(all.unknown)) + " of " +
                           format_duration(static_cast<double>(all.total)) +
                           " is unknown: no part explains it");
  }
  if (groups_.empty() && context_.goroutines.filter().active())
    groups.notes.emplace_back("no goroutine matches the filter");
  report.tables.push_back(std::move(groups));

  Table by_reason{.id = "block_reasons",
                  .detail = true,
                  .title = "Block time by reason",
                  .help = "What blocked the goroutines of each start location.",
                  .sort_by = "time_ns"};
  fill(by_reason, reason_columns(), reasons);
  report.tables.push_back(std::move(by_reason));

  Table by_range{
      .id = "goroutine_ranges",
      .detail = true,
      .title = "Special ranges",
      .help = "Time inside GC assists, sweeps and stop-the-worlds; overlaps the parts above.",
      .sort_by = "time_ns"};
  fill(by_range, named_columns("range", "Range", "name of the range"), ranges);
  report.tables.push_back(std::move(by_range));

  if (!each_) return;
  Table each{.id = "goroutines_each", .title = "Goroutines one by one", .sort_by = "total_ns"};
  fill(each, each_columns(), each_rows_);
  report.tables.push_back(std::move(each));
}

}  // namespace

extern const PassInfo goroutines_pass{
    "goroutines",
    "where the goroutines' time went, by start location",
    "Sums up execution, scheduler wait, blocking by reason, and system calls of all goroutines,\n"
    "by the function that they started in (what go tool trace calls goroutine analysis).\n"
    "Parts add up to the total; what they leave open is shown as unknown.\n"
    "\n"
    "Examples:\n"
    "  tracetool goroutines trace.out\n"
    "  tracetool goroutines trace.out --function 'server\\.' --sort sched_wait_ns\n"
    "  tracetool goroutines trace.out --each --goroutine 42 --format json\n",
    {{"--each", "", "list the goroutines one by one as well", ""}},
    [](const RunContext& context, const PassOptions& options,
       std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<GoroutinesPass>(context, options.flag("--each"));
    },
    6,
    10};

}  // namespace tracetool
