// The version-neutral event: what both wire formats become and all that passes ever see.
//
// An event is 64 bytes, trivially copyable and complete: a transition also carries when and where
// the state that it ends began, so that most passes need no table of their own.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tracetool {

/// Index of a goroutine in the run's dense table. Reused after death, never within one block.
using GoSlot = uint32_t;
/// Index of a thread (M) in order of first appearance; Tables::thread_id() has the OS id.
using ThreadIndex = uint16_t;
/// Proc (P) number, 0 … GOMAXPROCS-1, or one of the pseudo procs of format 1 (proc_id()).
using ProcIndex = uint16_t;
/// Interned string; 0 is "". Valid for the whole run.
using StringId = uint32_t;
/// Interned stack; 0 is "no stack". Valid for the whole run.
using StackId = uint32_t;

/// The stack of one all-zero frame that the runtime writes where it had none. It has no frames here
/// and means none; only the event listing tells it from stack 0.
inline constexpr StackId kEmptyStack = 1;
inline constexpr GoSlot kNoGo = ~GoSlot{0};
inline constexpr ThreadIndex kNoThread = 0xFFFF;
inline constexpr ProcIndex kNoProc = 0xFFFF;
/// First of the pseudo procs on which format 1 shows timers, network poller, syscalls, GC,
/// profiler.
inline constexpr ProcIndex kFirstPseudoProc = 0xFFF0;
inline constexpr ProcIndex kMaxProcs = kFirstPseudoProc;
inline constexpr uint64_t kNoTask = ~uint64_t{0};
inline constexpr uint64_t kBackgroundTask = 0;
inline constexpr int64_t kNever = INT64_MIN;

/// The proc's number as Go shows it: -1 for none, 1000001… for the pseudo procs of format 1.
constexpr int64_t proc_id(ProcIndex p) {
  if (p == kNoProc) return -1;
  return p >= kFirstPseudoProc ? 1000001 + (p - kFirstPseudoProc) : p;
}

enum class EventKind : uint8_t {
  kSync,         // a generation begins, or the trace ends
  kMetric,       // aux: Metric
  kLabel,        // name: label of the context goroutine
  kStackSample,  // CPU sample; arg: raw goroutine id (g is set only if it is alive), 0 none
  kRangeBegin,   // aux: RangeScope, subject: goroutine slot or proc
  kRangeActive,  // was active when the generation began
  kRangeEnd,     // since, since_stack: its begin
  kTaskBegin,
  kTaskEnd,
  kRegionBegin,
  kRegionEnd,
  kLog,
  kGoTransition,
  kProcTransition,
  kExperimental,  // aux: wire type, arg and arg2: its first two arguments; see name and subject
  kGap,           // events of generation `arg` are missing from here on; all states are unknown.
                  // 0: another trace begins
};
inline constexpr int kEventKinds = 16;

enum class GoState : uint8_t { kUndetermined, kNotExist, kRunnable, kRunning, kWaiting, kSyscall };
enum class ProcState : uint8_t { kUndetermined, kNotExist, kRunning, kIdle };
enum class Metric : uint8_t { kGomaxprocs, kHeapAlloc, kHeapGoal };
enum class RangeScope : uint8_t { kNone, kGoroutine, kProc };

/// Bits of Event::flags.
enum EventFlag : uint8_t {
  /// Not in the trace: closes at its end (or before a gap, or at the end of the window) what is
  /// still open. from == to; `since` says since when.
  kFlagOpenEnd = 1,
  /// What ends here began before the trace (or after a gap); `since` is only the first known time.
  kFlagOpenStart = 2,
  /// Gives the subject goroutine its name: the transition stack's outermost frame.
  kFlagNames = 4,
  /// Lies outside the time window: its time was moved to the window's border. It changes states
  /// and may close what reaches into the window, but nothing happens at it.
  kFlagOutside = 8,
  /// A StateTransition's transition stack is its event stack.
  kFlagSameStack = 16,
  /// Set by ScopeFilter: the region that begins or ends here is one of those that --task or
  /// --region
  /// selects, or the goroutine that is created is inside of one.
  kFlagInside = 32,
  /// Not in the trace: tells at its begin (or behind a gap) what was so then, which the trace only
  /// tells later. Nothing happens at it, and it closes nothing.
  kFlagForetells = 64,
  /// The trace tells what was foretold: nothing changes. With kFlagForetells: it would have told,
  /// but is damaged before that.
  kFlagForetold = 128,
};

