// The first so many intervals in an order of the user's, in bounded memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analyses/export/go_intervals.h"

namespace tracetool {

/// What they can be sorted by: names of columns.
inline constexpr const char* kIntervalKeys[] = {"duration_ns", "begin_ns", "end_ns", "goroutine"};
enum class IntervalKey : uint8_t { kDuration, kBegin, kEnd, kGoroutine };
/// With or without "_ns".
std::optional<IntervalKey> interval_key(std::string_view name);

struct IntervalOrder {
  IntervalKey key = IntervalKey::kDuration;
  bool ascending = false;
};

class SortedIntervals {
 public:
  /// Keeps the first `most`; of equal ones those that came earlier.
  SortedIntervals(IntervalOrder order, size_t most) : order_(order), most_(most) {}

  void add(const GoInterval& interval);
  uint64_t seen() const { return seen_; }
  /// Calls `f` with each in order, until it answers false.
  template <class F>
  void each(const F& f) {
    std::ranges::sort(kept_, before);
    for (const Kept& k : kept_)
      if (!f(k.interval)) return;
  }
  /// How many fit into so many bytes, also while the list moves to a larger place.
  static constexpr size_t fit(uint64_t bytes) { return bytes / (3 * sizeof(Kept) / 2) / 2; }

 private:
  struct Kept {
    int64_t key;  // smaller comes first
    uint64_t number;
    GoInterval interval;
  };
  static bool before(const Kept& a, const Kept& b) {
    return a.key != b.key ? a.key < b.key : a.number < b.number;
  }
  int64_t key_of(const GoInterval& interval) const;

  const IntervalOrder order_;
  const size_t most_;
  uint64_t seen_ = 0;
  std::vector<Kept> kept_;  // a heap with the last one in front once it is full
};

}  // namespace tracetool
