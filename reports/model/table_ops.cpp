#include "reports/model/table_ops.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Runs of digits compare as numbers, so that func2 comes before func10.
int compare_text(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      const auto x = static_cast<unsigned char>(a[i++]), y = static_cast<unsigned char>(b[j++]);
      if (x != y) return x < y ? -1 : 1;
      continue;
    }
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    const size_t from_a = i, from_b = j;
    while (i < a.size() && is_digit(a[i])) ++i;
    while (j < b.size() && is_digit(b[j])) ++j;
    if (i - from_a != j - from_b) return i - from_a < j - from_b ? -1 : 1;
    const int order = a.substr(from_a, i - from_a).compare(b.substr(from_b, j - from_b));
    if (order != 0) return order;
  }
  if (i < a.size() || j < b.size()) return i < a.size() ? 1 : -1;
  return a.compare(b);  // 01 and 1 are not the same text
}

int compare_stack(const StackCell& a, const StackCell& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a.list()[i] == b.list()[i]) continue;
    if (const int order = compare_text(a[i].text(), b[i].text()); order != 0) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

bool is_missing(const Cell& cell) {
  const auto* real = std::get_if<double>(&cell);
  return std::holds_alternative<std::monostate>(cell) || (real != nullptr && std::isnan(*real));
}

int kind(const Cell& cell) {
  if (std::holds_alternative<std::string>(cell)) return 1;
  return std::holds_alternative<StackCell>(cell) ? 2 : 0;
}

// A long double holds every int64_t, so that mixed columns have one order too.
long double value(const Cell& cell) {
  if (const auto* whole = std::get_if<int64_t>(&cell)) return static_cast<long double>(*whole);
  return static_cast<long double>(std::get<double>(cell));
}

int compare(const Cell& a, const Cell& b) {
  if (kind(a) != kind(b)) return kind(a) - kind(b);
  if (kind(a) == 1) return compare_text(std::get<std::string>(a), std::get<std::string>(b));
  if (kind(a) == 2) return compare_stack(std::get<StackCell>(a), std::get<StackCell>(b));
  const long double x = value(a), y = value(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

const Cell& cell_at(const Table& table, size_t row, size_t column) {
  static const Cell kMissing;
  return column < table.rows[row].size() ? table.rows[row][column] : kMissing;
}

std::vector<size_t> unsorted(const Table& table) {
  std::vector<size_t> order(table.rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

// Beside each other, because a look at every cell in every comparison would mostly miss the cache.
struct SortKey {
  long double number;
  const Cell* cell;
  size_t row;
  int kind;
};

std::vector<size_t> sorted(const Table& table, size_t column, bool descending) {
  std::vector<SortKey> keys;
  std::vector<size_t> missing;
  keys.reserve(table.rows.size());
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const Cell& cell = cell_at(table, row, column);
    if (is_missing(cell)) {
      missing.push_back(row);
    } else {
      keys.push_back({kind(cell) == 0 ? value(cell) : 0, &cell, row, kind(cell)});
    }
  }
  const auto before = [](const SortKey& a, const SortKey& b) {
    if (a.kind == 0 && b.kind == 0) return a.number < b.number;
    return compare(*a.cell, *b.cell) < 0;
  };
  std::stable_sort(keys.begin(), keys.end(), [&](const SortKey& a, const SortKey& b) {
    return descending ? before(b, a) : before(a, b);
  });
  std::vector<size_t> order;
  order.reserve(table.rows.size());
  for (const SortKey& key : keys) order.push_back(key.row);
  order.insert(order.end(), missing.begin(), missing.end());
  return order;
}

void put_in_order(Table& table, const std::vector<size_t>& order) {
  std::vector<std::vector<Cell>> rows;
  rows.reserve(order.size());
  for (const size_t row : order) rows.push_back(std::move(table.rows[row]));
  table.rows = std::move(rows);
  table.sort_by.clear();
}

void add(Cell& sum, const Cell& cell) {
  if (kind(cell) != 0 || is_missing(cell)) return;
  if (is_missing(sum)) {
    sum = cell;
    return;
  }
  const auto* a = std::get_if<int64_t>(&sum);
  const auto* b = std::get_if<int64_t>(&cell);
  int64_t whole = 0;
  if (a != nullptr && b != nullptr && !__builtin_add_overflow(*a, *b, &whole)) {
    sum = whole;
  } else {
    sum = static_cast<double>(value(sum) + value(cell));
  }
}

void extend(Cell& best, const Cell& cell, bool larger) {
  if (is_missing(cell)) return;
  const int order = is_missing(best) ? 0 : compare(cell, best);
  if (is_missing(best) || (larger ? order > 0 : order < 0)) best = cell;
}

// The column that names rows: the first key made of text, or whatever comes nearest to it.
size_t label_column(const Table& table) {
  size_t best = 0;
  int best_score = -1;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Role role = table.columns[c].role;
    const bool names = role == Role::kKey || role == Role::kId;
    const bool text = !table.rows.empty() && kind(cell_at(table, 0, c)) != 0;
    const int score = (text ? 2 : 0) + (names ? 1 : 0);
    if (score > best_score) {
      best = c;
      best_score = score;
    }
  }
  return best;
}

std::vector<Cell> combined(const Table& table, size_t from, const std::string& label) {
  std::vector<Cell> out(table.columns.size());
  for (size_t row = from; row < table.rows.size(); ++row) {
    for (size_t c = 0; c < out.size(); ++c) {
      const Role role = table.columns[c].role;
      if (role == Role::kSum) add(out[c], cell_at(table, row, c));
      if (role == Role::kMin) extend(out[c], cell_at(table, row, c), false);
      if (role == Role::kMax) extend(out[c], cell_at(table, row, c), true);
    }
  }
  const size_t at = label_column(table);
  if (at < out.size()) {
    const bool stack = !table.rows.empty() && kind(cell_at(table, 0, at)) == 2;
    out[at] = stack ? Cell(StackCell{label}) : Cell(label);
  }
  return out;
}

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '-') c = '_';
  }
  return out;
}

}  // namespace

