// What each P was used for: every ns of the capture falls into one use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyses/passes/parallelism/prefix_sums.h"
#include "parser/model/event.h"

namespace tracetool {

enum class ProcUse : uint8_t {
  kUser,      // runs the program's goroutines
  kOther,     // runs goroutines of the runtime, or such that the user's filter leaves out
  kGc,        // runs a mark worker
  kSyscall,   // kept by a goroutine in a system call
  kSchedule,  // runs no goroutine: looks for one
  kIdle,
  kStopped,  // idle because the world is stopped
  kAbsent    // not there, or nothing is known
};
inline constexpr size_t kProcUses = 8;
using ProcTimes = std::array<int64_t, kProcUses>;

/// A change of GOMAXPROCS concerns all Ps that do nothing, and there may be many of either. So a P
/// on which nothing happened since the last change is asleep: it is idle as long as its number is
/// below GOMAXPROCS, and what that came to is counted when something happens on it.
class ProcUsage {
 public:
  struct Proc {
    ProcTimes spent{};
    int64_t since = 0;
    int64_t stopped = 0;                     // how long the world had been stopped until then
    int64_t absent = 0, absent_stopped = 0;  // asleep: readings of the clocks below at `since`
    GoSlot g = kNoGo;                        // who executes on it
    ProcUse use = ProcUse::kAbsent;          // not kept up while it is asleep
    bool asleep = true;
    bool fresh = false;   // listed in fresh_
    bool queued = false;  // listed in schedulers_
  };

  /// The known part of the trace begins: at its start, or after a gap. `stopped` here and below:
  /// how long the world has been stopped until now.
  void begin(int64_t now);
  /// GOMAXPROCS is `n`.
  void resize(size_t n, int64_t now, int64_t stopped);
  /// `proc` comes from at().
  void turn(Proc& proc, ProcUse use, int64_t now, int64_t stopped) {
    close(proc, now, stopped);
    idle_ += (use == ProcUse::kIdle) - (proc.use == ProcUse::kIdle);
    proc.use = use;
  }
  /// Nothing is known from now on.
  void forget(int64_t now, int64_t stopped);
  void finish(int64_t now, int64_t stopped);

  Proc& at(ProcIndex p) {
    if (p >= procs_.size() || !procs_[p].fresh) [[unlikely]]
      wake(p);
    return procs_[p];
  }
  int idle() const { return idle_; }
  /// GOMAXPROCS, or how many Ps were seen.
  int count() const { return static_cast<int>(count_ > 0 ? count_ : procs_.size()); }
  /// Their times are complete after finish().
  const std::vector<Proc>& all() const { return procs_; }

 private:
  static void close(Proc& p, int64_t now, int64_t stopped) {
    spend(p, p.use, now - p.since, p.use == ProcUse::kIdle ? stopped - p.stopped : 0);
    p.since = now;
    p.stopped = stopped;
  }
  static void spend(Proc& p, ProcUse use, int64_t time, int64_t in_stop) {
    p.spent[static_cast<size_t>(ProcUse::kStopped)] += in_stop;
    p.spent[static_cast<size_t>(use)] += time - in_stop;
  }
  void add(size_t n);
  void cut(size_t n, int64_t now, int64_t stopped);
  void sleep(size_t p);
  void count_sleep(size_t p);
  void wake(ProcIndex p);
  void limit_schedulers(size_t n, int64_t now, int64_t stopped);

  std::vector<Proc> procs_;
  std::vector<ProcIndex> awake_;  // all that are, and some that were
  std::vector<ProcIndex> fresh_;  // of them those asked for since GOMAXPROCS was told last
  std::vector<ProcIndex>
      schedulers_;     // heap by number: that were kSchedule then, and are not fresh
  PrefixSums asleep_;  // how many, by number
  /// Time, and time with the world stopped, by what GOMAXPROCS was: of all numbers up to p the time
  /// for which P p was absent while it was asleep.
  PrefixSums time_, stopped_time_;
  int64_t first_ = kNever;             // begin of the first part
  int64_t lost_stopped_ = 0;           // where the last part ended
  int64_t cut_ = 0, cut_stopped_ = 0;  // until when time_ knows
  size_t count_ = 0;                   // GOMAXPROCS
  int idle_ = 0;
};

}  // namespace tracetool
