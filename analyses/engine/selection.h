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

}  // namespace tracetool
