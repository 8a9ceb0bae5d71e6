// The few sentences with which a comparison opens, in the order in which a person would tell them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/compare/compare.h"
#include "reports/model/table.h"

namespace tracetool {

/// A figure that has a name of its own for people, and is told before rows of tables.
struct Headline {
  std::string table, column;     // which figure it is
  std::string title;             // "Goroutines wait for locks"
  std::string culprit;           // "Mutex in main.f"
  double before = 0, after = 0;  // how bad it is, 0 to 100
  bool found = false;            // bad enough to be told on one side at least
  std::string command = {};      // what to look at
};

struct VerdictOptions {
  std::vector<Headline> headlines = {};
  /// What to look at for a figure: a command, or "".
  std::function<std::string(const Series&)> command = {};
};

/// Table `verdict`: what got better, what got worse, what did not change.
Table verdict_table(const Comparisons& all, const VerdictOptions& options);

}  // namespace tracetool
