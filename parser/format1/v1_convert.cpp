#include "parser/format1/v1_convert.h"

#include <algorithm>

namespace tracetool::v1 {
namespace {

constexpr ProcIndex pseudo_proc(int64_t id) {
  return static_cast<ProcIndex>(kFirstPseudoProc + (id - 1000001));
}
constexpr ProcIndex kTimerProc = pseudo_proc(1000001);
constexpr ProcIndex kNetworkProc = pseudo_proc(1000002);
constexpr ProcIndex kSyscallProc = pseudo_proc(1000003);

constexpr double kMostTime = 0x1p61;  // ns: later ones are out of range, as in format 2

struct Reason {
  Wire type;
  const char* text;
};
constexpr Reason kReasons[] = {
    {kGoStop, "forever"},
    {kGoSched, "runtime.Gosched"},
    {kGoPreempt, "preempted"},
    {kGoSleep, "sleep"},
    {kGoBlock, ""},
    {kGoBlockSend, "chan send"},
    {kGoBlockRecv, "chan receive"},
    {kGoBlockSelect, "select"},
    {kGoBlockSync, "sync"},
    {kGoBlockCond, "sync.(*Cond).Wait"},
    {kGoBlockNet, "network"},
    {kGoBlockGC, "GC mark assist wait for work"},
};

}  // namespace

Converter::Converter(const Capture& capture, Tables& tables, Recorder& recorder, bool strict)
    : capture_(capture),
      tables_(tables),
      recorder_(recorder),
      strict_(strict),
      gc_name_(tables.intern("GC concurrent mark phase")),
      sweep_name_(tables.intern("GC incremental sweep")),
      assist_name_(tables.intern("GC mark assist")) {
  for (const Reason& reason : kReasons) reasons_[reason.type] = tables.intern(reason.text);
}

void Converter::begin(uint64_t ticks) {
  base_ = ticks;
  ns_per_tick_ = 1e9 / static_cast<double>(*capture_.frequency);
}

int64_t Converter::time_of(uint64_t ticks) const {
  // Never negative: the order was checked before.
  const double ns = static_cast<double>(ticks - base_) * ns_per_tick_;
  return static_cast<int64_t>(std::min(ns, kMostTime));
}

uint64_t Converter::last_ticks() const {
  const double ticks = static_cast<double>(base_) + kMostTime / ns_per_tick_;
  // The last number stands for those behind it, see later().
  return ticks < 0x1p64 ? static_cast<uint64_t>(ticks) : ~uint64_t{1};
}

ThreadIndex Converter::thread(const Record& proc_start) {
  return tables_.intern_thread(static_cast<int64_t>(proc_start.args[0]));
}

bool Converter::convert(const Record& r, Proc& p, GoRecord* subject, bool blocks) {
  const int64_t time = time_of(r.ticks);
  switch (r.type) {
    case kGoCreate:
      return go_create(r, p, *subject, time);
    case kGoStart:
    case kGoStartLocal:
    case kGoStartLabel:
      return go_start(r, p, *subject, time);
    case kGoBlock:
    case kGoBlockSend:
    case kGoBlockRecv:
    case kGoBlockSelect:
    case kGoBlockSync:
    case kGoBlockCond:
    case kGoBlockNet:
    case kGoBlockGC:
    case kGoSleep:
    case kGoStop:
      return go_leave(r, p, time, GoState::kWaiting, reasons_[r.type]);
    case kGoSched:
    case kGoPreempt:
      return go_leave(r, p, time, GoState::kRunnable, reasons_[r.type]);
    case kGoEnd:
      if (!runs(p)) return bad("a goroutine ends that does not run on this P");
      recorder_.go(time, context(p), *p.g, GoState::kRunning, GoState::kNotExist, 0, 0, 0);
      p.g = nullptr;
      return true;
    case kGoUnblock:
      return go_unblock(r, p, *subject, stack(r.args[2]), time);
    case kGoUnblockLocal:
      return go_unblock(r, p, *subject, stack(r.args[1]), time);
    case kGoSysCall:
      return go_syscall(r, p, blocks, time);
    case kGoSysBlock:
      if (runs(p)) {
        // No GoSysCall right before it. No writer does this; a syscall it is all the same.
        recorder_.go(time, context(p), *p.g, GoState::kRunning, GoState::kSyscall, 0, 0, 0);
      } else if (p.g == nullptr || p.g->state != GoState::kSyscall) {
        return bad("a syscall blocks that is not one of this P's goroutine");
      }
      p.g = nullptr;
      return true;
    case kGoSysExit:
    case kGoSysExitLocal:
      return syscall_exit(r.ticks, *subject);
    case kGoWaiting:
      return go_announce(r, p, *subject, GoState::kWaiting, time);
    case kGoInSyscall:
      return go_announce(r, p, *subject, GoState::kSyscall, time);
    case kHeapAlloc:
      recorder_.metric(time, context(p), Metric::kHeapAlloc, r.args[0], 0);
      return true;
    case kHeapGoal:
      recorder_.metric(time, context(p), Metric::kHeapGoal, r.args[0], 0);
      return true;
    default:
      return convert_rare(r, p, time);
  }
}

bool Converter::go_create(const Record& r, Proc& p, GoRecord& subject, int64_t time) {
  if (r.args[0] == 0) return bad("goroutine 0 is created");
  if (p.g != nullptr && !runs(p)) return bad("a goroutine is created by one that does not run");
  if (!initialized_) {
    unexplained_.push_back(subject.slot);
    return true;
  }
  recorder_.go(time, context(p), subject, GoState::kNotExist, GoState::kRunnable, 0,
               stack(r.args[2]), stack(r.args[1]));
  return true;
}

bool Converter::go_start(const Record& r, Proc& p, GoRecord& subject, int64_t time) {
  const GoState from = subject.told();
  if (p.g != nullptr) return bad("a goroutine starts on a P that runs another one");
  if (from != GoState::kRunnable && from != GoState::kUndetermined)
    return bad("a goroutine starts that is not runnable");
  p.g = &subject;
  recorder_.go(time, context(p), subject, from, GoState::kRunning, 0, 0, 0);
  if (r.type == kGoStartLabel) recorder_.label(time, context(p), string(r.args[2]));
  return true;
}

bool Converter::go_leave(const Record& r, Proc& p, int64_t time, GoState to, StringId reason) {
  if (!runs(p)) return bad("a goroutine stops that does not run on this P");
  const StackId where = stack(r.args[0]);
  recorder_.go(time, context(p), *p.g, GoState::kRunning, to, reason, where, where);
  p.g = nullptr;
  return true;
}

bool Converter::go_syscall(const Record& r, Proc& p, bool blocks, int64_t time) {
  if (!runs(p)) return bad("a goroutine enters a syscall that does not run on this P");
  const StackId where = stack(r.args[0]);
  recorder_.go(time, context(p), *p.g, GoState::kRunning, GoState::kSyscall, 0, where, where);
  // Syscalls that keep their P have no end in this format: it is put right behind the begin.
  if (!blocks) recorder_.go(time, context(p), *p.g, GoState::kSyscall, GoState::kRunning, 0, 0, 0);
  return true;
}

bool Converter::syscall_exit(uint64_t ticks, GoRecord& subject) {
  if (subject.state != GoState::kSyscall) return bad("a syscall ends that did not block");
  recorder_.go(time_of(ticks), {kNoThread, kSyscallProc, subject.slot}, subject, GoState::kSyscall,
               GoState::kRunnable, 0, 0, 0);
  return true;
}

bool Converter::go_unblock(const Record&, Proc& p, GoRecord& subject, StackId stack, int64_t time) {
  const GoRecord& g = subject;
  if (p.g != nullptr && !runs(p)) return bad("a goroutine is woken by one that does not run");
  if (g.state != GoState::kWaiting || g.began().name == reasons_[kGoStop])
    return bad("a goroutine is woken that does not wait");
  Context ctx = context(p);
  if (g.began().name == reasons_[kGoBlockNet]) {
    ctx.p = kNetworkProc;
  } else if (!capture_.timers.empty() && p.g != nullptr &&
             std::ranges::binary_search(capture_.timers, p.g->id)) {
    ctx.p = kTimerProc;
  }
  if (ctx.p >= kFirstPseudoProc) ctx.m = kNoThread;
  recorder_.go(time, ctx, subject, GoState::kWaiting, GoState::kRunnable, 0, stack, 0);
  return true;
}

/// GoWaiting and GoInSyscall: a goroutine that is older than the trace, or one that appears within
/// a syscall later on (1.21), which was created right before.
bool Converter::go_announce(const Record&, Proc& p, GoRecord& subject, GoState to, int64_t time) {
  const GoState from = subject.told();
  if (from != GoState::kUndetermined && from != GoState::kRunnable)
    return bad("the announced state of a goroutine contradicts what is known of it");
  recorder_.go(time, {p.m, p.index, subject.slot}, subject, from, to, 0, 0, 0);
  return true;
}

void Converter::sample(const Record& r) {
  const auto p = static_cast<int64_t>(r.args[1]);
  const Context ctx = {kNoThread, p >= 0 && p < kMaxProcs ? static_cast<ProcIndex>(p) : kNoProc,
                       r.args[2] == 0 ? kNoGo : recorder_.goroutines().find_told(r.args[2])};
  recorder_.sample(time_of(r.ticks), ctx, r.args[2], stack(r.args[3]));
}

void Converter::forget_unexplained() {
  for (GoSlot slot : recorder_.goroutines().live())
    if (recorder_.goroutines()[slot].state == GoState::kUndetermined)
      recorder_.goroutines().erase(recorder_.goroutines()[slot]);
}

}  // namespace tracetool::v1
