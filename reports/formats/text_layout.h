// How wide each column of a text table becomes, and which ones go when there is no room.
#pragma once

#include <cstddef>
#include <vector>

namespace tracetool {

struct ColumnSpace {
  size_t heading = 0;     // widths in terminal columns
  size_t natural = 0;     // of the widest cell, heading included
  bool flexible = false;  // text that may be shortened
  int rank = 0;           // the highest goes first; 0 stays
  bool idle = false;      // says nothing, such as 0 in all rows: goes before any other
};

struct TextLayout {
  std::vector<size_t> shown;    // columns, in order
  std::vector<size_t> dropped;  // columns, in order
  std::vector<size_t> widths;   // of the shown ones
  bool fits = true;             // false: not even the columns that stay have room side by side
};

constexpr size_t kColumnGap = 2;

/// A width of 0 is unlimited.
TextLayout lay_out(const std::vector<ColumnSpace>& columns, size_t width);

}  // namespace tracetool
