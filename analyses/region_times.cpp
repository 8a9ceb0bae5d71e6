#include "analyses/region_times.h"

namespace tracetool {
namespace {

void add(GoroutineTime& to, const GoroutineTime& from) {
  to.exec += from.exec;
  to.sched_wait += from.sched_wait;
  to.syscall += from.syscall;
  to.syscall_block += from.syscall_block;
  from.block.each([&](const NamedTime& t) { to.block.add(t.name, t.time, t.count); });
  from.ranges.each([&](const NamedTime& t) { to.ranges.add(t.name, t.time, t.count); });
}

}  // namespace

void RegionTimes::closed(GoSlot g, Region& region, Region* outer, const Event& e,
                         RegionEnding ending) {
  if (outer != nullptr) {
    add(outer->extra, region.extra);
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
  done.task = e.arg;
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
  if (e.kind == EventKind::kLog) {
    if (!is_wanted_log_ || e.g == kNoGo || (e.flags & kFlagOutside) || !is_wanted_log_(e)) return;
    if (Region* region = innermost(e.g); region != nullptr) region->extra.logged = true;
    return;
  }
  if (e.kind < EventKind::kRangeBegin || e.kind > EventKind::kRangeEnd) return;
  if (e.scope() == RangeScope::kNone) return;
  if (e.scope() == RangeScope::kGoroutine) {
    if (e.kind == EventKind::kRangeEnd) add_range(e.subject, e);
    return;
  }
  if (e.subject >= sweepers_.size()) sweepers_.resize(e.subject + size_t{1});
  Sweeper& s = sweepers_[e.subject];
  if (e.kind != EventKind::kRangeEnd) {
    s = e.g == kNoGo ? Sweeper{} : Sweeper{e.g, goroutines_[e.g].serial};
  } else if (s.slot != kNoGo && (e.g == s.slot || e.open_end()) &&
             goroutines_[s.slot].serial == s.serial) {
    add_range(s.slot, e);
  }
}

void RegionTimes::add_range(GoSlot g, const Event& e) {
  if (e.since == kNever) return;
  // Ranges are the runtime's: no region begins or ends inside one, but one may be older.
  Region* region = innermost(g);
  if (region != nullptr && e.time > region->begin)
    region->extra.ranges.add(e.name, e.time - std::max(e.since, region->begin));
}

}  // namespace tracetool
