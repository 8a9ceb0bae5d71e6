// Which regions are open on which goroutine, and which time falls into which of them.
//
// Follows the rules of Go's own summarizer: a goroutine created inside a region inherits its task
// as a nameless region that lasts until the goroutine ends; what is open when a goroutine ends (or
// blocks forever) ends with it.
//
// Each moment is charged to the innermost region only. Goroutines without open regions cost one
// look into an array for each transition, blocks without any open region nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/engine/goroutine_index.h"
#include "analyses/go/reason_lookup.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"

namespace tracetool {

enum class RegionOrigin : uint8_t {
  kBegun,
  kInherited,  // nameless: carries the task of the region in which the goroutine was created
  kOlder,      // no region: all the time of a goroutine that existed before the trace
};
enum class RegionEnding : uint8_t { kEnded, kGoroutineEnded, kOpen };

/// An open region with what the tracker's user keeps beside it.
template <class Extra>
struct TrackedRegion {
  int64_t begin = 0;
  int64_t mark = 0;  // charged up to here
  uint64_t task = kNoTask;
  int64_t nested = 0;        // length of the regions directly inside, as far as they have ended
  int64_t inside_since = 0;  // of the region directly outside
  StringId type = 0;
  StackId stack = 0;
  uint32_t outer = 0;  // 1 + index
  RegionOrigin origin = RegionOrigin::kBegun;
  bool begun_outside = false;  // of the time window
  Extra extra;
  /// Whether it lies outside of the window altogether, if `e` ends it.
  bool outside(const Event& e) const {
    const bool ended_outside = (e.flags & kFlagOutside) != 0;
    return begun_outside && (begin == e.time || (ended_outside && e.since == e.time));
  }
};

/// `User` derives from this and has
///   void opened(GoSlot g, Region& region, const Region* outer, const Event& e);
///   void spent(GoSlot g, Region& region, const Event& e, int64_t from, int64_t to);
///   void ran(GoSlot g, Region& region, int64_t from, int64_t to);
///   void closed(GoSlot g, Region& region, Region* outer, const Event& e, RegionEnding ending);
///   void ended_unopened(GoSlot g, Region* older, const Event& e);  // an end without its begin
///   void other(const Event& e);                                    // every other rare event
template <class User, class Extra>
class RegionTracker {
 public:
  using Region = TrackedRegion<Extra>;

  /// `older`: keep a region of origin kOlder for each goroutine that existed before the trace.
  RegionTracker(const Tables& tables, const GoroutineIndex& goroutines, bool older)
      : reasons_(tables), goroutines_(goroutines), older_(older) {}

  void block(const Block& block) {
    if (top_.size() < goroutines_.slots()) top_.resize(goroutines_.slots());
    if (open_ == 0 && !older_) {
      // Nothing to charge before the first region begins: look at the rare events only.
      bool begins = false;
      for (const uint16_t at : block.rare_positions())
        begins |= block.events[at].kind == EventKind::kRegionBegin;
      if (!begins) {
        for (const uint16_t at : block.rare_positions()) rare(block.events[at]);
        return;
      }
    }
    size_t next_rare = 0;
    const auto rares = block.rare_positions();
    for (uint32_t at = 0; at < block.count; ++at) {
      const Event& e = block.events[at];
      if (e.kind == EventKind::kGoTransition) {
        if (top_[e.subject] != 0 || (e.from() <= GoState::kNotExist && concerns(e))) transition(e);
      } else if (next_rare < rares.size() && rares[next_rare] == at) {
        ++next_rare;
        rare(e);
      }
    }
  }

  Region* innermost(GoSlot g) {
    return g >= top_.size() || top_[g] == 0 ? nullptr : &regions_[top_[g]];
  }
  Region* outer_of(const Region& region) {
    return region.outer == 0 ? nullptr : &regions_[region.outer];
  }

 protected:
  WaitReasons reasons_;

 private:
  /// What is created inherits from open regions only; what is there already is older.
  bool concerns(const Event& e) const {
    return e.from() == GoState::kNotExist ? open_ > olds_ : older_;
  }
  User& user() { return static_cast<User&>(*this); }

  void transition(const Event& e) {
    if (!e.closes()) return;
    if (e.from() <= GoState::kNotExist && !e.open_end()) appear(e);
    Region* region = innermost(e.subject);
    if (region == nullptr) return;
    const int64_t from = std::max(e.since, region->mark);
    if (e.time > from) user().spent(e.subject, *region, e, from, e.time);
    region->mark = e.time;
    if (e.open_end()) {
      close_all(e.subject, e, RegionEnding::kOpen);
    } else if (e.to() == GoState::kNotExist ||
               (e.to() == GoState::kWaiting && e.name != 0 && reasons_.is_forever(e.name))) {
      close_all(e.subject, e, RegionEnding::kGoroutineEnded);
    }
  }

