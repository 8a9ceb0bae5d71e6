// What the threads of the process did: each ns since a thread was first seen falls into one use.
#pragma once

#include <array>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/measure/load_curve.h"
#include "parser/model/event.h"

namespace tracetool {

enum class ThreadUse : uint8_t {
  kUnseen,   // not seen yet, or nothing is known
  kIdle,     // neither P nor system call: parked, or gone
  kWithP,    // runs goroutines, or looks for some
  kSyscall,  // in a system call, its P kept
  kBlocked,  // in a system call without a P
};
inline constexpr size_t kThreadUses = 5;

class ThreadUsage {
 public:
  struct Thread {
    std::array<int64_t, kThreadUses> spent{};
    int64_t since = 0, first = kNever, last = kNever;  // `last`: something happened on it
    ProcIndex p = kNoProc;
    bool in_call = false;  // a system call
    uint32_t part = 0;     // in which it was seen last
    ThreadUse use = ThreadUse::kUnseen;
    uint64_t syscalls = 0, lost_p = 0;  // that began in the capture
  };

  /// The known part of the trace begins: at its start, or after a gap.
  void begin(int64_t now);
  void take_p(ThreadIndex m, ProcIndex p, int64_t now);
  void lose_p(ProcIndex p, int64_t now);
  /// On which thread: kNoThread where the capture does not name it, or names one that is in another
  /// call already, as format 1 may. It counts all the same.
  [[nodiscard]] ThreadIndex enter(ThreadIndex m, int64_t now);
  /// Something happened on it, which changed nothing. `m`: as enter() said.
  void seen_on(ThreadIndex m, int64_t now) {
    if (m != kNoThread) at(m).last = now;
  }
  /// `m`: as enter() said.
  void leave(ThreadIndex m, int64_t now);
  /// Nothing is known from now on.
  void forget(int64_t now);
  void finish(int64_t now);

  const std::vector<Thread>& all() const { return threads_; }

  /// Whether what begins now is counted: not outside of the time window.
  bool counts = true;

  /// Threads seen so far; with a P outside of system calls; in them; in them without a P; the last
  /// two and those with a P.
  LoadCurve seen, with_p, in_syscall, blocked, in_use;
  /// On threads that the capture does not name.
  uint64_t unnamed_calls = 0;

 private:
  static ThreadUse use_of(const Thread& t) {
    if (t.in_call) return t.p == kNoProc ? ThreadUse::kBlocked : ThreadUse::kSyscall;
    return t.p == kNoProc ? ThreadUse::kIdle : ThreadUse::kWithP;
  }
  struct Holder {
    ThreadIndex m = kNoThread;
    uint32_t part = 0;
  };

  Thread& at(ThreadIndex m) {
    Thread& t = by_id(threads_, m);
    if (t.part != part()) [[unlikely]]
      renew(t);
    return t;
  }
  /// Who has this P; kNoThread if that is not known.
  ThreadIndex holder(ProcIndex p) const {
    return p < holders_.size() && holders_[p].part == part() ? holders_[p].m : kNoThread;
  }
  /// Number of the known part of the trace.
  uint32_t part() const { return static_cast<uint32_t>(part_ends_.size()); }
  void renew(Thread& t);
  void turn(Thread& t, int64_t now);

  std::vector<Thread> threads_;
  std::vector<Holder> holders_;  // by proc
  /// A gap is seen by each thread when something happens on it again.
  std::vector<int64_t> part_ends_;
};

}  // namespace tracetool
