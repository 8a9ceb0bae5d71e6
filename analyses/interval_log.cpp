#include "analyses/interval_log.h"

#include <algorithm>

namespace tracetool {
namespace {

IntervalState state_of(GoState state) {
  switch (state) {
    case GoState::kRunnable:
      return IntervalState::kRunnable;
    case GoState::kRunning:
      return IntervalState::kRunning;
    case GoState::kWaiting:
      return IntervalState::kWaiting;
    case GoState::kSyscall:
      return IntervalState::kSyscall;
    case GoState::kUndetermined:
    case GoState::kNotExist:
      break;
  }
  return IntervalState::kUnknown;
}

}  // namespace

IntervalLog::IntervalLog(const GoroutineIndex& goroutines, uint64_t max_bytes)
    : goroutines_(goroutines) {
  // Positions are kept modulo 2^32: half of that is the most that can be told apart.
  const uint64_t chunks = max_bytes / (kChunk * sizeof(Interval));
  chunks_.resize(
      static_cast<size_t>(std::clamp<uint64_t>(chunks, 2, (uint64_t{1} << 31) / kChunk)));
}

void IntervalLog::stop() {
  forget_before(head_);
  recording_ = false;
}

void IntervalLog::forget_before(uint64_t position) {
  if (position <= floor_) return;
  // Chunks that are needed no more serve again, so that the log stays as small as its use.
  for (uint64_t chunk = floor_ / kChunk; chunk < position / kChunk; ++chunk) {
    auto& place = chunks_[chunk % chunks_.size()];
    if (place != nullptr) spare_.push_back(std::move(place));
  }
  floor_ = position;
}

IntervalId IntervalLog::append(const Interval& interval) {
  // Position 0 modulo 2^32 means none.
  if (static_cast<uint32_t>(head_) == 0) ++head_;
  auto& chunk = chunks_[(head_ / kChunk) % chunks_.size()];
  if (head_ % kChunk <= 1 && head_ / kChunk >= floor_ / kChunk + chunks_.size()) {
    // Full: the oldest chunk makes room.
    floor_ = (head_ / kChunk - chunks_.size() + 1) * kChunk;
    lost_before_ = floor_;
    overflowed_ = true;
  }
  if (chunk == nullptr) {
    if (spare_.empty()) {
      chunk = std::make_unique<Interval[]>(kChunk);
    } else {
      chunk = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  chunk[head_ % kChunk] = interval;
  return static_cast<IntervalId>(head_++);
}

uint32_t IntervalLog::serial_of(GoSlot slot) {
  const Goroutine& g = goroutines_[slot];
  const auto serial = static_cast<uint32_t>(g.serial);
  if (serial >= who_.size()) who_.resize(serial + size_t{1});
  who_[serial] = {g.id, g.name};
  return serial;
}

IntervalId IntervalLog::last_of(GoSlot slot, int64_t since) {
  if (last_.size() < goroutines_.slots()) last_.resize(goroutines_.slots());
  if (last_[slot] < floor_) {
    append({since, 0, 0, serial_of(slot), 0, 0, 0});
    last_[slot] = head_ - 1;
  }
  return static_cast<IntervalId>(last_[slot]);
}

void IntervalLog::set_waker(Interval& interval, GoSlot waker) {
  interval.waker = last_of(waker);
  interval.waker_who = static_cast<uint32_t>(goroutines_[waker].serial);
}

void IntervalLog::transition(const Event& e) {
  if (!e.closes()) return;
  Interval interval{e.time, 0, 0, static_cast<uint32_t>(goroutines_[e.subject].serial), 0, 0, 0};
  const IntervalState state = state_of(e.spent_in());
  const bool by_other = e.g != kNoGo && e.g != e.subject;
  if (e.from() <= GoState::kNotExist && !e.open_end()) {
    if (last_.size() < goroutines_.slots()) last_.resize(goroutines_.slots());
    last_[e.subject] = 0;
    serial_of(e.subject);
    if (e.from() == GoState::kUndetermined) {
      // It was there before: its first state begins with the capture.
      interval.previous = last_of(e.subject, e.since);
      interval.set(state, e.name);
    } else {
      interval.stack = e.stack;
      if (by_other) set_waker(interval, e.g);
    }
  } else {
    interval.previous = last_of(e.subject, e.since);
    const bool ran = state == IntervalState::kRunning;
    interval.stack = ran ? e.stack : e.since_stack;
    interval.set(state, ran ? e.name : e.since_name);
    if (state == IntervalState::kWaiting && by_other && !e.open_end()) set_waker(interval, e.g);
  }
  append(interval);
  last_[e.subject] = head_ - 1;
  if (e.to() == GoState::kNotExist || e.open_end()) serial_of(e.subject);
}

}  // namespace tracetool
