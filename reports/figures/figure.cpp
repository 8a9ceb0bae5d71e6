#include "reports/figures/figure.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "reports/model/table_ops.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string underscored(const std::vector<std::string>& words, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to; ++i) out += (out.empty() ? "" : "_") + words[i];
  return out;
}

bool is_list(const Table& table) { return table.layout != Layout::kRecord; }

bool combines(const Column& column) {
  return column.role == Role::kSum || column.role == Role::kMin || column.role == Role::kMax;
}

bool is_figure(const Column& column) { return combines(column) || column.role == Role::kStat; }

/// A column, or a column divided by the count.
struct ColumnChoice {
  size_t at = 0;
  std::optional<size_t> divisor = {};
};

std::optional<ColumnChoice> choose_column(const Table& table, const std::string& name) {
  std::vector<std::string> names = {name};
  // The largest of a kind goes by several names; all mean the same.
  for (const std::string from : {"max", "longest", "worst"}) {
    for (const std::string to : {"max", "longest"}) {
      if (name == from) names.push_back(to);
      if (name == from + "_ns") names.push_back(to + "_ns");
    }
  }
  for (const std::string& known : names) {
    if (const auto at = find_column(table, known)) return ColumnChoice{*at, {}};
  }
  if (!name.ends_with("_mean") && !name.ends_with("_mean_ns")) return std::nullopt;
  const auto base = find_column(table, name.substr(0, name.rfind("_mean")));
  const auto count = find_column(table, "count");
  if (!base || !count || table.columns[*base].role != Role::kSum) return std::nullopt;
  return ColumnChoice{*base, count};
}

const Table* table_of(const Report& report, const std::string& id) {
  const auto it = std::ranges::find(report.tables, id, &Table::id);
  return it == report.tables.end() ? nullptr : &*it;
}

/// What an id without selectors may mean: a table, and the column in it.
struct Choice {
  const Table* table = nullptr;
  ColumnChoice column;
  std::string error;
};

/// Ids as short as they are understood, which are the likeliest to be near what was typed.
std::vector<std::string> column_ids(const Table& table) {
  std::string name = table.id;
  for (const std::string_view suffix : {"_summary", "_totals"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  std::vector<std::string> ids;
  for (const Column& c : table.columns) {
    if (!is_figure(c)) continue;
    const bool unit = c.id.ends_with("_ns") && find_column(table, c.id.substr(0, c.id.size() - 3));
    ids.push_back(name + "." + (unit ? c.id.substr(0, c.id.size() - 3) : c.id));
  }
  return ids;
}

Choice choose(const Report& report, const FigureName& name) {
  Choice choice;
  const bool selected = !name.column.empty();
  const size_t words = name.table.size();
  std::string statistic;
  std::vector<std::string> near;
  for (size_t k = selected ? words : words - 1; k > 0; --k) {
    const std::string base = underscored(name.table, 0, k);
    const std::string column = selected ? underscored(name.column, 0, name.column.size())
                                        : underscored(name.table, k, words);
    for (const char* suffix : {"", "_summary", "_totals"}) {
      const Table* table = table_of(report, base + suffix);
      if (table == nullptr) continue;
      const auto chosen = choose_column(*table, column);
      if (!chosen || !is_figure(table->columns[chosen->at])) {
        for (std::string& id : column_ids(*table)) near.push_back(std::move(id));
        continue;
      }
      if (!selected && is_list(*table) && !combines(table->columns[chosen->at])) {
        statistic = table->id + "[\"...\"]." + table->columns[chosen->at].id;
        continue;
      }
      return {table, *chosen, {}};
    }
    if (selected) break;
  }
  const std::string typed = underscored(name.table, 0, 1) +
                            (words > 1 ? "." + underscored(name.table, 1, words) : "") +
                            (selected ? "." + underscored(name.column, 0, name.column.size()) : "");
  if (!statistic.empty()) {
    choice.error =
        typed + " is a statistic of each row, which has no total: name a row, as in " + statistic;
    return choice;
  }
  std::string hint = did_you_mean(typed, near);
  if (near.empty()) {
    std::vector<std::string> all;
    for (const Table& table : report.tables) {
      for (std::string& id : column_ids(table)) all.push_back(std::move(id));
    }
    hint = did_you_mean(typed, all);
    if (hint.empty()) {
      std::vector<std::string> tables;
      for (const Table& table : report.tables) tables.push_back(table.id);
      hint = did_you_mean(underscored(name.table, 0, selected ? words : 1), tables);
    }
  }
  choice.error = "there is no figure \"" + typed + '"' + hint;
  if (hint.empty()) choice.error += "; tracetool metrics lists them";
  return choice;
}

constexpr size_t kAnyKey = SIZE_MAX;

/// The columns that the selectors are about, or a message.
std::string selected_columns(const Table& table, const FigureName& name,
                             std::vector<size_t>& columns) {
  std::vector<std::string> ids;
  bool keys = false;
  for (const Column& column : table.columns) {
    keys |= column.role == Role::kKey;
    if (column.role == Role::kKey || column.role == Role::kInfo || column.role == Role::kId)
      ids.push_back(column.id);
  }
  for (const auto& selector : name.selectors) {
    if (selector.key.empty()) {
      if (!keys) return "rows of " + table.id + " have no key to choose them by";
      columns.push_back(kAnyKey);
      continue;
    }
    const auto at = find_column(table, selector.key);
    if (!at || !std::ranges::count(ids, table.columns[*at].id)) {
      return "rows of " + table.id + " have no key \"" + clean(selector.key) + '"' +
             did_you_mean(selector.key, ids) + " (keys: " + joined(ids) + ")";
    }
    columns.push_back(*at);
  }
  return {};
}

bool row_matches(const Table& table, size_t row, const FigureName& name,
                 const std::vector<size_t>& columns) {
  const auto& cells = table.rows[row];
  for (size_t i = 0; i < columns.size(); ++i) {
    bool any = false;
    for (size_t c = 0; c < table.columns.size() && !any; ++c) {
      const bool asked =
          columns[i] == c || (columns[i] == kAnyKey && table.columns[c].role == Role::kKey);
      any = asked && names_key(name.selectors[i].text, cells[c], table.columns[c]);
    }
    if (!any) return false;
  }
  return true;
}

/// The part of an id that names one row by all its keys.
std::string row_id(const Table& table, size_t row) {
  std::string out;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].role != Role::kKey) continue;
    const auto* stack = std::get_if<StackCell>(&table.rows[row][c]);
    const std::string text =
        stack != nullptr && !stack->empty()
            ? clean(stack->front().function->substr(0, stack->front().function->find(' ')))
            : format_cell(table, row, c);
    out += (out.empty() ? '[' : ',') + quoted_name(text);
  }
  return (out.empty() ? "[" : out) + "]";
}

