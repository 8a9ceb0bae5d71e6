#include "analyses/export/sorted_intervals.h"

#include <algorithm>
#include <iterator>

namespace tracetool {

std::optional<IntervalKey> interval_key(std::string_view name) {
  for (size_t k = 0; k < std::size(kIntervalKeys); ++k) {
    const std::string_view id = kIntervalKeys[k];
    if (name == id || (id.ends_with("_ns") && name == id.substr(0, id.size() - 3)))
      return static_cast<IntervalKey>(k);
  }
  return std::nullopt;
}

int64_t SortedIntervals::key_of(const GoInterval& interval) const {
  int64_t key = 0;
  switch (order_.key) {
    case IntervalKey::kDuration:
      key = interval.duration();
      break;
    case IntervalKey::kBegin:
      key = interval.begin;
      break;
    case IntervalKey::kEnd:
      key = interval.end;
      break;
    case IntervalKey::kGoroutine:
      // Ids are unsigned: the smallest one is the smallest key.
      key = static_cast<int64_t>(interval.goroutine ^ (uint64_t{1} << 63));
      break;
  }
  return order_.ascending ? key : ~key;
}

void SortedIntervals::add(const GoInterval& interval) {
  ++seen_;
  if (most_ == 0) return;
  const int64_t key = key_of(interval);
  if (kept_.size() < most_) {
    kept_.push_back({key, seen_, interval});
    if (kept_.size() == most_) std::ranges::make_heap(kept_, before);
    return;
  }
  if (key >= kept_.front().key) return;
  std::ranges::pop_heap(kept_, before);
  kept_.back() = {key, seen_, interval};
  std::ranges::push_heap(kept_, before);
}

}  // namespace tracetool
