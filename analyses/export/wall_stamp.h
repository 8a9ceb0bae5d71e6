// Moments of a capture as times of day, for what is written event by event.
#pragma once

#include <string_view>

#include "parser/model/wall_clock.h"
#include "reports/model/wall_time.h"

namespace tracetool {

class WallStamp {
 public:
  explicit WallStamp(const WallClock* clock) : clock_(clock) {}
  bool wanted() const { return clock_ != nullptr; }
  /// "2026-11-24T19:26:55.123456789Z"; "" where the capture does not tell. Valid until the next.
  std::string_view operator()(int64_t time) {
    const auto wall = clock_->at(time);
    return wall ? text_(*wall) : std::string_view();
  }

 private:
  const WallClock* clock_;
  IsoTime text_;
};

}  // namespace tracetool