struct Event {
  /// ns since the trace's first event; strictly increasing.
  int64_t time;
  /// When what ends here began (transition: `from`; RangeEnd, RegionEnd, TaskEnd: the begin);
  /// RegionBegin: when the context goroutine began to run. kNever where unknown. kStackSample
  /// outside of the time window: its own time.
  int64_t since;
  /// Metric value; task id; bytes swept; kGoTransition from Syscall: when its P was lost, or
  /// kNever; kStackSample: goroutine id; kSync: 1, 2, …
  uint64_t arg;
  /// kSync: generation, 0 for the last one; parent task; bytes reclaimed; kLog: position of the
  /// message in Block::text (offset << 32 | length); kRegionEnd: since when the context goroutine
  /// runs; kGoTransition: transition stack.
  uint64_t arg2;
  /// Context goroutine: who did this; kNoGo if nobody.
  GoSlot g;
  /// Who changes: goroutine slot or proc number. kExperimental: bytes of the object's type, or the
  /// span's kind. kSync: bytes of a page of the heap, 0 where the generation does not tell.
  uint32_t subject;
  /// Event stack: of the context goroutine.
  StackId stack;
  /// Reason, label, range name, task or region type, log category; kExperimental: the object's
  /// type, 0 for none or not known.
  StringId name;
  /// Event stack and reason of the event that began what ends here; kSync: see wall_clock().
  StackId since_stack;
  StringId since_name;
  ThreadIndex m;
  ProcIndex p;
  EventKind kind;
  uint8_t from_to;
  uint8_t flags;
  uint8_t aux;

  GoState from() const { return static_cast<GoState>(from_to >> 4); }
  GoState to() const { return static_cast<GoState>(from_to & 15); }
  ProcState proc_from() const { return static_cast<ProcState>(from_to >> 4); }
  ProcState proc_to() const { return static_cast<ProcState>(from_to & 15); }
  bool open_end() const { return flags & kFlagOpenEnd; }
  bool open_start() const { return flags & kFlagOpenStart; }
  /// Not in the trace: what only opens or closes for passes.
  bool added() const { return flags & (kFlagOpenEnd | kFlagForetells); }
  // What `arg` and `arg2` are, of the kinds that have it.
  StackId transition_stack() const {
    assert(kind == EventKind::kGoTransition);
    return static_cast<StackId>(arg2);
  }
  /// Of a goroutine that comes into the trace, or that a CPU sample is of (0 none).
  uint64_t goroutine_id() const {
    assert(kind == EventKind::kStackSample ||
           (kind == EventKind::kGoTransition && from() <= GoState::kNotExist));
    return arg;
  }
  /// Of a metric.
  uint64_t value() const {
    assert(kind == EventKind::kMetric);
    return arg;
  }
  /// Of a task, region or log.
  uint64_t task() const {
    assert(kind >= EventKind::kTaskBegin && kind <= EventKind::kLog);
    return arg;
  }
  uint64_t parent_task() const {
    assert(kind == EventKind::kTaskBegin || kind == EventKind::kTaskEnd);
    return arg2;
  }
  /// Of kSync: 1, 2, ….
  uint64_t number() const {
    assert(kind == EventKind::kSync);
    return arg;
  }
  /// Of kSync the one that begins, 0 at the end; of kGap the one that is missing, 0 where another
  /// trace begins.
  uint64_t generation() const {
    assert(kind == EventKind::kSync || kind == EventKind::kGap);
    return kind == EventKind::kSync ? arg2 : arg;
  }
  /// Bytes, at the end of a range.
  uint64_t swept() const {
    assert(kind == EventKind::kRangeEnd);
    return arg;
  }
  uint64_t reclaimed() const {
    assert(kind == EventKind::kRangeEnd);
    return arg2;
  }
  /// Of kRegionBegin and kRegionEnd: since when the context goroutine runs.
  int64_t runs_since() const {
    assert(kind == EventKind::kRegionBegin || kind == EventKind::kRegionEnd);
    return kind == EventKind::kRegionBegin ? since : static_cast<int64_t>(arg2);
  }
  Metric metric() const { return static_cast<Metric>(aux); }
  RangeScope scope() const { return static_cast<RangeScope>(aux); }

