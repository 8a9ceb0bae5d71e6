// Who ended a wait, as far as the event tells.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/go/gc_names.h"
#include "analyses/go/reason_lookup.h"
#include "parser/model/block.h"
#include "parser/model/event.h"
#include "parser/model/tables.h"

namespace tracetool {

class WakerClasses {
 public:
  explicit WakerClasses(const Tables& tables) : names_(tables), reasons_(tables) {}

  /// Calls f with each event of the block that leaves the waiting state: who stops the world may
  /// poll the network for others meanwhile, so that order matters.
  template <class F>
  void each_left(const Block& block, F f) {
    size_t next_rare = 0;
    const auto rares = block.rare_positions();
    for (const uint16_t at : block.left_positions(GoState::kWaiting)) {
      for (; next_rare < rares.size() && rares[next_rare] < at; ++next_rare)
        rare(block.events[rares[next_rare]]);
      f(block.events[at]);
    }
    for (; next_rare < rares.size(); ++next_rare) rare(block.events[rares[next_rare]]);
  }

  /// Must see the rare events, in order: who stops the world. each_left() shows them.
  void rare(const Event& e) {
    if (e.kind != EventKind::kRangeBegin && e.kind != EventKind::kRangeEnd) return;
    if (e.scope() != RangeScope::kGoroutine) return;
    if (!is_stop(names_[e.name])) return;
    by_id(stops_world_, e.subject) = e.kind == EventKind::kRangeBegin;
  }

  /// `e` ends a wait. Without a goroutine only the reason of the wait tells who it was.
  WakerClass classify(const Event& e) {
    if (e.g != kNoGo && e.g != e.subject) {
      // Restarting the world includes a look at the network on behalf of everybody.
      const bool stops = e.g < stops_world_.size() && stops_world_[e.g] != 0;
      if (!stops || reasons_.of(e.since_name) != WaitClass::kNet) return WakerClass::kGoroutine;
      return WakerClass::kNetpoller;
    }
    if (e.p == kFirstPseudoProc) return WakerClass::kTimer;
    if (e.p == kFirstPseudoProc + 1) return WakerClass::kNetpoller;
    return reasons_.waker(e.since_name, e.since_stack);
  }

 private:
  GcNames names_;
  WaitReasons reasons_;
  std::vector<uint8_t> stops_world_;  // by slot
};

}  // namespace tracetool
