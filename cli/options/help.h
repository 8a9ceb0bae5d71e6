// The help texts, 80 columns wide.
#pragma once

#include <string>

#include "cli/options/invocation.h"

namespace tracetool {

std::string main_help();
std::string command_help(const Command& command);

}  // namespace tracetool
