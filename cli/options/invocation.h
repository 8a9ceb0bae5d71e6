// A command line, understood, and what a command is. Which ones there are stands in
// cli/commands/commands.cpp.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "cli/options/settings.h"

namespace tracetool {

struct Terminal;

struct Io {
  std::ostream& out;
  std::ostream& err;
  const Terminal& terminal;
};

struct Command;

/// A command line, understood.
struct Invocation {
  const Command* command = nullptr;
  std::string path;                // the first of …
  std::vector<std::string> paths;  // … all traces
  Settings settings;
  PassOptions pass_options;
};

struct Command {
  std::string name = {};
  std::string summary = {};
  std::string description = {};  // for --help, with examples
  unsigned flags = 0;            // FlagSet
  unsigned idle_flags = 0;  // taken, but without effect: a note says so, help does not list them
  std::vector<std::string> formats = {};
  std::string arguments = {};  // for the usage line, where "TRACE" does not say it
  const PassInfo* pass = nullptr;
  size_t most_traces = 1;
  size_t least_traces = 1;
  int (*run)(const Invocation&, Io&) = nullptr;  // the exit code
};

/// General commands first, then one for each pass.
const std::vector<Command>& all_commands();
const Command* find_command(const std::string& name);

}  // namespace tracetool