/// The selectors as they were written.
std::string selectors_id(const FigureName& name) {
  std::string out;
  for (const auto& s : name.selectors) {
    out += out.empty() ? "[" : ",";
    if (!s.key.empty()) out += s.key + "=";
    out += quoted_name(s.text);
  }
  return out + "]";
}

Cell combined(const Table& table, const std::vector<size_t>& rows, size_t column) {
  Table part{.id = table.id, .columns = {table.columns[column]}};
  for (const size_t row : rows) part.rows.push_back({table.rows[row][column]});
  if (part.rows.size() == 1) return part.rows.front().front();
  // A text column in front takes the label of the total.
  Column label;
  label.id = "label";
  label.role = Role::kKey;
  part.columns.insert(part.columns.begin(), std::move(label));
  for (auto& row : part.rows) row.insert(row.begin(), Cell("row"));
  add_total(part);
  return part.rows.empty() ? Cell() : part.rows.back()[1];
}

Figure make_figure(const Table& table, const ColumnChoice& column, std::vector<size_t> rows,
                   const FigureName& name, double seconds) {
  Figure f{.table = &table, .column = &table.columns[column.at], .rows = std::move(rows)};
  f.measure.unit = f.column->unit;
  f.id = f.column->id;
  f.value = combined(table, f.rows, column.at);
  if (column.divisor) {
    const auto sum = number_in(f.value);
    const auto count = number_in(combined(table, f.rows, *column.divisor));
    f.value = sum && count && *count > 0 ? Cell(*sum / *count) : Cell();
    f.id += ".mean";
  }
  if (name.per_second) {
    const auto sum = number_in(f.value);
    f.value = sum && seconds > 0 ? Cell(*sum / seconds) : Cell();
    f.measure.per = "s";
    f.id += ".per_second";
  }
  return f;
}

}  // namespace

Figures find_figures(const Report& report, std::string_view id, double seconds) {
  const FigureName name = parse_figure_name(id);
  if (!name.error.empty()) return {.error = name.error};
  const Choice choice = choose(report, name);
  if (choice.table == nullptr) return {.error = choice.error};
  const Table& table = *choice.table;
  const Column& column = table.columns[choice.column.at];
  std::vector<size_t> keys;
  if (std::string error = selected_columns(table, name, keys); !error.empty())
    return {.error = std::move(error)};
  if (name.per_second && !column.grows)
    return {.error = table.id + "." + column.id +
                     " does not grow with the capture, so per second of it means nothing"};
  Figures out{
      .measure = {column.unit, name.per_second ? "s" : ""}, .table = &table, .column = &column};
  std::vector<size_t> rows;
  bool each = false;
  for (const auto& selector : name.selectors) each |= selector.text == "*";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    if (row_matches(table, r, name, keys)) rows.push_back(r);
  }
  const auto add = [&](std::vector<size_t> of, const std::string& selector) {
    Figure f = make_figure(table, choice.column, std::move(of), name, seconds);
    f.id = table.id + selector + "." + f.id;
    if (number_in(f.value)) out.found.push_back(std::move(f));
  };
  if (rows.empty()) return out;
  each |= rows.size() > 1 && !combines(column);
  if (name.selectors.empty()) {
    add(rows, "");
  } else if (each) {
    for (const size_t row : rows) add({row}, row_id(table, row));
  } else {
    add(rows, selectors_id(name));
  }
  return out;
}

std::vector<Figure> all_figures(const Report& report) {
  std::vector<Figure> out;
  for (const Table& table : report.tables) {
    std::vector<size_t> rows(table.rows.size());
    for (size_t r = 0; r < rows.size(); ++r) rows[r] = r;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      if (is_list(table) ? !combines(column) : !is_figure(column)) continue;
      Figure f = make_figure(table, {c, {}}, rows, {}, 0);
      f.id = table.id + "." + f.id;
      out.push_back(std::move(f));
    }
  }
  return out;
}

}  // namespace tracetool
