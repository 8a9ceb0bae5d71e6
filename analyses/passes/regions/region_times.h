// Every region that ended, with where its time went: what the regions pass counts.
#pragma once

#include <cstdint>
#include <functional>

#include "analyses/measure/region_tracker.h"
#include "analyses/measure/split_time.h"

namespace tracetool {

struct FinishedRegion {
  GoSlot g = kNoGo;
  uint64_t task = kNoTask;
  StringId type = 0;  // 0 for inherited ones
  StackId stack = 0;  // of the begin
  int64_t begin = 0;  // of its goroutine (or of the window) if the begin is not known
  int64_t end = 0;    // of the window if it did not end
  int64_t self = 0;   // without the regions inside
  bool inherited = false;
  bool has_begin = false;  // inside the capture and its window
  bool has_end = false;
  bool outside = false;  // lies outside the window altogether
  RegionEnding ending = RegionEnding::kEnded;
  const SplitTime* time = nullptr;  // with the regions inside; nullptr if not known
  bool logged = false;              // has a message that is looked for

  int64_t total() const { return end - begin; }
  bool complete() const { return has_begin && has_end; }
};

struct RegionExtra : SplitTime {
  bool logged = false;
};

class RegionTimes : public RegionTracker<RegionTimes, RegionExtra> {
 public:
  using Done = std::function<void(const FinishedRegion&)>;
  using IsWantedLog = std::function<bool(const Event&)>;

  /// `is_wanted_log`: which messages are looked for; may be empty.
  RegionTimes(const Tables& tables, const GoroutineIndex& goroutines, Done done,
              IsWantedLog is_wanted_log = {})
      : RegionTracker(tables, goroutines, true),
        goroutines_(goroutines),
        splitter_(tables),
        done_(std::move(done)),
        is_wanted_log_(std::move(is_wanted_log)) {}

  void opened(GoSlot, Region&, const Region*, const Event&) {}
  void spent(GoSlot, Region& region, const Event& e, int64_t from, int64_t to) {
    splitter_.add(region.extra, e, from, to);
  }
  void ran(GoSlot, Region& region, int64_t from, int64_t to) { region.extra.exec += to - from; }
  void closed(GoSlot g, Region& region, Region* outer, const Event& e, RegionEnding ending);
  void ended_unopened(GoSlot g, Region* older, const Event& e);
  void other(const Event& e);

 private:
  const GoroutineIndex& goroutines_;
  TimeSplitter splitter_;
  const Done done_;
  const IsWantedLog is_wanted_log_;
};

}  // namespace tracetool
