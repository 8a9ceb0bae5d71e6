// What changed between two sides, each of one or more reports.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/join.h"
#include "reports/statistics.h"

namespace tracetool {

enum class Change : uint8_t {
  kSame,
  kBetter,
  kWorse,
  kChanged,
  kNew,
  kGone,
  // One capture a side: large, but time slices of one capture differ as much.
  kPerhapsBetter,
  kPerhapsWorse,
};
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
  /// One capture a side and no time slices of either: no change is beyond doubt.
  bool without_spread = false;
  std::string per = "s";
  double work_ns = 1e9;  // what one of them takes
  /// How much a row matters beside others, 0 to 1; without it all do alike.
  std::function<double(const Series&)> interest = {};
  /// Whether a figure is absent where there is nothing bad to measure. Of several captures those
  /// without it are then the best of their side; left out they would hide what became of a problem.
  std::function<bool(const Series&)> absent_is_best = {};
};

struct Comparison {
  Series series;
  size_t old_n = 0, new_n = 0;
  std::optional<double> before, after;  // medians
  /// Confidence of the median, or the range of slices.
  std::optional<ValueRange> before_range, after_range;
  std::optional<double> p = {};
  std::optional<double> q = {};     // p, adjusted for all that was compared
  std::vector<double> tested = {};  // the values that p is of, those before first
  size_t tested_before = 0;
  Change change = Change::kSame;
  /// Seconds in a second (of capture, or of a unit of work) that are more or less, as far as they
  /// did not only move to another row.
  double effect = 0;
  double weight = 0;   // how much it is worth telling
  bool named = false;  // a row that names of the program tell apart
  std::optional<double> delta() const;
  std::optional<double> ratio() const;  // (after - before) / before
};

/// All figures, those most worth telling first.
std::vector<Comparison> compare(const Side& before, const Side& after,
                                const CompareOptions& options);

/// How many different figures with a better side were tested: those that put all captures in the
/// same order are one.
size_t tests_in(const std::vector<Comparison>& comparisons);

/// Differences below this are of no interest, whatever the percentage.
double floor_of(const Measure& measure);

}  // namespace tracetool