  void appear(const Event& e) {
    if (top_[e.subject] != 0) close_all(e.subject, e, RegionEnding::kGoroutineEnded);
    if (e.from() == GoState::kUndetermined) {
      if (!older_) return;
      Region& region = push(e.subject, e);
      region.begin = region.mark = e.since;
      region.origin = RegionOrigin::kOlder;
      ++olds_;
      user().opened(e.subject, region, nullptr, e);
      return;
    }
    const Region* creators = e.g == kNoGo || e.g == e.subject ? nullptr : innermost(e.g);
    if (creators == nullptr || creators->origin == RegionOrigin::kOlder) return;
    const uint64_t task = creators->task;
    Region& region = push(e.subject, e);
    region.task = task;
    region.origin = RegionOrigin::kInherited;
    user().opened(e.subject, region, nullptr, e);
  }

  void rare(const Event& e) {
    if (e.kind == EventKind::kRegionBegin && e.g != kNoGo) {
      charge_run(e, e.since);
      Region& region = push(e.g, e);
      region.task = e.task();
      region.type = e.name;
      region.stack = e.stack;
      user().opened(e.g, region, outer_of(region), e);
    } else if (e.kind == EventKind::kRegionEnd && e.g != kNoGo) {
      // Those that only say "still open" are left to the transition that follows them: it knows
      // in which state the goroutine is.
      if (e.open_end()) return;
      charge_run(e, e.runs_since());
      Region* region = innermost(e.g);
      if (region == nullptr || region->origin == RegionOrigin::kOlder) {
        user().ended_unopened(e.g, region, e);
      } else {
        pop(e.g, ended_by(e), e, RegionEnding::kEnded);
      }
    } else {
      user().other(e);
    }
  }

  /// Regions begin and end while their goroutine runs.
  void charge_run(const Event& e, int64_t running_since) {
    Region* region = innermost(e.g);
    if (region == nullptr) return;
    const int64_t from = std::max(running_since, region->mark);
    if (e.time > from) user().ran(e.g, *region, from, e.time);
    region->mark = e.time;
  }

  Region& push(GoSlot g, const Event& e) {
    const uint32_t number = regions_.take();
    Region& region = regions_[number];
    region.begin = region.mark = region.inside_since = e.time;
    region.begun_outside = e.flags & kFlagOutside;
    region.outer = top_[g];
    top_[g] = number;
    ++open_;
    return region;
  }

  /// The number of the region that `e` ends: nearly always the innermost one, but a program may end
  /// one around others that are open.
  uint32_t ended_by(const Event& e) const {
    uint32_t at = top_[e.g];
    for (int depth = 0; at != 0 && depth < kMostCrossed; ++depth, at = regions_[at].outer) {
      const Region& region = regions_[at];
      if (region.origin == RegionOrigin::kBegun && region.task == e.task() && region.type == e.name)
        return at;
    }
    return top_[e.g];
  }

  /// Ends region `at`.
  void pop(GoSlot g, uint32_t at, const Event& e, RegionEnding ending) {
    Region& region = regions_[at];
    Region* outer = outer_of(region);
    if (at == top_[g]) {
      top_[g] = region.outer;
    } else {
      // The one directly inside goes on, and is inside of the outer one from here on.
      uint32_t inner = top_[g];
      while (regions_[inner].outer != at) inner = regions_[inner].outer;
      region.nested += e.time - regions_[inner].inside_since;
      regions_[inner].inside_since = e.time;
      regions_[inner].outer = region.outer;
    }
    if (outer != nullptr) {
      outer->mark = e.time;
      outer->nested += e.time - region.inside_since;
    }
    user().closed(g, region, outer, e, ending);
    regions_.give(at);
    --open_;
    if (region.origin == RegionOrigin::kOlder) --olds_;
  }
  void close_all(GoSlot g, const Event& e, RegionEnding ending) {
    while (top_[g] != 0) pop(g, top_[g], e, ending);
  }

  static constexpr int kMostCrossed = 64;  // as the reader's, when it looks for what ends

  const GoroutineIndex& goroutines_;
  const bool older_;
  std::vector<uint32_t> top_;  // by slot: the innermost region, 0 none
  Pool<Region> regions_;
  size_t open_ = 0, olds_ = 0;  // olds_: those of origin kOlder
};

}  // namespace tracetool
