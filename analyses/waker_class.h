// Who ended a wait: a goroutine, or which part of the runtime.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/split_time.h"
#include "parser/event.h"
#include "parser/tables.h"

namespace tracetool {

enum class WakerClass : uint8_t { kGoroutine, kNetpoller, kTimer, kGc, kRuntime };

constexpr const char* name_of(WakerClass c) {
  constexpr const char* kNames[] = {"goroutine", "(netpoller)", "(timer)", "(GC)", "(runtime)"};
  return kNames[static_cast<int>(c)];
}

class WakerClasses {
 public:
  explicit WakerClasses(const Tables& tables) : tables_(tables), reasons_(tables) {}

  /// Must see the rare events, in order: who stops the world.
  void rare(const Event& e) {
    if (e.kind != EventKind::kRangeBegin && e.kind != EventKind::kRangeEnd) return;
    if (e.scope() != RangeScope::kGoroutine) return;
    if (!tables_.string(e.name).starts_with("stop-the-world")) return;
    if (e.subject >= stops_world_.size()) stops_world_.resize(e.subject + size_t{1});
    stops_world_[e.subject] = e.kind == EventKind::kRangeBegin;
  }

  /// `e` ends a wait. Without a goroutine only the reason of the wait tells who it was.
  WakerClass classify(const Event& e) {
    if (e.g != kNoGo && e.g != e.subject) {
      // Restarting the world includes a look at the network on behalf of everybody.
      const bool stops = e.g < stops_world_.size() && stops_world_[e.g] != 0;
      if (!stops || reasons_[e.since_name] != BlockClass::kNetwork) return WakerClass::kGoroutine;
      return WakerClass::kNetpoller;
    }
    if (e.p == kFirstPseudoProc) return WakerClass::kTimer;
    if (e.p == kFirstPseudoProc + 1) return WakerClass::kNetpoller;
    switch (reasons_[e.since_name]) {
      case BlockClass::kNetwork:
        return WakerClass::kNetpoller;
      case BlockClass::kSleep:
      case BlockClass::kChan:
      case BlockClass::kSelect:
        return WakerClass::kTimer;
      case BlockClass::kGc:
        return WakerClass::kGc;
      case BlockClass::kSync:
        break;
      case BlockClass::kOther:
        if (tables_.string(e.since_name) == "system goroutine wait") return WakerClass::kGc;
        break;
    }
    return WakerClass::kRuntime;
  }

 private:
  const Tables& tables_;
  ReasonClasses reasons_;
  std::vector<uint8_t> stops_world_;  // by slot
};

}  // namespace tracetool
