// What a format of reports is. Each is one file here and one row in format.cpp.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "reports/model/table.h"

namespace tracetool {

/// What the caller knows about the run: file, Go version, length of the capture …
struct JsonHeader {
  std::vector<std::pair<std::string, Cell>> fields;
  std::vector<std::string> faults;     // written as "faults", also when there are none
  std::vector<std::string> selection;  // the filters as typed: "--from 1ms"
};

struct TableFormat;

struct RenderOptions {
  const TableFormat* format = nullptr;
  std::string table =
      {};  // only this one; needed where a format holds one table and there are more
  JsonHeader header = {};  // JSON only
  size_t width = 0;        // terminal columns; 0 is as wide as it takes, less than 24 counts as 24
  bool colour = false;     // text only
  size_t max_rows = 0;     // of each table, for people; 0 is all
  bool stacks = false;     // for people: all frames
  bool figures = false;    // for people: figures of plots too
  bool explain = false;    // for people: what tables and columns mean
  bool brief = false;      // text: do not name the columns that did not fit
};

struct TableFormat {
  const char* name;
  bool for_people;  // rounded, with units, long lists cut; otherwise exact, in base units
  bool one_table;   // has no room for a second one
  void (*write)(std::ostream& out, const Report& report, const RenderOptions& options);
};

}  // namespace tracetool
