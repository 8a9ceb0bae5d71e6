// Puts the events of one generation of format 2 into the order in which they took effect.
//
// Each thread's stream is in order by itself; a heap of cursors merges them by time, and a replay
// of the scheduler (who holds which P and G, sequence numbers) decides whether a head may come next
// or must wait for another thread. State goes in, events and state come out, so that a generation
// is a unit of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "parser/format2/v2_generation.h"
#include "parser/format2/wire_spec.h"
#include "parser/model/facts.h"
#include "parser/model/fault.h"
#include "parser/record/annotations.h"
#include "parser/record/recorder.h"
#include "parser/wire/go_heap.h"
#include "parser/wire/varint.h"

namespace tracetool {

/// What is carried from generation to generation. Goroutines are in the Recorder's table.
struct SchedulerState {
  enum class ProcStatus : uint8_t { kUnknown, kRunning, kIdle, kSyscall, kAbandoned };
  struct Proc {
    ProcStatus status = ProcStatus::kUnknown;
    bool sweeping = false;
    ThreadIndex holder = kNoThread;  // the thread that held it last, perhaps no longer
    uint64_t generation = 0, seq = 0;
  };
  struct Thread {
    ThreadIndex m = kNoThread;
    bool known = false;
    ProcIndex p = kNoProc;
    GoRecord* g = nullptr;
  };
  enum class Gc : uint8_t { kUndetermined, kNotRunning, kRunning };

  std::vector<Proc> procs;
  StableVector<Thread> threads;  // by ThreadIndex; cursors point into it
  /// What a reset has to forget: the others are as they were made.
  std::vector<ProcIndex> used_procs;
  std::vector<ThreadIndex> used_threads;
  Gc gc = Gc::kUndetermined;
  uint64_t gc_seq = 0;
  /// Number of the first generation of which an event was placed; 0 before that. Only in it may
  /// goroutines and procs turn up out of nowhere.
  uint64_t initial_generation = 0;
};

/// Type, dt and arguments, at their longest.
inline constexpr std::ptrdiff_t kMostEventBytes = 1 + 10 * (1 + kMostWireArgs);

class Order {
 public:
  /// `strict`: what the program says of itself is as sound as all else, or a fault.
  Order(Tables& tables, Recorder& recorder, const ReadLimits& limits, bool strict);

  /// Records all events of a generation, after its Sync event. A fault if it cannot be completed:
  /// what came before it is recorded.
  std::optional<Fault> run(Generation& generation);
  /// Delivered events of the last run of which names or stacks are lost.
  const LostParts& lost_parts() const { return lost_parts_; }
  /// The last run ended because events wait for others that may be missing, not for a
  /// contradiction.
  bool starved() const { return starved_; }
  /// CPU samples of the last run that are too far behind all events to be recorded.
  uint64_t stray_samples() const { return stray_samples_; }
  /// Contradictions, of all runs, that cost nothing but themselves.
  AnnotationFaults& annotation_faults() { return annotation_faults_; }
  /// Forgets everything: the next generation begins anew (after a gap).
  void reset();

 private:
  enum class Step : uint8_t { kOk, kWait, kBad, kRare };
  /// Of a thread's stream: its head is the event that comes next.
  struct Cursor {
    int64_t time;
    uint64_t args[kMostWireArgs];
    const uint8_t* p;    // behind the head if its arguments are decoded, else at them
    const uint8_t* end;  // of the batch
    /// Up to here even the longest event lies within the batch; nullptr where none would.
    const uint8_t* whole_until;
    SchedulerState::Thread* thread;
    uint8_t type;
    bool decoded;         // the head's arguments are in `args`
    bool failed;          // the bytes at `at` are no event
    uint32_t batch;       // index in the generation
    uint32_t next_batch;  // kNoBatch at the end of the stream
    const uint8_t* at;    // where the event begins

    /// Its head is the event of this type and time, whose arguments are at `arguments`.
    void leave(const uint8_t* arguments, int64_t when, uint8_t what) {
      p = arguments;
      time = when;
      type = what;
      decoded = false;
    }
  };
  struct HeapItem {
    int64_t time;
    Cursor* cursor;
  };

  struct ByteArgs;
  struct CursorArgs;
  /// Why the merge loop leaves a cursor.
  enum class Left : uint8_t { kLater, kEnd, kFailed, kWaits, kInvalid };

  void open_cursors();
  /// Goes on to the next event. False at the end of the stream and on damage (`failed`).
  bool next(Cursor& c);
  bool load_args(Cursor& c);
  bool next_batch(Cursor& c);
  void open_batch(Cursor& c);
  bool fail_decode(Cursor& c, const char* field, std::string message);
  [[gnu::noinline]] bool decode_tail(Cursor& c);
  bool finish_decode(Cursor& c, uint64_t dt, const uint8_t* p);

