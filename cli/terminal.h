// What is on the other side of the standard streams.
#pragma once

#include <cstddef>

namespace tracetool {

struct Terminal {
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  size_t width = 0;       // columns of the output's terminal; 0 unknown
  bool no_color = false;  // NO_COLOR is set, or the terminal is a dumb one
};

Terminal detect_terminal();

}  // namespace tracetool
