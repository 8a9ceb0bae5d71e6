// The program: from its arguments to output, messages and exit code. Nothing outside this folder
// prints or exits.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/io/terminal.h"

namespace tracetool {

enum ExitCode : int {
  kExitOk = 0,
  kExitCheckFailed = 1,  // what the user demanded of the figures does not hold
  kExitUnusable = 2,     // wrong usage, or an input of which nothing can be read
  kExitDamaged = 3,      // results were printed, but the input is damaged or incomplete
};

/// `args` without the program's name.
int run(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
        const Terminal& terminal);

}  // namespace tracetool
