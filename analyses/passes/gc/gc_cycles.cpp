#include "analyses/passes/gc/gc_cycles.h"

#include <algorithm>

namespace tracetool {

void GcWork::add(const GcWork& other) {
  length += other.length;
  stopped += other.stopped;
  sweep_termination += other.sweep_termination;
  mark_termination += other.mark_termination;
  pauses += other.pauses;
  dedicated += other.dedicated;
  fractional += other.fractional;
  idle += other.idle;
  assists += other.assists;
  assist += other.assist;
  assist_running += other.assist_running;
  sweeps += other.sweeps;
  sweep += other.sweep;
  swept.add(other.swept);
  reclaimed.add(other.reclaimed);
}

void GcCycles::begin(int64_t time, bool cut) {
  retire();
  marking_ = true;
  current_.number = ++count_;
  current_.begin = time;
  current_.cut = cut;
}

void GcCycles::end(int64_t length, bool cut) {
  marking_ = false;
  current_.length = length;
  current_.cut |= cut;
  if (length > 0) return;
  // All of it lies outside of the time window: it is no cycle of the capture.
  --count_;
  const GcWork work = current_;
  current_ = {};
  before_.add(work);
}

void GcCycles::forget() {
  retire();
  marking_ = false;
}

void GcCycles::retire() {
  if (current_.number == 0) {
    before_.add(current_);
  } else {
    kept_.push_back(current_);
    if (kept_.size() == 2 * most_) shrink();
  }
  current_ = {};
}

void GcCycles::shrink() {
  const auto middle = kept_.begin() + static_cast<std::ptrdiff_t>(most_);
  std::ranges::nth_element(kept_, middle, std::ranges::greater(), &GcCycle::length);
  for (auto it = middle; it != kept_.end(); ++it) rest_.add(*it);
  rest_count_ += static_cast<uint64_t>(kept_.end() - middle);
  kept_.erase(middle, kept_.end());
  std::ranges::sort(kept_, {}, &GcCycle::number);
}

std::vector<GcCycle> GcCycles::finish() {
  retire();
  if (kept_.size() > most_) shrink();
  std::vector<GcCycle> out;
  out.reserve(kept_.size() + 2);
  if (before_.any()) static_cast<GcWork&>(out.emplace_back()) = before_;
  out.insert(out.end(), kept_.begin(), kept_.end());
  if (rest_count_ > 0) static_cast<GcWork&>(out.emplace_back()) = rest_;
  return out;
}

}  // namespace tracetool
