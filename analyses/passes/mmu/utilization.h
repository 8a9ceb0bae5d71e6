// How much of the Ps the program itself had at each moment: a step function, from the events that
// say what the garbage collector takes.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/go/gc_names.h"
#include "analyses/passes/mmu/mmu_curve.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"

namespace tracetool {

/// Which activities count as lost to the program.
struct UtilizationParts {
  bool stw = true, background = true, assist = true, sweep = false;
  bool per_proc = false;  // a function for each P instead of one for all
};

class Utilization {
 public:
  Utilization(const Tables& tables, const UtilizationParts& parts)
      : names_(tables), parts_(parts) {}

  void block(const Block& block);
  /// Ends all series at `end`: they are complete now. Where the trace itself ends, a series that is
  /// at 0 ends where it became so, as the reference has it: what took the P had not finished.
  void finish(int64_t end, bool trace_ends);
  /// One for all Ps (a further one after each gap), or one a P and life of that P.
  const std::vector<UtilizationSeries>& series() const { return series_; }
  /// Whether a worker of the collector ran more than once: where Go's tools go wrong.
  bool worker_ran_again() const { return worker_ran_again_; }
  /// From when on nothing is known, as there were too many stops of too many Ps to keep a function
  /// for each of them; kNever if all is known.
  int64_t given_up_at() const { return given_up_at_; }

 private:
  struct Proc {
    int32_t gc = 0;       // activities that keep it from the program
    uint32_t life = 0;    // how often it went after it had been taken
    uint32_t series = 0;  // with --per-proc
    bool listed = false;  // in were_taken_
  };
  /// A goroutine while it works for the collector.
  struct Busy {
    bool assist = false, worker = false;
    bool worked = false;   // before
    bool counted = false;  // it executes, and the P below knows, if that is still the same
    ProcIndex p = kNoProc;
    uint32_t life = 0;    // of that P
    bool listed = false;  // in were_busy_
    bool any() const { return assist || worker; }
  };

  void event(const Event& e);
  void transition(const Event& e);
  void range(const Event& e);
  void label(const Event& e);
  void gomaxprocs(const Event& e);
  void gap(int64_t time);
  void watch(GoSlot slot, bool Busy::*what, bool on, const Event& e);
  void count(Busy& busy, ProcIndex p);
  void uncount(Busy& busy);
  bool counted(const Busy& busy) const {
    return busy.counted && busy.p < count_ && procs_[busy.p].life == busy.life;
  }
  void change(ProcIndex p, int32_t by);
  /// A P changed, and with --per-proc that one alone.
  void sample(int64_t time, ProcIndex p);
  void sample_all(int64_t time);
  void sample_proc(int64_t time, const Proc& p);
  bool has_room_for(size_t points);
  void give_up(int64_t time);

  GcNames names_;
  const UtilizationParts parts_;
  std::vector<UtilizationSeries> series_;
  std::vector<Proc> procs_;            // of which the first count_ are there
  size_t count_ = 0;                   // GOMAXPROCS
  std::vector<ProcIndex> were_taken_;  // heap by number: all that are, and some that were
  std::vector<Busy> busy_;             // by goroutine slot
  std::vector<GoSlot> were_busy_;      // slots in busy_ that are not as they were at first
  bool worker_ran_again_ = false;
  uint32_t watched_ = 0;              // goroutines in busy_ that are any()
  uint32_t taken_procs_ = 0;          // with gc > 0
  int32_t stopped_ = 0;               // stop-the-worlds of the collector under way
  std::vector<Event> foretold_;       // ranges that were active before GOMAXPROCS is told
  uint64_t events_ = 0, points_ = 0;  // points_: with --per-proc
  int64_t given_up_at_ = kNever;
};

}  // namespace tracetool
