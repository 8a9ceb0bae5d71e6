#include "analyses/serial_causes.h"

#include "analyses/reasons.h"
#include "analyses/wait_kind.h"

namespace tracetool {

SerialCause blocked_by(const Tables& tables, std::string_view reason, StackId stack) {
  const BlockClass c = block_class(reason);
  if (c == BlockClass::kGc) return SerialCause::kCollector;
  if (c == BlockClass::kSelect || c == BlockClass::kChan) return SerialCause::kOthers;
  if (c != BlockClass::kSync) return SerialCause::kNothing;
  const std::string what = waited_for(tables, reason, stack);
  if (is_lock(what)) return SerialCause::kLock;
  if (what != "semaphore") return SerialCause::kOthers;
  // The runtime's own semaphores: to begin or end a cycle.
  for (const FrameId frame : tables.stack(stack)) {
    const std::string_view function = tables.string(tables.frame(frame).function);
    if (function.starts_with("runtime.gc") || function.starts_with("runtime.GC"))
      return SerialCause::kCollector;
  }
  return SerialCause::kOthers;
}

}  // namespace tracetool
