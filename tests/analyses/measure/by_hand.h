// Events of goroutines put together by hand, for what measures with them.
#pragma once

#include <initializer_list>

#include "analyses/engine/goroutine_index.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"

namespace tracetool::test {

inline constexpr GoState kNew = GoState::kNotExist, kOld = GoState::kUndetermined,
                         kReady = GoState::kRunnable, kRuns = GoState::kRunning,
                         kWaits = GoState::kWaiting, kCalls = GoState::kSyscall;

/// Goroutine `subject` was in `from` since `since`, and is in `to` from `time` on.
inline Event transition(GoSlot subject, GoState from, GoState to, int64_t since, int64_t time) {
  Event e{};
  e.time = time;
  e.since = since;
  e.arg = static_cast<uint64_t>(kNever);  // its P was never lost
  e.g = kNoGo;
  e.subject = subject;
  e.kind = EventKind::kGoTransition;
  e.p = kNoProc;
  e.m = kNoThread;
  e.from_to = pack_states(from, to);
  return e;
}

/// Goroutine `by` makes `e` happen.
inline Event made_by(GoSlot by, Event e) {
  e.g = by;
  return e;
}

inline Block block_of(std::initializer_list<Event> events) {
  Block block;
  for (const Event& e : events) {
    const auto at = static_cast<uint16_t>(block.count);
    block.events[block.count++] = e;
    if (e.kind != EventKind::kGoTransition)
      block.lists.rare.add(at);
    else if (e.from() <= GoState::kNotExist)
      block.lists.born.add(at);
  }
  return block;
}

/// `count` goroutines with the ids 101, 102, … in slots 0, 1, …
struct Goroutines {
  explicit Goroutines(GoSlot count) {
    for (GoSlot slot = 0; slot < count; ++slot) {
      Event e = transition(slot, kOld, kRuns, 0, 0);
      e.arg = 101 + slot;
      index.block(block_of({e}));
    }
  }
  Tables tables;
  GoroutineFilter filter;
  GoroutineIndex index{tables, filter};
};

}  // namespace tracetool::test