std::optional<size_t> find_column(const Table& table, std::string_view name) {
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].id == name) return c;
  }
  const std::string wanted = folded(name);
  std::optional<size_t> found;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& id = table.columns[c].id;
    if (wanted == id || wanted == folded(table.columns[c].heading)) return c;
    const size_t unit = id.rfind('_');
    if (unit == std::string::npos || id.compare(0, unit, wanted) != 0) continue;
    if (found) return std::nullopt;
    found = c;
  }
  return found;
}

std::string unknown_column(const Table& table, std::string_view name) {
  std::vector<std::string> ids;
  for (const Column& column : table.columns) ids.push_back(column.id);
  return "table " + table.id + " has no column \"" + clean(name) + '"' + did_you_mean(name, ids) +
         " (columns: " + joined(ids) + ")";
}

std::string explained(const Table& table) {
  return table.help + (table.help.empty() ? "" : " ") + "Table " + table.id + '.';
}

std::string explained(const Column& column) {
  return column.heading + " (" + column.id + ')' + (column.help.empty() ? "" : ": ") + column.help;
}

TableChoice choose_table(const Report& report, std::string_view id) {
  std::vector<std::string> ids;
  for (const Table& table : report.tables) {
    if (table.id == id) return {&table, {}};
    ids.push_back(table.id);
  }
  if (ids.empty()) return {nullptr, "there are no tables"};
  if (id.empty() && ids.size() == 1) return {&report.tables.front(), {}};
  if (id.empty()) return {nullptr, "there are several tables, name one of: " + joined(ids)};
  return {nullptr, "there is no table \"" + clean(id) + '"' + did_you_mean(id, ids) +
                       " (tables: " + joined(ids) + ")"};
}

void make_rows(Table& table, size_t count) {
  count = std::min(count, table.rows.size() + table.later_rows);
  for (; table.rows.size() < count; --table.later_rows)
    table.rows.push_back(table.make_row(table.rows.size()));
}

TableError sort(Table& table, std::string_view column, bool descending) {
  const std::optional<size_t> at = find_column(table, column);
  if (!at) return unknown_column(table, column);
  make_rows(table);
  put_in_order(table, sorted(table, *at, descending));
  return std::nullopt;
}

std::vector<size_t> row_order(const Table& table) {
  const std::optional<size_t> at = find_column(table, table.sort_by);
  return table.sort_by.empty() || !at ? unsorted(table) : sorted(table, *at, true);
}

void sort_as_declared(Table& table) {
  if (!table.sort_by.empty()) put_in_order(table, row_order(table));
}

void top(Table& table, size_t n) {
  sort_as_declared(table);
  const size_t all = table.rows.size() + table.later_rows;
  // What is not combined need not be made.
  const bool combines = std::ranges::any_of(table.columns, [](const Column& c) {
    return c.role == Role::kSum || c.role == Role::kMin || c.role == Role::kMax;
  });
  make_rows(table, combines ? all : n);
  if (all <= n) return;
  table.later_rows = 0;
  table.rest_rows = all - n;
  const std::string label = "other (" + std::to_string(table.rest_rows) + ")";
  std::vector<Cell> rest = combined(table, n, label);
  table.rows.resize(n);
  table.rows.push_back(std::move(rest));
}

void add_total(Table& table) {
  make_rows(table);
  sort_as_declared(table);
  if (!table.rows.empty()) table.rows.push_back(combined(table, 0, "total"));
}

TableError select_columns(Table& table, const std::vector<std::string>& names) {
  std::vector<size_t> chosen;
  for (const std::string& name : names) {
    const std::optional<size_t> at = find_column(table, name);
    if (!at) return unknown_column(table, name);
    if (std::find(chosen.begin(), chosen.end(), *at) == chosen.end()) chosen.push_back(*at);
  }
  sort_as_declared(table);  // the column that it goes by may be among those left out
  std::vector<Column> columns;
  columns.reserve(chosen.size());
  for (const size_t c : chosen) columns.push_back(table.columns[c]);
  for (size_t r = 0; r < table.rows.size(); ++r) {
    std::vector<Cell> cells;
    cells.reserve(chosen.size());
    for (const size_t c : chosen) cells.push_back(cell_at(table, r, c));
    table.rows[r] = std::move(cells);
  }
  if (table.later_rows > 0) {
    table.make_row = [chosen, make = std::move(table.make_row)](size_t position) {
      const std::vector<Cell> all = make(position);
      std::vector<Cell> cells;
      cells.reserve(chosen.size());
      for (const size_t c : chosen) cells.push_back(all[c]);
      return cells;
    };
  }
  table.columns = std::move(columns);
  if (table.layout == Layout::kList) table.layout = Layout::kRows;
  return std::nullopt;
}

}  // namespace tracetool
