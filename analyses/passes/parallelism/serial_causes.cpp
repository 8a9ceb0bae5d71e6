#include "analyses/passes/parallelism/serial_causes.h"

#include "analyses/go/wait_kind.h"
#include "analyses/go/wait_reasons.h"

namespace tracetool {

SerialCause blocked_by(const Tables& tables, std::string_view reason, StackId stack) {
  const WaitClass c = wait_reason(reason).cls;
  if (c == WaitClass::kGc) return SerialCause::kCollector;
  const bool channel = c == WaitClass::kSelect || c == WaitClass::kChan;
  if (!channel && c != WaitClass::kSync) return SerialCause::kNothing;
  const std::string what = waited_for(tables, reason, stack);
  if (what == kGcCycle) return SerialCause::kCollector;
  return is_lock(what) ? SerialCause::kLock : SerialCause::kOthers;
}

}  // namespace tracetool
