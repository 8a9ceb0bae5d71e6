// What each P was used for: every ns of the capture falls into one use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/event.h"

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

class ProcUsage {
 public:
  struct Proc {
    ProcTimes spent{};
    int64_t since = 0;
    int64_t stopped = 0;  // how long the world had been stopped until then
    GoSlot g = kNoGo;     // who executes on it
    ProcUse use = ProcUse::kAbsent;
    bool untouched = true;  // nothing happened on it since the known part of the trace began
  };

  /// The known part of the trace begins: at its start, or after a gap. `stopped` here and below:
  /// how long the world has been stopped until now.
  void begin(int64_t now);
  /// GOMAXPROCS is `n`. The first time in a part it has been so since its begin.
  void resize(size_t n, int64_t now, int64_t stopped);
  void turn(ProcIndex p, ProcUse use, int64_t now, int64_t stopped) {
    Proc& proc = procs_[p];
    close(proc, now, stopped);
    set(proc, use);
    proc.untouched = false;
  }
  /// It has been used so since the known part began.
  void revise(ProcIndex p, ProcUse use) {
    set(procs_[p], use);
    procs_[p].untouched = false;
  }
  /// Nothing is known from now on.
  void forget(int64_t now, int64_t stopped);
  void finish(int64_t now, int64_t stopped) {
    for (Proc& p : procs_) close(p, now, stopped);
  }

  Proc& at(ProcIndex p) {
    if (p >= procs_.size()) [[unlikely]]
      add(p + size_t{1});
    return procs_[p];
  }
  int idle() const { return idle_; }
  /// GOMAXPROCS, or how many Ps were seen.
  int count() const { return static_cast<int>(count_ > 0 ? count_ : procs_.size()); }
  const std::vector<Proc>& all() const { return procs_; }

 private:
  static void close(Proc& p, int64_t now, int64_t stopped) {
    const int64_t in_stop = p.use == ProcUse::kIdle ? stopped - p.stopped : 0;
    p.spent[static_cast<size_t>(ProcUse::kStopped)] += in_stop;
    p.spent[static_cast<size_t>(p.use)] += now - p.since - in_stop;
    p.since = now;
    p.stopped = stopped;
  }
  void set(Proc& p, ProcUse use) {
    idle_ += (use == ProcUse::kIdle) - (p.use == ProcUse::kIdle);
    p.use = use;
  }
  void add(size_t n);

  std::vector<Proc> procs_;
  int64_t first_ = kNever;           // begin of the first part
  int64_t begin_ = 0, stopped_ = 0;  // of this part
  size_t count_ = 0;
  int idle_ = 0;
};

}  // namespace tracetool
