// Reads figures out of finished tables by name.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/table.h"

namespace tracetool {

/// One table, or nothing in its place: then it has no rows.
class TableView {
 public:
  TableView(const Table* table, std::vector<std::string> columns)
      : table_(table), columns_(std::move(columns)) {}
  size_t rows() const { return table_ == nullptr ? 0 : table_->rows.size(); }
  std::optional<double> number(size_t row, std::string_view column) const;
  /// 0 without a value: for sums.
  double amount(size_t row, std::string_view column) const;
  /// "" without a value.
  std::string text(size_t row, std::string_view column) const;
  StackCell stack(size_t row, std::string_view column) const;
  double sum(std::string_view column) const;
  /// The row with the largest value; nothing where no row has one above 0.
  std::optional<size_t> largest(std::string_view column) const;

  /// Rows that have a text in common.
  struct Group {
    std::string text;
    double sum = 0;
    size_t row = 0;  // the largest of them
  };
  /// Of the rows that count, by text, the group with the largest sum above 0.
  std::optional<Group> largest_group(std::string_view by, std::string_view column,
                                     const std::function<bool(size_t row)>& counts) const;

 private:
  const Cell& at(size_t row, std::string_view column) const;
  const Table* table_;
  std::vector<std::string> columns_;
};

/// "main.serve (main.go:42)": a function, and where in it the stack was.
std::string located(const std::string& function, const StackCell& stack);

/// The report, and what was asked for and is not in it: a name that a pass has changed would
/// otherwise silence whoever reads it.
class ReportView {
 public:
  explicit ReportView(const Report& report) : report_(report) {}
  /// The columns are those that will be read, named even if there are no rows to read.
  TableView table(const std::string& id, std::vector<std::string> columns);
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  const Report& report_;
  std::vector<std::string> missing_;
};

}  // namespace tracetool
