// Stays of goroutines in one state as single rows: what the tables sum up, one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/go/reason_lookup.h"
#include "analyses/go/waker_class.h"
#include "reports/words/regex.h"

namespace tracetool {

/// One stay of a goroutine in one state. Names are ids, so that many can be kept.
struct GoInterval {
  static constexpr uint8_t kNoClass = 0xFF;

  int64_t begin = 0, end = 0;
  uint64_t goroutine = 0;
  StringId start = 0;  // function in which it started
  /// Waiting: why; running: why it stopped; runnable: why it had stopped, if that was no wait.
  StringId reason = 0;
  /// Running: where it stopped. Otherwise where it stood: where it had stopped or was to begin.
  StackId stack = 0;
  GoState state = GoState::kUndetermined;
  GoState next = GoState::kUndetermined;       // kUndetermined if it did not end
  uint8_t wait_class = kNoClass;               // WaitClass; none of running
  WakerClass woken_by = WakerClass::kRuntime;  // of a wait that ended
  /// The goroutine that ended the wait, or made it runnable.
  struct Waker {
    bool known = false;
    uint64_t id = 0;
    StringId start = 0;
    StackId stack = 0;  // where it stood
  } waker = {};
  /// Began before the capture, or the window; goes on at its end, or at a gap.
  bool open_begin = false, open_end = false;

  bool waits() const { return state == GoState::kWaiting; }
  int64_t duration() const { return end - begin; }
};

/// Names of the states in which a goroutine can stay, from kRunnable on.
inline constexpr const char* kIntervalStates[] = {"runnable", "running", "waiting", "syscall"};
constexpr const char* interval_state(GoState state) {
  return kIntervalStates[Block::left_index(state)];
}
/// The bit of a state in IntervalFilter; 0 if there is none of that name.
constexpr uint32_t state_bit(std::string_view name) {
  for (size_t s = 0; s < kLeftStates; ++s)
    if (name == kIntervalStates[s]) return 1u << (s + static_cast<size_t>(GoState::kRunnable));
  return 0;
}

/// Which of them are wanted.
struct IntervalFilter {
  uint32_t states = 0;          // bits by GoState; 0: all
  uint32_t classes = 0;         // bits by WaitClass; 0: all, and what has none
  std::optional<Regex> reason;  // found anywhere in it
  int64_t shortest = 0;
};

class GoIntervals {
 public:
  /// `from`: where the time window begins.
  GoIntervals(const RunContext& context, const IntervalFilter& filter, int64_t from)
      : context_(context),
        filter_(filter),
        from_(from),
        filtered_(context.goroutines.filter().active()),
        wakers_(context.tables),
        wait_reasons_(context.tables) {}

  /// Calls `take` with all wanted ones that end in the block, in the order of their ends; until it
  /// answers false, which is also the answer then.
  template <class Take>
  bool block(const Block& block, const Take& take) {
    if (stays_.size() < context_.goroutines.slots()) stays_.resize(context_.goroutines.slots());
    for (const Event& e : block.all()) {
      if (e.kind != EventKind::kGoTransition) {
        wakers_.rare(e);
      } else if (e.closes() && ends(e) && !take(interval_)) {
        return false;
      }
    }
    return true;
  }

  /// How many a filter by function left out as their goroutine had no name yet.
  uint64_t nameless() const { return nameless_; }

 private:
  /// What the goroutine's next transition does not tell.
  struct Stay {
    int64_t head = 0;  // what lies before the event that first showed it
    // Of a runnable one: where it stands, and who made it so.
    StackId stack = 0;
    GoInterval::Waker waker = {};
  };

  /// True if `e` ends a wanted interval, which is interval_ then.
  bool ends(const Event& e);
  bool describe(const Event& e, const Stay& stay, WakerClass woken_by);
  void becomes_runnable(const Event& e, Stay& stay, WakerClass woken_by) const;
  bool wants_reason(StringId reason);
  StringId name_of(GoSlot slot) const { return context_.goroutines[slot].name; }

  const RunContext context_;
  const IntervalFilter& filter_;
  const int64_t from_;
  const bool filtered_;
  WakerClasses wakers_;
  std::vector<Stay> stays_;  // by slot
  WaitReasons wait_reasons_;
  std::vector<uint8_t> reasons_;  // by reason: 0 not looked at, 1 unwanted, 2 wanted
  GoInterval interval_;
  uint64_t nameless_ = 0;
};

}  // namespace tracetool
