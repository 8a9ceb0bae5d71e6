// Threads of the operating system over time: how many, with a P or in system calls, and which.
#include <algorithm>
#include <array>
#include <bit>

#include "analyses/engine/by_id.h"
#include "analyses/engine/pass.h"
#include "analyses/engine/selection.h"
#include "analyses/passes/threads/thread_tables.h"
#include "analyses/passes/threads/thread_usage.h"

namespace tracetool {
namespace {

class ThreadsPass final : public Pass {
 public:
  /// `modest`: not who ran on which thread, which takes a look at every run.
  ThreadsPass(const RunContext& context, bool modest) : context_(context), modest_(modest) {}

  void block(const Block& block) override {
    if (goroutines_.size() < context_.goroutines.slots())
      goroutines_.resize(context_.goroutines.slots());
    if (!modest_) runs(block);
    // Few events matter: marked here list by list, then seen in order.
    Marks marks{};
    const auto mark = [&](uint16_t at) { marks[at / 64] |= uint64_t{1} << at % 64; };
    for (const uint16_t at : block.left_positions(GoState::kRunning))
      if (block.events[at].to() == GoState::kSyscall) mark(at);
    for (const auto& list : {block.foretold_positions(), block.born_positions()})
      for (const uint16_t at : list)
        if (block.events[at].to() == GoState::kSyscall) mark(at);
    for (const uint16_t at : block.left_positions(GoState::kSyscall)) mark(at);
    for (const uint16_t at : block.proc_positions()) mark(at);
    if (block.has(EventKind::kSync, EventKind::kGap))
      for (const uint16_t at : block.rare_positions()) mark(at);
    for (size_t word = 0; word < marks.size(); ++word)
      for (uint64_t bits = marks[word]; bits != 0; bits &= bits - 1)
        see(block.events[word * 64 + static_cast<size_t>(std::countr_zero(bits))]);
    if (block.count > 0) last_ = block.events[block.count - 1].time;
  }

  void finish(const Capture& capture, Report& report) override {
    if (begun_) usage_.finish(std::max(last_, capture.end));
    add_thread_tables({context_.tables, usage_, runs_, !modest_, gaps_, selective(context_)},
                      report);
  }

 private:
  struct Goroutine {
    ThreadIndex runs_on = kNoThread;  // where it ran last
    ThreadIndex calls_on = kNoThread;
    bool in_call = false;
  };

  using Marks = std::array<uint64_t, kBlockEvents / 64>;

  void see(const Event& e) {
    if (e.kind == EventKind::kGoTransition) {
      goroutine(e);
    } else if (e.kind == EventKind::kProcTransition) {
      proc(e);
    } else if (e.kind == EventKind::kSync || e.kind == EventKind::kGap) {
      part(e);
    }
  }

  void runs(const Block& block) {
    for (const uint16_t at : block.born_positions())
      if (block.events[at].to() == GoState::kRunning) starts(block.events[at]);
    for (const uint16_t at : block.left_positions(GoState::kRunnable))
      if (block.events[at].to() == GoState::kRunning) starts(block.events[at]);
    for (const uint16_t at : block.ended_positions()) {
      const GoSlot slot = block.events[at].subject;
      leave(goroutines_[slot].runs_on, slot);
      goroutines_[slot].runs_on = kNoThread;
    }
  }

  void starts(const Event& e) {
    if (e.m == kNoThread || (e.flags & kFlagOutside)) return;
    ThreadRuns& runs = by_id(runs_, e.m);
    ThreadIndex& on = goroutines_[e.subject].runs_on;
    ++runs.runs;
    if (on == e.m && runs.slot == e.subject) {
      ++runs.row;
      return;
    }
    leave(on, e.subject);
    end_row(runs);
    runs.slot = e.subject;
    runs.row = 1;
    on = e.m;
  }
  /// It runs on this thread no more.
  void leave(ThreadIndex m, GoSlot slot) {
    if (m == kNoThread || runs_[m].slot != slot) return;
    end_row(runs_[m]);
    runs_[m].slot = kNoGo;
    runs_[m].row = 0;
  }
  void end_row(ThreadRuns& runs) {
    if (runs.row <= runs.longest_row) return;
    const auto& g = context_.goroutines[runs.slot];
    runs.longest_row = runs.row;
    runs.id = g.id;
    runs.name = g.name;
  }

  void goroutine(const Event& e) {
    usage_.counts = (e.flags & kFlagOutside) == 0;
    Goroutine& g = goroutines_[e.subject];
    if (e.open_end()) g.in_call = false;
    if (e.open_end() || (!e.closes() && !e.foretells())) return;
    if (e.foretold()) return usage_.seen_on(g.calls_on, e.time);
    if (g.in_call) {
      usage_.leave(g.calls_on, e.time);
      g.in_call = false;
    }
    if (e.to() != GoState::kSyscall) return;
    g.in_call = true;
    g.calls_on = usage_.enter(e.m, e.time);
  }

  void proc(const Event& e) {
    if (e.subject >= kFirstPseudoProc || !(e.closes() || e.foretells())) return;
    const auto p = static_cast<ProcIndex>(e.subject);
    if (e.open_end()) return;
    usage_.counts = (e.flags & kFlagOutside) == 0;
    if (e.proc_to() == ProcState::kRunning) {
      usage_.take_p(e.m, p, e.time);
    } else if (e.proc_from() == ProcState::kRunning) {
      usage_.lose_p(p, e.time);
    }
  }

  void part(const Event& e) {
    if (e.kind == EventKind::kSync) {
      if (!begun_) usage_.begin(e.time);
      begun_ = true;
      return;
    }
    usage_.forget(e.time);
    gaps_ |= e.generation() != 0 && (e.flags & kFlagOutside) == 0;
  }

  const RunContext context_;
  const bool modest_;
  ThreadUsage usage_;
  std::vector<ThreadRuns> runs_;       // by thread
  std::vector<Goroutine> goroutines_;  // by slot
  bool begun_ = false, gaps_ = false;
  int64_t last_ = 0;
};

}  // namespace

extern const PassInfo threads_pass{
    "threads",
    "threads of the operating system: how many, with a P, in system calls, over time",
    "The threads (Ms) on which the capture shows something: how many have a P, and so run\n"
    "goroutines or look for some, how many are in system calls, and how many of these have lost\n"
    "their P, which are the threads that a program needs beside GOMAXPROCS. Over time, and thread\n"
    "by thread. Captures tell neither when threads are made or end, nor which goroutines are\n"
    "locked to one (runtime.LockOSThread). What they tell is how often in a row a goroutine ran "
    "on\n"
    "a thread, and nobody else on it: one that is locked does so for as long as it is.\n"
    "\n"
    "Examples:\n"
    "  tracetool threads trace.out\n"
    "  tracetool threads trace.out --from 1s --to 2s\n"
    "  tracetool threads trace.out --table thread_list --sort blocked_ns\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<ThreadsPass>(context, context.together);
    },
    1,
    32,
    Filters::kNone};

}  // namespace tracetool
