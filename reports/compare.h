// What changed between two sides, each of one or more reports.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/join.h"
#include "reports/statistics.h"

namespace tracetool {

enum class Change : uint8_t { kSame, kBetter, kWorse, kChanged, kNew, kGone };
std::string_view name_of(Change change);

struct Side {
  std::vector<Sample> samples;
  /// Time slices of the only sample, for the spread within it.
  std::vector<Sample> slices = {};
};

struct CompareOptions {
  double alpha = 0.05;
  /// Changes of less than this part are none.
  double threshold = 0.02;
  std::string per = "s";
  double work_ns = 0;  // what one of them takes, if it is no second
};

struct Comparison {
  Series series;
  size_t old_n = 0, new_n = 0;
  std::optional<double> before, after;  // medians
  /// Confidence of the median, or the range of slices.
  std::optional<ValueRange> before_range, after_range;
  std::optional<double> p = {};
  Change change = Change::kSame;
  double scale = 0;   // ns that a unit of work takes
  double weight = 0;  // how much it is worth telling
  std::optional<double> delta() const;
  std::optional<double> ratio() const;  // (after - before) / before
};

/// All figures, those most worth telling first.
std::vector<Comparison> compare(const Side& before, const Side& after,
                                const CompareOptions& options);

}  // namespace tracetool
