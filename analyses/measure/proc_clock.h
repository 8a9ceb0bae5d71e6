// How the time passed for those who wait for a P: with the world stopped, with all Ps busy, or with
// a P idle.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/go/gc_names.h"
#include "parser/model/event.h"
#include "parser/model/tables.h"

namespace tracetool {

enum class ProcMode : uint8_t { kSomeIdle, kAllBusy, kStopped };

class ProcClock {
 public:
  explicit ProcClock(const Tables& tables) : names_(tables) {}

  /// kProcTransition, kMetric, kRangeBegin…kRangeEnd and kGap, in order.
  void see(const Event& e) {
    switch (e.kind) {
      case EventKind::kProcTransition:
        if (e.subject >= kFirstPseudoProc || e.open_end()) return;
        {
          uint8_t& running = by_id(running_, e.subject);
          busy_ += (e.proc_to() == ProcState::kRunning) - running;
          running = e.proc_to() == ProcState::kRunning;
          break;
        }
      case EventKind::kMetric:
        if (!tells_gomaxprocs(e)) return;
        procs_ = static_cast<int>(e.value());
        break;
      case EventKind::kRangeBegin:
      case EventKind::kRangeActive:
      case EventKind::kRangeEnd:
        // A stop that goes on in the next generation is announced again, but begins only once.
        if (e.open_end() || e.scope() != RangeScope::kGoroutine || !is_stop(names_[e.name])) return;
        if (e.kind == EventKind::kRangeEnd) {
          stops_ -= stops_ > 0;
        } else if (e.kind == EventKind::kRangeBegin || stops_ == 0) {
          ++stops_;
        }
        break;
      case EventKind::kGap:
        busy_ = stops_ = 0;
        running_.clear();
        break;
      default:
        return;
    }
    turn(e.time);
  }

  /// Time spent in a mode until `now`, which is not before the last event seen.
  int64_t spent(ProcMode mode, int64_t now) const {
    return spent_[static_cast<size_t>(mode)] + (mode == mode_ ? now - last_ : 0);
  }
  /// GOMAXPROCS; before it is announced the Ps seen so far, at least 1.
  int procs() const {
    return procs_ > 0 ? procs_ : std::max<int>(1, static_cast<int>(running_.size()));
  }
  int busy() const { return busy_; }
  bool stopped() const { return stops_ > 0; }

 private:
  void turn(int64_t now) {
    spent_[static_cast<size_t>(mode_)] += now - last_;
    last_ = now;
    mode_ = stops_ > 0         ? ProcMode::kStopped
            : busy_ >= procs() ? ProcMode::kAllBusy
                               : ProcMode::kSomeIdle;
  }
  GcNames names_;
  ProcMode mode_ = ProcMode::kSomeIdle;
  int64_t last_ = 0;
  std::array<int64_t, 3> spent_{};
  int busy_ = 0, stops_ = 0, procs_ = 0;
  std::vector<uint8_t> running_;  // by proc
};

}  // namespace tracetool
