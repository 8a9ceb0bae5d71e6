// Figures of a report by stable ids, so that rules and scripts can name them:
//
//   sched_summary.p99_ns               a table of one row, and its column
//   sched.p99                          the same in short: "_summary" and the unit may be left out
//   goroutines["main.f"].block.sync    a row by its keys; a dot is as good as an underscore
//   regions[type="parse"].max          by the name of a key; else any key may match
//   goroutines["*"].sched_wait         each row on its own
//   goroutines.count                   all rows of a list together
//   blocking_classes["sync"].total.per_second, goroutines["main.f"].block.sync.mean
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/model/table.h"
#include "reports/model/units.h"

namespace tracetool {

/// What an id is made of.
struct FigureName {
  struct Selector {
    std::string key;  // "" goes by position
    std::string text;
  };
  std::vector<std::string> table;  // words; with the column's if there are no selectors
  std::vector<std::string> column;
  std::vector<Selector> selectors;
  bool per_second = false;
  std::string error;
};
FigureName parse_figure_name(std::string_view text);
/// A name of a row as selectors have it: in quotes, those inside doubled.
std::string quoted_name(std::string_view name);

struct Figure {
  std::string id = {};
  const Table* table = nullptr;
  const Column* column = nullptr;
  std::vector<size_t> rows = {};  // from which the value was made
  Measure measure = {};
  Cell value = {};
};

struct Figures {
  std::vector<Figure> found = {};
  std::string error = {};        // no such table, column or key, with suggestions
  Measure measure = {};          // of all that were found or could have been
  const Table* table = nullptr;  // where they are or would be
  const Column* column = nullptr;
};
/// Figures by an id. No row that matches, or no value in it: nothing found, and no error.
/// `seconds` is the length of the capture.
Figures find_figures(const Report& report, std::string_view id, double seconds);

/// Every id that stands for one figure whatever the data: columns of one-row tables, and totals of
/// lists. Has a value where the report has one.
std::vector<Figure> all_figures(const Report& report);

/// Whether a selector's text names the value of a key: equal, with * for anything, without the
/// place behind a function, or as a function on a stack. Numbers are compared as quantities.
bool names_key(std::string_view text, const Cell& cell, const Column& column);

/// What is worth knowing beside the value: "longest_at 0.012s, longest_goroutine 42".
std::string whereabouts(const Figure& figure);

}  // namespace tracetool
