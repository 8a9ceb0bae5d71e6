// From arguments to an Invocation, and the help texts.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"

namespace tracetool {

struct CommandLine {
  Invocation invocation;
  std::string error;  // one line; "" if all is well
  bool help = false;  // --help was asked for
};

/// `args` without the command's name.
CommandLine parse_command_line(const Command& command, const std::vector<std::string>& args);

std::string main_help();
std::string command_help(const Command& command);

}  // namespace tracetool
