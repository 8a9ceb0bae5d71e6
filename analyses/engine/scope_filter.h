// The user's --task and --region: only the time that goroutines spend inside a region of that task
// or type is accounted, by every pass, without any pass knowing of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/engine/name_match.h"
#include "parser/model/block.h"
#include "parser/model/hash.h"
#include "parser/model/tables.h"

namespace tracetool {

struct Scope {
  /// Regions of these tasks and of tasks that began in them, and all that goroutines do that were
  /// created in such a region.
  std::unordered_set<uint64_t> tasks;
  /// Regions whose type matches, with the regions inside them.
  std::optional<Regex> region;
  bool active() const { return !tasks.empty() || region.has_value(); }
};

/// Rewrites events in place, as the clipping to the time window does: what ends gets the length
/// that it spent inside the scope; what lies outside is marked kFlagOutside and keeps its effect on
/// states only. Global events (GC phases, metrics, procs) stay as they are.
///
/// Regions begin and end while their goroutine runs, so only runs can lie partly inside. The length
/// of such a run is exact; its place too, unless the last region ended before the run did: then it
/// seems to end with the run.
class ScopeFilter {
 public:
  ScopeFilter(const Tables& tables, Scope scope)
      : by_type_(scope.region.has_value()),
        is_wanted_type_(tables, std::move(scope.region)),
        named_(scope.tasks.begin(), scope.tasks.end()),
        tasks_(named_) {}

  /// Every block, in order; behind the clipping to the window, before any pass.
  void rewrite(Block& block);

  /// Whether anything was inside so far.
  bool matched() const { return matched_; }

 private:
  struct Region {
    uint64_t task;
    StringId type;
    bool by_task, by_type;
    bool matches() const { return by_task || by_type; }
  };
  struct Goroutine {
    std::vector<Region> regions;
    uint32_t by_task = 0, by_type = 0;  // regions of either kind that are open
    int64_t inside_since = 0;
    int64_t earlier = 0;  // of the current run, inside, before inside_since
    bool inside() const { return by_task + by_type > 0; }
    /// Of the current run, which began at `since`.
    int64_t inside_until(int64_t now, int64_t since) const {
      return earlier + (inside() ? now - std::max(since, inside_since) : 0);
    }
  };

  Goroutine* find(GoSlot g) {
    return g >= index_.size() || index_[g] == 0 ? nullptr : &goroutines_[index_[g]];
  }
  Goroutine& make(GoSlot g);
  void drop(GoSlot g);
  void transition(Event& e);
  void rare(Event& e);
  void region_begin(Event& e);
  void region_end(Event& e);
  void range(Event& e);
  bool inside(GoSlot g) {
    const Goroutine* found = g == kNoGo ? nullptr : find(g);
    return found != nullptr && found->inside();
  }

  const bool by_type_;
  NameMatch is_wanted_type_;
  const std::unordered_set<uint64_t, IdHash> named_;
  std::unordered_set<uint64_t, IdHash> tasks_;  // these and their descendants
  std::vector<uint32_t> index_;                 // by slot: of those with open regions, 0 none
  Pool<Goroutine> goroutines_;
  bool matched_ = false;
};

}  // namespace tracetool
