#include "analyses/export/go_intervals.h"

#include "analyses/engine/by_id.h"

namespace tracetool {

bool GoIntervals::ends(const Event& e) {
  Stay& stay = stays_[e.subject];
  if (e.from() <= GoState::kNotExist && !e.open_end()) {
    stay = {};
    // It goes on: what lies before the first event belongs to what ends later.
    if (e.from() == GoState::kUndetermined) stay.head = e.time - e.since;
    if (e.to() == GoState::kRunnable) becomes_runnable(e, stay, WakerClass::kGoroutine);
    return false;
  }
  const bool woken = e.from() == GoState::kWaiting && !e.open_end();
  const WakerClass woken_by = woken ? wakers_.classify(e) : WakerClass::kRuntime;
  const bool wanted = describe(e, stay, woken_by);
  stay.head = 0;
  if (e.to() == GoState::kRunnable && !e.open_end()) becomes_runnable(e, stay, woken_by);
  return wanted;
}

bool GoIntervals::describe(const Event& e, const Stay& stay, WakerClass woken_by) {
  GoInterval& i = interval_;
  i.begin = e.since - stay.head;
  i.end = e.time;
  // What lies outside of the window, or of the scope, has no length.
  if (i.duration() <= 0 || i.duration() < filter_.shortest) return false;
  i.state = e.from();
  const uint32_t states = filter_.states;
  if (states != 0 && (states >> static_cast<unsigned>(i.state) & 1) == 0) return false;
  const Goroutine& g = context_.goroutines[e.subject];
  if (filtered_ && !g.selected && g.named) return false;
  i.open_end = (e.flags & (kFlagOpenEnd | kFlagOutside)) != 0;
  const bool running = i.state == GoState::kRunning;
  i.reason = !running ? e.since_name : i.open_end ? 0 : e.name;
  i.wait_class = running                         ? GoInterval::kNoClass
                 : i.state == GoState::kRunnable ? static_cast<uint8_t>(WaitClass::kSched)
                 : i.state == GoState::kSyscall
                     ? static_cast<uint8_t>(WaitClass::kSyscall)
                     : static_cast<uint8_t>(wait_reasons_.of(i.reason, e.since_stack));
  if (filter_.classes != 0 && (running || (filter_.classes >> i.wait_class & 1) == 0)) return false;
  if (filter_.reason && !wants_reason(i.reason)) return false;
  if (filtered_ && !g.selected) {
    ++nameless_;  // all that was asked for but the name
    return false;
  }
  i.goroutine = g.id;
  i.start = g.name;
  i.open_begin = e.open_start() || (from_ > 0 && i.begin == from_);
  i.next = i.open_end ? GoState::kUndetermined : e.to();
  i.woken_by = woken_by;
  i.stack = !running ? e.since_stack : i.open_end ? 0 : e.stack;
  i.waker = {};
  if (i.state == GoState::kRunnable) {
    i.stack = stay.stack;
    i.waker = stay.waker;
  } else if (i.waits() && !i.open_end && woken_by == WakerClass::kGoroutine) {
    i.waker = {true, context_.goroutines[e.g].id, name_of(e.g), e.stack};
  }
  return true;
}

void GoIntervals::becomes_runnable(const Event& e, Stay& stay, WakerClass woken_by) const {
  const bool by_other = e.g != kNoGo && e.g != e.subject && woken_by == WakerClass::kGoroutine;
  stay.waker = {};
  switch (e.from()) {
    case GoState::kRunning:
      stay.stack = e.stack;
      break;
    case GoState::kWaiting:
      if (by_other) stay.waker = {true, context_.goroutines[e.g].id, name_of(e.g), e.stack};
      stay.stack = e.since_stack;
      break;
    case GoState::kSyscall:
      stay.stack = e.since_stack;
      break;
    case GoState::kNotExist:
      if (by_other) stay.waker = {true, context_.goroutines[e.g].id, name_of(e.g), e.stack};
      stay.stack = e.transition_stack();
      break;
    case GoState::kUndetermined:
    case GoState::kRunnable:
      stay.stack = e.transition_stack();
      break;
  }
}

bool GoIntervals::wants_reason(StringId reason) {
  uint8_t& known = by_id(reasons_, reason);
  if (known == 0) {
    const std::string_view text = context_.tables.string(reason);
    known = filter_.reason->found_in(text) ? 2 : 1;
  }
  return known == 2;
}

}  // namespace tracetool
