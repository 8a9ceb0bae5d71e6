// Judges the events of format 1 in their final order and records them as neutral events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parser/format1/v1_capture.h"
#include "parser/format1/v1_wire.h"
#include "parser/model/tables.h"
#include "parser/record/annotations.h"
#include "parser/record/recorder.h"

namespace tracetool::v1 {

/// A decoded record.
struct Record {
  uint64_t ticks;
  uint64_t args[kMostValues - 1];
  const uint8_t* at;       // its first byte
  const uint8_t* message;  // UserLog: its length and bytes
  uint8_t type;
};

/// What is true of a P (or of "no P") at one point of the trace.
struct Proc {
  ProcIndex index = kNoProc;
  ThreadIndex m = kNoThread;
  GoRecord* g = nullptr;  // who runs on it; events without a goroutine of their own belong to it
  bool running = false, known = false, sweeping = false;
  bool stopped = false;  // up to 1.9 each P announces a stop-the-world for itself
  StringId stop_name = 0;
  RangeScope stop_scope = RangeScope::kNone;
  GoSlot stopper = 0;
};

class Converter {
 public:
  /// `strict`: what the program says of itself is as sound as all else, or an event contradicts.
  Converter(const Capture& capture, Tables& tables, Recorder& recorder, bool strict);

  /// Ticks become ns from here on.
  void begin(uint64_t ticks);
  int64_t time_of(uint64_t ticks) const;
  /// The last ones that have a time.
  uint64_t last_ticks() const;
  /// Records what `r` means on `p`. `subject`: the goroutine whose state it changes, if any.
  /// `blocks`: for GoSysCall, that the P is taken away during the syscall. False if the event
  /// contradicts what came before; why() tells.
  bool convert(const Record& r, Proc& p, GoRecord* subject, bool blocks);
  /// The end of a syscall whose P was lost, at `ticks`, when it really ended.
  bool syscall_exit(uint64_t ticks, GoRecord& subject);
  void sample(const Record& r);
  /// On which a P starts.
  ThreadIndex thread(const Record& proc_start);
  /// Takes back goroutines of which nothing was recorded.
  void forget_unexplained();

  const std::string& why() const { return why_; }
  bool strict() const { return strict_; }
  /// Recorded events that refer to strings or stacks which the file does not have.
  const LostParts& lost_parts() const { return lost_parts_; }
  /// Contradictions that cost nothing but themselves.
  AnnotationFaults& annotation_faults() { return annotation_faults_; }

 private:
  bool convert_rare(const Record& r, Proc& p, int64_t time);
  bool end_without_begin(const Proc& p, int64_t time, StringId range, const char* why);
  bool proc_start(const Record& r, Proc& p, int64_t time);
  bool proc_stop(Proc& p, int64_t time);
  bool gomaxprocs(const Record& r, Proc& p, int64_t time);
  bool stop_the_world(const Record& r, Proc& p, int64_t time);
  bool start_the_world(Proc& p, int64_t time);
  bool sweep(const Record& r, Proc& p, int64_t time);
  bool assist(const Record& r, Proc& p, int64_t time);
  bool user_event(const Record& r, Proc& p, int64_t time);
  bool user_region(const Record& r, Proc& p, int64_t time);
  /// bad(why) in an annotation: false if it is to be a fault like others.
  bool tolerate(const Record& r, AnnotationRule rule, std::string why);
  bool go_create(const Record& r, Proc& p, GoRecord& subject, int64_t time);
  bool go_start(const Record& r, Proc& p, GoRecord& subject, int64_t time);
  bool go_leave(const Record& r, Proc& p, int64_t time, GoState to, StringId reason);
  bool go_syscall(const Record& r, Proc& p, bool blocks, int64_t time);
  bool go_unblock(const Record& r, Proc& p, GoRecord& subject, StackId stack, int64_t time);
  bool go_announce(const Record& r, Proc& p, GoRecord& subject, GoState to, int64_t time);

  bool bad(std::string why) {
    why_ = std::move(why);
    return false;
  }
  StackId stack(uint64_t id) {
    if (const uint32_t* known = capture_.stacks.find(id)) return *known;
    if (id != 0) lost_parts_.stack(recorder_.events());
    return 0;
  }
  StringId string(uint64_t id) {
    if (const uint32_t* known = capture_.strings.find(id)) return *known;
    if (id == 0) return 0;
    lost_parts_.name(recorder_.events());
    return tables_.intern(kLostName);
  }
  static Context context(const Proc& p) {
    return {p.m, p.index, p.g == nullptr ? kNoGo : p.g->slot};
  }
  static bool runs(const Proc& p) { return p.g != nullptr && p.g->state == GoState::kRunning; }

  const Capture& capture_;
  Tables& tables_;
  Recorder& recorder_;
  const bool strict_;
  AnnotationFaults annotation_faults_;
  double ns_per_tick_ = 0;
  uint64_t base_ = 0;                // ticks of the first event
  bool initialized_ = false;         // the first Gomaxprocs was seen
  std::vector<GoSlot> unexplained_;  // created before that, and perhaps nothing else
  bool gc_ = false;
  Proc world_;  // `stopped` and `stop_name` of the whole program, since 1.10
  LostParts lost_parts_;
  std::string why_;
  StringId reasons_[kWireTypes] = {};
  StringId gc_name_, sweep_name_, assist_name_;
};

}  // namespace tracetool::v1
