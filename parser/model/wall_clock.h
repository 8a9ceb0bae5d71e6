// Which time of day it was at each moment of a capture, as far as the capture tells: since Go 1.25
// each generation pairs the trace's clock with the wall clock once.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "parser/model/block.h"
#include "parser/model/tables.h"

namespace tracetool {

struct CaptureFacts;

/// The first version of the format that has clock snapshots.
inline constexpr int kFirstWallClock = 25;

/// ns since 1970 at a moment, by that snapshot; nothing if it would not fit.
std::optional<int64_t> wall_at(const ClockSnapshot& snapshot, int64_t time);

/// Moments of a generation are read off its own snapshot, so that a clock that is set or drifts
/// shows as a step between two generations. What has no snapshot goes by the last one before it.
class WallClock {
 public:
  WallClock() = default;
  explicit WallClock(const CaptureFacts& facts);

  /// From `time` on, where it was `unix_ns`, it goes by another snapshot. In order of time.
  void add(int64_t time, int64_t unix_ns);
  /// Takes what the Sync events of the block say.
  void block(const Block& block);

  bool known() const { return !parts_.empty(); }
  /// ns since 1970 at a moment; nothing if the capture does not tell.
  std::optional<int64_t> at(int64_t time) const;
  /// The earliest and the latest time that it showed until `end`; nothing if the capture does not
  /// tell one of them.
  std::pair<std::optional<int64_t>, std::optional<int64_t>> shown_until(int64_t end) const;
  /// The first moment at which the wall clock showed that time or a later one, and the last one at
  /// which it showed that time or an earlier one; may lie outside of the capture.
  int64_t first_at(int64_t unix_ns) const;
  int64_t last_at(int64_t unix_ns) const;

 private:
  struct Part {
    int64_t begin, unix_ns;
  };
  std::vector<Part> parts_;
};

}  // namespace tracetool
