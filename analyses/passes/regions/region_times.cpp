#include "analyses/passes/regions/region_times.h"

namespace tracetool {

void RegionTimes::closed(GoSlot g, Region& region, Region* outer, const Event& e,
                         RegionEnding ending) {
  if (outer != nullptr) {
    outer->extra.add(region.extra);
    outer->extra.logged |= region.extra.logged;
  }
  if (region.origin == RegionOrigin::kOlder) return;
  FinishedRegion done;
  done.g = g;
  done.task = region.task;
  done.type = region.type;
  done.stack = region.stack;
  done.begin = region.begin;
  done.end = e.time;
  done.self = e.time - region.begin - region.nested;
  done.inherited = region.origin == RegionOrigin::kInherited;
  const bool ended_outside = (e.flags & kFlagOutside) != 0;
  done.has_begin = !region.begun_outside;
  done.has_end = ending != RegionEnding::kOpen && !ended_outside;
  done.outside = region.outside(e);
  done.ending = ending;
  done.time = &region.extra;
  done.logged = region.extra.logged;
  done_(done);
}

void RegionTimes::ended_unopened(GoSlot g, Region* older, const Event& e) {
  FinishedRegion done;
  done.g = g;
  done.task = e.task();
  done.type = e.name;
  done.begin = older != nullptr ? older->begin : goroutines_[g].creation;
  done.end = e.time;
  done.self = done.total() - (older != nullptr ? older->nested : 0);
  done.has_end = (e.flags & kFlagOutside) == 0;
  // With neither end known inside the window there is nothing to show for it.
  done.outside = !done.has_end;
  done.time = older != nullptr ? &older->extra : nullptr;
  done.logged = older != nullptr && older->extra.logged;
  done_(done);
}

void RegionTimes::other(const Event& e) {
  if (e.kind != EventKind::kLog) return;
  if (!is_wanted_log_ || e.g == kNoGo || (e.flags & kFlagOutside) || !is_wanted_log_(e)) return;
  if (Region* region = innermost(e.g); region != nullptr) region->extra.logged = true;
}

}  // namespace tracetool
