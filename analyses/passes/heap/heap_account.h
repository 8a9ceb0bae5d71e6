// What the heap's size tells: how much was allocated and freed, and whether it grows.
#pragma once

#include <optional>

#include "analyses/measure/heap_curve.h"
#include "parser/model/event.h"

namespace tracetool {

class HeapAccount {
 public:
  /// Time of the first event, before anything else.
  void begin(int64_t time);
  /// Samples; `before` if they only tell what the time window begins with.
  void live(int64_t now, std::optional<int64_t> bytes, bool before);
  void goal(int64_t now, std::optional<int64_t> bytes);
  /// The size written last was what a collection left.
  void collected(int64_t now, bool counts);
  /// Samples are missing.
  void gap(int64_t now);
  void finish(int64_t now);

  uint64_t samples = 0, collections = 0;
  uint64_t nonsense = 0;  // sizes that cannot be
  std::optional<int64_t> first, last, peak, least, last_goal;
  int64_t first_at = kNever, peak_at = kNever, least_at = kNever;
  /// first + allocated - freed + unknown == last
  int64_t allocated = 0, freed = 0, unknown = 0;
  int64_t over_goal = 0;  // time
  int64_t observed = 0;   // time since the first sample
  HeapCurve curve;

  /// Slope of the line of least squares through what collections left, in bytes a second.
  std::optional<double> growth() const;

 private:
  void pass(int64_t now);

  bool known_ = false;        // `last` is the size now
  int64_t pending_ = 0;       // change that came with the last sample
  bool has_pending_ = false;  // it was counted as allocated
  int64_t passed_ = 0;
  int64_t origin_time_ = 0;
  double n_ = 0, t_ = 0, v_ = 0, tt_ = 0, tv_ = 0, origin_ = 0;
};

}  // namespace tracetool
