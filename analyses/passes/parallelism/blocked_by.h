// What goroutines that block wait for, looked up once for each reason and stack: for passes that
// ask at every block.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/go/reason_lookup.h"
#include "analyses/passes/parallelism/serial_causes.h"
#include "parser/model/tables.h"

namespace tracetool {

class BlockedBy {
 public:
  explicit BlockedBy(const Tables& tables) : tables_(tables), reasons_(tables) {}

  /// Blocked for such a reason on such a stack it waits for other goroutines.
  bool for_others(StringId reason, StackId stack) {
    const WaitClass c = reasons_.of(reason, stack);
    return c == WaitClass::kSync || c == WaitClass::kSelect || c == WaitClass::kChan;
  }

  /// As blocked_by(); the stack is looked at where the reason does not tell.
  SerialCause cause(StringId reason, StackId stack) {
    uint8_t& by_reason = entry(by_reason_, reason);
    if (by_reason == kNotLooked) {
      const bool by_stack = reasons_.by_stack(reason) || reasons_.of(reason) == WaitClass::kSync;
      by_reason = by_stack ? kByStack : look(reason, stack);
    }
    if (by_reason != kByStack) return static_cast<SerialCause>(by_reason);
    uint8_t& by_stack = entry(by_stack_, stack);
    if (by_stack == kNotLooked) by_stack = look(reason, stack);
    return static_cast<SerialCause>(by_stack);
  }

 private:
  static constexpr uint8_t kNotLooked = 255, kByStack = 254;

  uint8_t look(StringId reason, StackId stack) const {
    return static_cast<uint8_t>(blocked_by(tables_, tables_.string(reason), stack));
  }
  static uint8_t& entry(std::vector<uint8_t>& known, uint32_t id) {
    return by_id(known, id, kNotLooked);
  }

  const Tables& tables_;
  WaitReasons reasons_;
  std::vector<uint8_t> by_reason_;  // a SerialCause or kByStack
  std::vector<uint8_t> by_stack_;   // a SerialCause
};

}  // namespace tracetool
