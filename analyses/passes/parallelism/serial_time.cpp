#include "analyses/passes/parallelism/serial_time.h"

#include <algorithm>

#include "analyses/engine/by_id.h"

namespace tracetool {

void SerialTime::attribute(int64_t now, StackId stack) {
  const int64_t time = now - since_;
  since_ = now;
  if (time <= 0) return;
  add(runner_, stack, time);
  part(runner_, stack, time, now);
}

void SerialTime::add(GoSlot slot, StackId stack, int64_t time) {
  const StringId group = goroutines_[slot].name;
  uint32_t& found = index_.find(stack, {group});
  if (found == 0) {
    culprits.push_back({.group = group, .stack = stack});
    found = static_cast<uint32_t>(culprits.size());
  }
  SerialCulprit& c = culprits[found - 1];
  ++c.count;
  c.time += time;
  c.longest = std::max(c.longest, time);
}

void SerialTime::pend(GoSlot slot, int64_t time) {
  Pending& pending = by_id(pending_, slot);
  pending.time += time;
  if (pending.listed) return;
  pending.listed = true;
  pending_ones_.push_back(slot);
}

/// A part of the phase under way, all by one goroutine.
void SerialTime::part(GoSlot slot, StackId stack, int64_t time, int64_t now) {
  phase_.busy += time;
  phase_.end = now;
  if (time <= phase_.part) return;
  phase_.part = time;
  phase_.slot = slot;
  phase_.goroutine = goroutines_[slot].id;
  phase_.serial = goroutines_[slot].serial;
  phase_.group = goroutines_[slot].name;
  phase_.stack = stack;
}

/// The stack on which it stops stands for all time in which it showed none.
void SerialTime::settle(GoSlot slot, StackId stack) {
  const int64_t time = pending_[slot].time;
  pending_[slot].time = 0;
  add(slot, stack, time);
  const auto mend = [&](SerialPhase& p) {
    if (p.slot != slot || p.serial != goroutines_[slot].serial || p.stack != 0) return;
    p.stack = stack;
    p.group = goroutines_[slot].name;
  };
  for (SerialPhase& p : phases) mend(p);
  if (open_) mend(phase_);
}

bool SerialTime::level(int64_t now, int level, GoSlot runner, int64_t work_waited) {
  if (level_ == 1 && now > since_) {
    pend(runner_, now - since_);
    part(runner_, 0, now - since_, now);
  }
  work_waited_ = work_waited;
  bool ended = false;
  if (open_ && (level > 1 || (level == 1 && now - phase_.end > kBreak))) ended = end_phase();
  level_ = level;
  runner_ = runner;
  since_ = now;
  if (level == 1 && !open_ && !ended) open_phase(now, work_waited);
  return ended;
}

bool SerialTime::end_phase() {
  open_ = false;
  if (phase_.busy < std::max<int64_t>(shortest_, 1) ||
      2 * (work_waited_ - waited_before_) < phase_.busy)
    return false;
  ++long_phases;
  long_time += phase_.busy;
  longest = std::max(longest, phase_.length());
  return phases.size() < kKept || phase_.busy > phases.back().busy;
}

void SerialTime::keep() {
  const auto at =
      std::ranges::upper_bound(phases, phase_.busy, std::ranges::greater{}, &SerialPhase::busy);
  phases.insert(at, phase_);
  if (phases.size() > kKept) phases.pop_back();
  if (level_ == 1) open_phase(since_, work_waited_);
}

void SerialTime::settle_all() {
  std::ranges::sort(pending_ones_);
  for (const GoSlot slot : pending_ones_) {
    if (pending_[slot].time > 0) settle(slot, 0);
    pending_[slot].listed = false;
  }
  pending_ones_.clear();
}

}  // namespace tracetool
