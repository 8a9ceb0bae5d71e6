// System calls: which, from where, how long with a P and how long without.
#include <map>

#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/go/stack_place.h"
#include "analyses/go/wait_kind.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {
namespace {

struct Calls {
  DurationStats stats = {};
  CountTime blocked = {};  // those that lost their P, and their time since then
  CountTime open = {};

  void merge(const Calls& other) {
    stats.merge(other.stats);
    blocked.merge(other.blocked);
    open.merge(other.open);
  }
};

struct Row : Calls {
  std::string name;
  std::string caller = {};
  StackCell stack = {};
};

void add_call_columns(Columns<Row>& c) {
  add_sum_columns(c, "Calls of which begin and end are known.");
  append(c, {{amount("running_ns", "With P", 0,
                     "Part of the total in which the goroutine still held its P."),
              [](const Row& r) -> Cell { return r.stats.durations.sum() - r.blocked.time; }},
             {cost("blocked_ns", "Without P", 0,
                   "Part of the total after its P was given to others (GoBlockSyscall)."),
              [](const Row& r) -> Cell { return r.blocked.time; }},
             {cost_count("blocked_count", "Lost P", 2,
                         "Calls that took so long that their P was given to others."),
              [](const Row& r) { return count_cell(r.blocked.count); }}});
  add_distribution_columns(c);
  add_open_columns(c, 5);
}

Columns<Row> name_columns() {
  Columns<Row> c = {{key("syscall", "System call",
                         "From the stack's innermost frames; a C function for calls into C."),
                     of<&Row::name>}};
  add_call_columns(c);
  return c;
}

Columns<Row> stack_columns() {
  Columns<Row> c = name_columns();
  c.insert(c.begin() + 1, {caller(), text_of<&Row::caller>});
  c.push_back({stack("Where the call was made."), of<&Row::stack>});
  return c;
}

class SyscallsPass final : public Pass {
 public:
  explicit SyscallsPass(const RunContext& context)
      : context_(context),
        tables_(context.tables),
        filtered_(context.goroutines.filter().active()) {}

  void block(const Block& block) override {
    for (const uint16_t at : block.born_positions()) {
      const Event& e = block.events[at];
      if (e.from() == GoState::kUndetermined && e.to() == GoState::kSyscall) returned(e);
    }
    for (const uint16_t at : block.left_positions(GoState::kSyscall)) returned(block.events[at]);
  }

  void finish(const Capture& capture, Report& report) override;

 private:
  void returned(const Event& e) {
    if (filtered_ && !context_.goroutines[e.subject].selected) return;
    const bool first = e.from() == GoState::kUndetermined;
    const StackId stack = first ? e.stack : e.since_stack;
    Calls& calls = by_id(calls_, stack);
    if (first) return calls.open.add_first(e);
    const int64_t duration = e.time - e.since;
    // A call that took no measurable time lies before or behind the time window.
    if (duration <= 0) return;
    if (e.open_end()) return calls.open.add(duration);
    calls.stats.add(duration, e.since, e.subject, context_.goroutines);
    if (e.p_lost() != kNever) calls.blocked.add(e.time - std::max(e.p_lost(), e.since));
  }

  const RunContext context_;
  const Tables& tables_;
  const bool filtered_;
  std::vector<Calls> calls_;  // by stack
};

void SyscallsPass::finish(const Capture&, Report& report) {
  std::map<std::string, Row> names;
  // Stacks that differ in nothing but their addresses are one to the reader.
  std::map<StackCell, Row> stacks;
  for (StackId id = 0; id < calls_.size(); ++id) {
    const Calls& calls = calls_[id];
    if (calls.stats.durations.count() + calls.open.count == 0 && calls.open.time == 0) continue;
    std::string name = syscall_name(tables_, id);
    // Threads of C that call into Go come out of nowhere.
    if (name.empty()) name = "(no stack)";
    names.try_emplace(name, Row{{}, name}).first->second.merge(calls);
    StackCell stack = (*context_.stacks)(id);
    stacks.try_emplace(stack, Row{{}, name, std::string(caller_in(tables_, id)), stack})
        .first->second.merge(calls);
  }
  const auto rows_of = [](const auto& map) {
    std::vector<Row> rows;
    rows.reserve(map.size());
    for (const auto& [key, row] : map) rows.push_back(row);
    return rows;
  };
  Table by_name{.id = "syscalls",
                .title = "System calls by name",
                .help = "Total = with P + without P.",
                .sort_by = "total_ns"};
  fill(by_name, name_columns(), rows_of(names));
  report.tables.push_back(std::move(by_name));
  Table by_stack{.id = "syscalls_stacks",
                 .detail = true,
                 .title = "System calls by stack",
                 .help = "Total = with P + without P.",
                 .sort_by = "total_ns"};
  fill(by_stack, stack_columns(), rows_of(stacks));
  report.tables.push_back(std::move(by_stack));
}

}  // namespace

extern const PassInfo syscalls_pass{
    "syscalls",
    "system calls by name and by stack: how long, and whether they lost their P",
    "Every system call that the trace shows, by name as far as the stack tells it, and by stack.\n"
    "A call that takes longer than some 20 microseconds loses its P to other goroutines: the time\n"
    "after that is shown apart, as it blocks only the caller. Calls into C count as well.\n"
    "Traces of Go 1.21 and older tell of calls that kept their P only that they happened, not how\n"
    "long they took.\n"
    "\n"
    "Examples:\n"
    "  tracetool syscalls trace.out\n"
    "  tracetool syscalls trace.out --table syscalls_stacks --sort blocked_ns\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<SyscallsPass>(context);
    },
    1,
    30};

}  // namespace tracetool