  /// Takes the cursor's events as long as they come no later than `bound`.
  Left take(Cursor& c, int64_t bound);
  /// May the head come next? If so, records it. kBad with `failed` if it is none.
  Step advance(Cursor& c);
  [[gnu::noinline]] Step advance_decoded(Cursor& c);
  Step advance_rare(Cursor& c, Context ctx);
  void foretell();
  void foretell_range(Context ctx, RangeScope scope, uint32_t subject, StringId name);
  void foretell_goroutine(Context ctx, const uint64_t* args, StackId stack);
  /// A goroutine of that id is alive. One that was foretold, and is created before the trace told
  /// of it, never was.
  [[gnu::noinline, gnu::cold]] bool exists(uint64_t id);
  template <class Args>
  Step frequent(SchedulerState::Thread& t, uint8_t type, int64_t time, Args& args);
  Step go_create(const SchedulerState::Thread& t, int64_t time, GoState to, uint64_t id,
                 uint64_t start_id, uint64_t stack_id);
  Step go_stop(SchedulerState::Thread& t, int64_t time, GoState to, uint64_t reason,
               uint64_t stack_id);
  Step go_switch(Cursor& c, Context ctx, GoState old_to);
  Step go_status(Cursor& c, Context ctx, uint64_t stack);
  Step alloc_event(const Cursor& c, Context ctx);
  Step proc_steal(Cursor& c, Context ctx);
  Step proc_status(Cursor& c, Context ctx);
  Step go_destroy_syscall(Cursor& c, Context ctx);
  Step stop_the_world(Cursor& c, Context ctx, bool begin);
  Step gc_phase(Cursor& c, Context ctx);
  Step gc_sweep(Cursor& c, Context ctx);
  Step gc_assist(Cursor& c, Context ctx);
  Step user_event(Cursor& c, Context ctx);
  Step annotation(Cursor& c, Context ctx);
  Step log(Cursor& c, Context ctx, StringId category, StackId stack);
  /// bad(why) in an annotation: false if it is to be a fault like others.
  bool tolerate(const Cursor& c, AnnotationRule rule, std::string why);
  bool annotation_ids(const Cursor& c, uint64_t string, StringId& name, uint64_t stack,
                      StackId& out);

  [[gnu::noinline, gnu::cold]] Step bad(std::string why) {
    why_ = std::move(why);
    return Step::kBad;
  }
  bool initial() const { return state_.initial_generation == number_; }
  bool follows(const GoRecord& g, uint64_t seq) const {
    return g.generation == number_ && g.seq + 1 == seq;
  }
  bool follows(const SchedulerState::Proc& p, uint64_t seq) const {
    return p.generation == number_ && p.seq + 1 == seq;
  }
  SchedulerState::Proc* proc(uint64_t p) {
    return p < state_.procs.size() && state_.procs[p].status != SchedulerState::ProcStatus::kUnknown
               ? &state_.procs[p]
               : nullptr;
  }
  SchedulerState::Thread& thread(ThreadIndex m);
  SchedulerState::Thread* known_thread(uint64_t id);
  void hold(SchedulerState::Thread& t, uint64_t p) {
    t.p = static_cast<ProcIndex>(p);
    if (t.m != kNoThread) state_.procs[p].holder = t.m;
  }
  static Context context(const SchedulerState::Thread& t) {
    return {t.m, t.p, t.g == nullptr ? kNoGo : t.g->slot};
  }
  /// The running goroutine of a thread, or nullptr: what most events need.
  static GoRecord* running(const SchedulerState::Thread& t) {
    return t.p != kNoProc && t.g != nullptr && t.g->state == GoState::kRunning ? t.g : nullptr;
  }
  bool ids(uint64_t stack, StackId& out);
  bool ids(uint64_t string, StringId& name, uint64_t stack, StackId& out);
  // What the generation does not have: kDangling and a fault, or if it is damaged, a loss.
  [[gnu::noinline, gnu::cold]] StackId missing_stack(uint64_t id);
  [[gnu::noinline, gnu::cold]] StringId missing_string(uint64_t id);

  void emit_samples_before(int64_t time);
  void emit_samples_behind();
  bool retry(Step& result);
  /// Whether that many heads or threads may still be looked at.
  bool spend(uint64_t tries) {
    const bool enough = tries <= tries_left_;
    tries_left_ -= enough ? tries : tries_left_;
    return enough;
  }
  /// For a goroutine, task or region that begins: kBad if nothing more can be remembered.
  [[gnu::noinline, gnu::cold]] Step no_room() {
    return bad("there is no memory left to remember more goroutines, tasks or regions");
  }
  bool step(size_t i);
  void sort_heap();
  Fault fault_at(const Cursor& c, std::string message, FaultKind kind);
  /// Of what a rule calls bad: not the capture's contradiction if it is for want of memory.
  FaultKind invalid() const {
    return recorder_.full() ? FaultKind::kUnsupported : FaultKind::kInvalid;
  }
  Fault stuck();
  Fault with_loss(Fault fault);

  Tables& tables_;
  Recorder& recorder_;
  const bool strict_;
  const uint64_t most_tellings_;
  const uint64_t tries_per_byte_;
  SchedulerState state_;
  SchedulerState::Thread nobody_;  // what NoThread's events see

  Generation* generation_ = nullptr;
  Clock clock_;
  uint64_t number_ = 0;
  std::vector<Cursor> cursors_;
  GoHeap<HeapItem, &HeapItem::time> heap_;
  size_t next_sample_ = 0;
  int64_t sample_time_ = INT64_MAX;
  uint64_t tries_left_;
  std::string why_;
  std::optional<Fault> decode_fault_;
  LostParts lost_parts_;
  bool starved_ = false;
  uint64_t stray_samples_ = 0;
  AnnotationFaults annotation_faults_;
  std::unordered_map<StringId, StringId> stw_names_;  // KIND -> stop-the-world (KIND)
  StringId gc_name_, sweep_name_, assist_name_;
};

}  // namespace tracetool
