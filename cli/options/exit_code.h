// How a run ended, for whoever called the program.
#pragma once

namespace tracetool {

enum ExitCode : int {
  kExitOk = 0,
  kExitCheckFailed = 1,  // what the user demanded of the figures does not hold
  kExitUnusable = 2,     // wrong usage, or an input of which nothing can be read
  kExitDamaged = 3,      // results were printed, but the input is damaged or incomplete
};

}  // namespace tracetool
