// What goroutines wait for, looked up once for each reason and stack: for passes that ask at every
// wait.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/go/wait_kind.h"
#include "analyses/go/wait_reasons.h"
#include "parser/model/event.h"
#include "parser/model/tables.h"

namespace tracetool {

/// A reason under which time is added up: the collector's own waits are marked, as their reason is
/// that of any semaphore or channel.
using ReasonKey = StringId;
inline constexpr ReasonKey kForCollector = ReasonKey{1} << 31;

/// As the runtime gives it; for the collector's own waits that and for what.
inline std::string reason_text(const Tables& tables, ReasonKey key) {
  const std::string text(tables.string(key & ~kForCollector));
  return (key & kForCollector) == 0 ? text : text + " (" + kGcCycle + ")";
}

class WaitReasons {
 public:
  explicit WaitReasons(const Tables& tables) : tables_(tables) {}

  /// Of a wait for that reason that began on that stack.
  WaitClass of(StringId reason, StackId stack) {
    const Known& known = look(reason);
    return known.by_stack && is_collectors(stack) ? WaitClass::kGc : known.cls;
  }
  ReasonKey key(StringId reason, StackId stack) {
    return look(reason).by_stack && is_collectors(stack) ? reason | kForCollector : reason;
  }
  WaitClass of(ReasonKey key) {
    return (key & kForCollector) != 0 ? WaitClass::kGc : look(key).cls;
  }
  /// Who ended it, if no goroutine did.
  WakerClass waker(StringId reason, StackId stack) {
    const Known& known = look(reason);
    return known.by_stack && is_collectors(stack) ? WakerClass::kGc : known.waker;
  }
  /// Whether of() looks at the stack.
  bool by_stack(StringId reason) { return look(reason).by_stack; }
  /// Nothing ever ends it.
  bool is_forever(StringId reason) { return look(reason).forever; }

 private:
  struct Known {
    WaitClass cls = WaitClass::kOther;
    WakerClass waker = WakerClass::kRuntime;
    bool looked = false, by_stack = false, forever = false;
  };

  const Known& look(StringId reason) {
    if (reason < reasons_.size() && reasons_[reason].looked) [[likely]]
      return reasons_[reason];
    const std::string_view text = tables_.string(reason);
    const WaitReason meant = wait_reason(text);
    return by_id(reasons_, reason) = {meant.cls, meant.waker, true, may_be_collectors(text),
                                      text == "forever"};
  }
  bool is_collectors(StackId stack) {
    uint8_t& known = by_id(stacks_, stack);
    if (known == kNotLooked) known = waits_for_collector(tables_, stack) ? kYes : kNo;
    return known == kYes;
  }

  static constexpr uint8_t kNotLooked = 0, kYes = 1, kNo = 2;
  const Tables& tables_;
  std::vector<Known> reasons_;
  std::vector<uint8_t> stacks_;
};

}  // namespace tracetool
