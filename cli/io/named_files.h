// The files that a command line names, together.
#pragma once

#include <string>

#include "cli/options/invocation.h"

namespace tracetool {

/// What cannot be done with them: to write one that is read, or to read twice what can be read only
/// once. "" if all is well.
std::string misused_file(const Invocation& invocation);

}  // namespace tracetool
