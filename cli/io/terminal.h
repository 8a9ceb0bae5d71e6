// What is on the other side of the standard streams.
#pragma once

#include <cstddef>

namespace tracetool {

struct Terminal {
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  size_t width = 0;       // columns of the output's terminal; 0 unknown
  size_t columns = 0;     // $COLUMNS, for output that goes elsewhere; 0 unless it is a sane number
  bool no_color = false;  // NO_COLOR is set, or the terminal is a dumb one
};

Terminal detect_terminal();

}  // namespace tracetool