  /// A goroutine transition closes [since, time]. The state it was in: `from`, except that what is
  /// first seen in `to` is taken to have been there since the trace began.
  GoState spent_in() const { return from() == GoState::kUndetermined ? to() : from(); }
  /// Of what is first seen in a state: behind the time window, and so it was in it all the time.
  bool first_seen_behind() const { return (flags & kFlagOutside) != 0 && time > since; }
  /// kGoTransition that ends time in a syscall: since when it had no P, kNever if it kept it.
  int64_t p_lost() const {
    if (from() > GoState::kNotExist) return static_cast<int64_t>(arg);
    return to() == GoState::kSyscall && p == kNoProc ? since : kNever;
  }
  /// kSync: the wall clock at its time, ns since 1970, if the capture tells.
  bool has_wall_clock() const { return aux != 0; }
  int64_t wall_clock() const {
    return static_cast<int64_t>(uint64_t{since_stack} << 32 | since_name);
  }
  void set_wall_clock(int64_t unix_ns) {
    aux = 1;
    since_stack = static_cast<StackId>(static_cast<uint64_t>(unix_ns) >> 32);
    since_name = static_cast<StringId>(unix_ns);
  }
  bool foretells() const { return (flags & (kFlagForetells | kFlagForetold)) == kFlagForetells; }
  bool foretold() const { return flags & kFlagForetold; }
  /// False for what closes nothing: a mere repetition of the state in a later generation, and what
  /// is foretold.
  bool closes() const { return ((from_to >> 4) != (from_to & 15) && !foretells()) || open_end(); }
};

/// Whether this is a kGomaxprocs metric with a number that can be.
constexpr bool tells_gomaxprocs(const Event& e) {
  return e.kind == EventKind::kMetric && e.metric() == Metric::kGomaxprocs && e.arg < kMaxProcs;
}
/// Value of a kGomaxprocs metric. There are never more Ps than a ProcIndex can tell apart: more is
/// a lie, and as many as there can be.
constexpr uint64_t gomaxprocs(const Event& e) { return e.arg < kMaxProcs ? e.arg : kMaxProcs; }

/// Calls f(moment) for each moment before its own that an event tells of, and puts its answer
/// there.
template <class F>
void map_begins(Event& e, F f) {
  if (e.since != kNever) e.since = f(e.since);
  if (e.kind == EventKind::kGoTransition && e.from() == GoState::kSyscall && e.p_lost() != kNever)
    e.arg = static_cast<uint64_t>(f(e.p_lost()));
  if (e.kind == EventKind::kRegionEnd) e.arg2 = static_cast<uint64_t>(f(e.runs_since()));
}

static_assert(sizeof(Event) == 64 && std::is_trivially_copyable_v<Event>);
static_assert(offsetof(Event, since_name) == offsetof(Event, since_stack) + sizeof(StackId));

template <class State>
constexpr uint8_t pack_states(State from, State to) {
  return static_cast<uint8_t>(static_cast<uint8_t>(from) << 4 | static_cast<uint8_t>(to));
}

const char* name_of(EventKind kind);  // "StateTransition", … as Go's own reader says
const char* name_of(GoState state);   // "Running"
const char* name_of(ProcState state);
const char* name_of(Metric metric);  // "/sched/gomaxprocs:threads"

}  // namespace tracetool
