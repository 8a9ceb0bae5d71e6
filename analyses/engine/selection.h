// How passes tell what the user selected.
#pragma once

#include <cstdint>

#include "analyses/engine/pass.h"

namespace tracetool {

/// The user chose some goroutines, tasks or regions: what is told of the whole program all the same
/// has to say so.
inline bool selective(const RunContext& context) {
  return context.scoped || context.goroutines.filter().active();
}

/// A bit of Event::flags, set by ScopeFilter: the region that begins or ends here is one of those
/// that --task or --region selects, or the goroutine that is created is inside of one.
inline constexpr uint8_t kFlagInside = 32;

}  // namespace tracetool
