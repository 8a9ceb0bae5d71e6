// Which changes are worth telling first.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/compare/compare.h"

namespace tracetool {

/// How much of a second it takes more or less.
double effect_of(const Comparison& c, const CompareOptions& options);

/// Time weighs what it takes of a second, in rows that names tell apart twice as much as in totals;
/// what is no time weighs little, by how many times it changed. `interest` is the row's.
double weight_of(const Comparison& c, double interest);

/// What is gone in one row and new in another has moved, as when a function got another name.
class Moves {
 public:
  /// `c`, which is on one side only.
  void add(const Comparison& c, uint32_t figure, double effect);
  /// What is left of all their effects, by figure.
  std::vector<std::pair<uint32_t, double>> cancelled();

 private:
  using Rows = std::vector<std::pair<uint32_t, double>>;
  struct Moved {
    Rows gone, come;
  };
  std::map<std::pair<std::string, std::string>, Moved> columns_;  // of tables
};

}  // namespace tracetool
