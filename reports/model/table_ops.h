// What users do with a finished table: find, sort, cut, total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/table.h"

namespace tracetool {

/// A message for the user: what was not found, and what was probably meant.
using TableError = std::optional<std::string>;

/// Index of a column by its id, its heading, or its id without the unit where that is unambiguous.
std::optional<size_t> find_column(const Table& table, std::string_view name);
std::string unknown_column(const Table& table, std::string_view name);

/// What --explain says of it: what it means, and the id by which options name it.
std::string explained(const Table& table);
std::string explained(const Column& column);

/// The table of that id; with an empty id the only one. Null and a message otherwise.
struct TableChoice {
  const Table* table = nullptr;
  std::string error;
};
TableChoice choose_table(const Report& report, std::string_view id);

/// Makes the first `count` of its rows, or all there are.
void make_rows(Table& table, size_t count = SIZE_MAX);

/// Sorts stably: numbers by value, text with numbers in it as people count, missing ones last in
/// both directions. The order of rows is the table's own from then on: `sort_by` is cleared.
TableError sort(Table& table, std::string_view column, bool descending = true);
/// Sorts by `sort_by` where one is given.
void sort_as_declared(Table& table);
/// The order in which text and CSV show the rows: by `sort_by`, without moving them.
std::vector<size_t> row_order(const Table& table);

/// Keeps the first n rows (after sort_as_declared) and sums up the rest in one row "other (37)".
/// Sums still close; statistics of the rest are missing.
void top(Table& table, size_t n);
/// Appends a row "total", made like "other". Empty tables stay empty.
void add_total(Table& table);
/// Keeps only these columns, in this order.
TableError select_columns(Table& table, const std::vector<std::string>& names);

}  // namespace tracetool
