// Figures of several reports side by side: joined on the names of rows, never on ids, addresses or
// lines of source that merely moved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/table.h"
#include "reports/units.h"

namespace tracetool {

/// A report, and what its growing figures are divided by.
struct Sample {
  const Report* report = nullptr;
  double divisor = 1;
};

/// One figure in all samples.
struct Series {
  const Table* table = nullptr;  // of the first sample that has it
  const Column* column = nullptr;
  std::string key;    // names the row in any capture; "" for tables of one row
  std::string label;  // the same for people
  Measure measure;
  std::vector<std::optional<double>> values;  // by sample
  std::vector<bool> rowless = {};             // by sample: it has the table, but no such row
  /// The largest "count" of its row in a sample, where there is one: a statistic of few is chance.
  std::optional<double> support = {};
  std::string id() const;
};

/// `per` is what the divisors count: "s", "task"; the first `whole` samples are captures, the
/// others parts of them, which may lack rows. Curves are left out, and rows that only an id
/// tells apart; so are tables and columns that a capture lacks, as when it was saved by an older
/// program: that says nothing about what it measured.
std::vector<Series> join(const std::vector<Sample>& samples, const std::string& per, size_t whole);

/// The key of a cell: functions without their places, addresses left out.
std::string key_of(const Cell& cell);

}  // namespace tracetool
