// The program: from its arguments to output, messages and exit code. Nothing outside this folder
// prints or exits.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/io/terminal.h"
#include "cli/options/exit_code.h"

namespace tracetool {

/// `args` without the program's name.
int run(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
        const Terminal& terminal);

}  // namespace tracetool
