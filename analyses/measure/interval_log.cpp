#include "analyses/measure/interval_log.h"

#include <algorithm>
#include <bit>

namespace tracetool {

const char* name_of(IntervalState state) {
  switch (state) {
    case IntervalState::kRunnable:
      return "sched wait";
    case IntervalState::kRunning:
      return "execution";
    case IntervalState::kWaiting:
      return "block";
    case IntervalState::kSyscall:
      return "syscall";
    case IntervalState::kUnknown:
      break;
  }
  return "unknown";
}

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

IntervalLog::IntervalLog(const GoroutineIndex& goroutines, uint64_t max_bytes)
    : goroutines_(goroutines) {
  // Positions are kept modulo 2^32: half of that is the most that can be told apart.
  const uint64_t chunks = max_bytes / (kChunk * sizeof(Interval));
  chunks_.resize(std::bit_floor(std::clamp<uint64_t>(chunks, 2, (uint64_t{1} << 31) / kChunk)));
}

void IntervalLog::stop() {
  forget_before(head_);
  recording_ = false;
}

void IntervalLog::forget_before(uint64_t position) {
  if (position <= floor_) return;
  // Chunks that are needed no more serve again, so that the log stays as small as its use.
  for (uint64_t chunk = floor_ / kChunk; chunk < position / kChunk; ++chunk) {
    Chunk& place = chunks_[chunk & (chunks_.size() - 1)];
    if (place.intervals != nullptr && &place != current_) {
      spare_.push_back(std::move(place));
      place = {};
    }
  }
  floor_ = position;
}

void IntervalLog::next_chunk() {
  if (current_ != nullptr) head_ = (head_ / kChunk + 1) * kChunk;
  if (static_cast<uint32_t>(head_) == 0) ++head_;  // 0 means none
  const uint64_t chunk = head_ / kChunk;
  if (chunk >= floor_ / kChunk + chunks_.size()) {
    // Full: the oldest chunk makes room.
    floor_ = (chunk - chunks_.size() + 1) * kChunk;
    lost_before_ = floor_;
  }
  current_ = &chunks_[chunk & (chunks_.size() - 1)];
  if (current_->intervals == nullptr) {
    if (spare_.empty()) {
      current_->intervals = std::make_unique_for_overwrite<Interval[]>(kChunk);
    } else {
      *current_ = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  current_->who.assign(1, {});
  who_since_ = head_;
}

void IntervalLog::enter(GoSlot g, Slot& slot) {
  slot.who = static_cast<uint32_t>(current_->who.size());
  slot.named = head_;
  current_->who.push_back({goroutines_[g].id, goroutines_[g].name});
}

IntervalId IntervalLog::last_of(GoSlot g, int64_t since) {
  Slot& s = slot(g);
  if (s.last < floor_) {
    s.last = head_;
    append({since, 0, 0, who_of(g, s), 0, 0, 0});
  }
  return static_cast<IntervalId>(s.last);
}

void IntervalLog::transition(const Event& e) {
  if (!e.closes()) return;
  make_room();
  Slot& s = slot(e.subject);
  const bool appears = e.from() <= GoState::kNotExist && !e.open_end();
  const bool created = appears && e.from() == GoState::kNotExist;
  if (appears) s = {};
  const uint32_t who = who_of(e.subject, s);
  // Of one that was there before the capture the first state begins with it.
  const IntervalId previous = created ? 0 : last_of(e.subject, e.since);
  IntervalId waker = 0;
  uint32_t waker_who = 0;
  if ((created || e.from() == GoState::kWaiting) && e.g != kNoGo && e.g != e.subject &&
      !e.open_end()) {
    waker = last_of(e.g, oldest());
    waker_who = who_of(e.g, slot(e.g));
  }
  // Field by field in place: copying what was just written in parts would wait for it.
  Interval& interval = current_->intervals[head_ % kChunk];
  interval.end = e.time;
  interval.previous = previous;
  interval.waker = waker;
  interval.who = who;
  interval.waker_who = waker_who;
  const IntervalState state = created ? IntervalState::kUnknown : state_of(e.spent_in());
  const bool ran = state == IntervalState::kRunning;
  interval.stack = created || ran ? e.stack : e.since_stack;
  interval.set(state, ran || appears ? e.name : e.since_name);
  s.last = head_++;
}

}  // namespace tracetool
