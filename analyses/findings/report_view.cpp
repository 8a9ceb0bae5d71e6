#include "analyses/findings/report_view.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "reports/model/units.h"

namespace tracetool {

const Cell& TableView::at(size_t row, std::string_view column) const {
  static const Cell kNothing;
  if (std::ranges::find(columns_, column) == columns_.end())
    throw std::logic_error("column not announced: " + std::string(column));
  if (row >= rows()) return kNothing;
  const auto it = std::ranges::find(table_->columns, column, &Column::id);
  if (it == table_->columns.end()) return kNothing;
  const auto index = static_cast<size_t>(it - table_->columns.begin());
  return index < table_->rows[row].size() ? table_->rows[row][index] : kNothing;
}

std::optional<double> TableView::number(size_t row, std::string_view column) const {
  return number_in(at(row, column));
}

double TableView::amount(size_t row, std::string_view column) const {
  return number(row, column).value_or(0);
}

std::string TableView::text(size_t row, std::string_view column) const {
  const Cell& cell = at(row, column);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* stack = std::get_if<StackCell>(&cell); stack != nullptr && !stack->empty())
    return stack->front().text();
  return "";
}

StackCell TableView::stack(size_t row, std::string_view column) const {
  const auto* stack = std::get_if<StackCell>(&at(row, column));
  return stack == nullptr ? StackCell() : *stack;
}

double TableView::sum(std::string_view column) const {
  double sum = 0;
  for (size_t row = 0; row < rows(); ++row) sum += amount(row, column);
  return sum;
}

std::optional<size_t> TableView::largest(std::string_view column) const {
  std::optional<size_t> best;
  double most = 0;
  for (size_t row = 0; row < rows(); ++row) {
    if (amount(row, column) <= most) continue;
    most = amount(row, column);
    best = row;
  }
  return best;
}

std::optional<TableView::Group> TableView::largest_group(
    std::string_view by, std::string_view column,
    const std::function<bool(size_t row)>& counts) const {
  std::map<std::string, Group> groups;
  for (size_t row = 0; row < rows(); ++row) {
    if (!counts(row)) continue;
    const std::string key = text(row, by);
    Group& group = groups.try_emplace(key, Group{key, 0, row}).first->second;
    group.sum += amount(row, column);
    if (amount(row, column) > amount(group.row, column)) group.row = row;
  }
  std::optional<Group> best;
  for (const auto& [key, group] : groups)
    if (group.sum > (best ? best->sum : 0)) best = group;
  return best;
}

std::string located(const std::string& function, const StackCell& stack) {
  const auto frame =
      std::ranges::find_if(stack.list(), [&](const auto& f) { return *f->function == function; });
  if (frame == stack.list().end()) return function;
  const SharedText& file = (*frame)->file;
  if (file == nullptr || file->empty()) return function;
  return function + " (" + file->substr(file->rfind('/') + 1) + ":" +
         std::to_string((*frame)->line) + ")";
}

TableView ReportView::table(const std::string& id, std::vector<std::string> columns) {
  const auto it = std::ranges::find(report_.tables, id, &Table::id);
  const Table* table = it == report_.tables.end() ? nullptr : &*it;
  if (table == nullptr) missing_.push_back(id);
  for (const std::string& column : columns) {
    if (table != nullptr &&
        std::ranges::find(table->columns, column, &Column::id) == table->columns.end())
      missing_.emplace_back(id).append(".").append(column);
  }
  return {table, std::move(columns)};
}

}  // namespace tracetool
