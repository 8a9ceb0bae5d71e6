// From arguments to an Invocation.
#pragma once

#include <string>
#include <vector>

#include "cli/options/invocation.h"

namespace tracetool {

struct CommandLine {
  Invocation invocation;
  std::string error;  // one line; "" if all is well
  bool help = false;  // --help was asked for
};

/// `args` without the command's name.
CommandLine parse_command_line(const Command& command, const std::vector<std::string>& args);

/// An option of a command: its own, or one that several share.
struct Wanted {
  std::string names, name, value, help, group, default_value;
  bool many = false;
  bool idle = false;  // without effect here
};
std::vector<Wanted> options_of(const Command& command);

}  // namespace tracetool
