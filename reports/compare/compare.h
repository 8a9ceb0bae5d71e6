// What changed between two sides, each of one or more reports.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/compare/join.h"
#include "reports/compare/statistics.h"

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

/// A report, and what its growing figures are divided by.
struct Sample {
  const Report* report = nullptr;
  double divisor = 1;
};

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
  /// How far from them their confidence intervals reach, or slices of one capture.
  std::optional<double> before_reach, after_reach;
  std::optional<double> p = {};
  std::optional<double> q = {};  // p, adjusted for all that was compared
  Change change = Change::kSame;
  /// Seconds in a second (of capture, or of a unit of work) that are more or less, as far as they
  /// did not only move to another row.
  double effect = 0;
  double weight = 0;   // how much it is worth telling
  bool named = false;  // a row that names of the program tell apart
  std::optional<double> delta() const;
  std::optional<double> ratio() const;  // (after - before) / before
};

/// All figures, those most worth telling first. Each is put together when it is asked for: kept is
/// what their order took to find out.
class Comparisons {
 public:
  Comparisons() : joined_("") {}
  /// Of captures and slices that were joined, the first `before` of which are the old side.
  Comparisons(Joined joined, size_t before, const CompareOptions& options);

  size_t size() const { return order_.size(); }
  bool empty() const { return order_.empty(); }
  Comparison operator[](size_t position) const { return at(order_[position]); }
  /// How many different figures with a better side were tested: those that put all captures in the
  /// same order are one.
  size_t tests() const { return tests_; }

  class Iterator {
   public:
    Iterator(const Comparisons* all, size_t position) : all_(all), position_(position) {}
    Comparison operator*() const { return (*all_)[position_]; }
    Iterator& operator++() {
      ++position_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return position_ == other.position_; }

   private:
    const Comparisons* all_;
    size_t position_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  bool repeated() const { return before_ > 1 || joined_.captures() - before_ > 1; }
  std::vector<double> present(size_t figure, size_t from, size_t to) const;
  std::vector<double> filled(size_t figure, const Series& s, size_t from, size_t to) const;
  std::vector<double> presence(size_t figure, size_t from, size_t to) const;
  /// What is tested: values of both sides, those before first.
  struct Tested {
    std::vector<double> before, after;
  };
  Tested tested(size_t figure, const Series& s) const;
  /// What does not depend on other figures.
  Comparison measured(size_t figure) const;
  Comparison at(size_t figure) const;
  void test();
  void adjust(bool directed);
  void weigh();
  /// Within one capture the figure varies as much as between the two.
  bool overlap(size_t figure, const Comparison& c) const;
  Change judged(size_t figure, const Comparison& c) const;

  CompareOptions options_;
  Joined joined_;
  size_t before_ = 0, tests_ = 0;
  std::vector<double> p_, q_;                           // by figure; empty for one capture a side
  std::vector<std::pair<uint32_t, double>> cancelled_;  // effects that only moved, by figure
  std::vector<double> interest_;                        // by row
  std::vector<uint8_t> change_;                         // by figure
  std::vector<uint32_t> order_;
};
Comparisons compare(const Side& before, const Side& after, const CompareOptions& options);

/// Differences below this are of no interest, whatever the percentage.
double floor_of(const Measure& measure);

}  // namespace tracetool
