#include "reports/join.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>
#include <utility>

#include "reports/table_ops.h"

namespace tracetool {
namespace {

/// "main.f dir/file.go:12" -> "main.f", 12
std::pair<std::string_view, long> split_place(std::string_view frame) {
  const size_t colon = frame.rfind(':');
  const size_t space = frame.rfind(' ');
  if (colon == std::string_view::npos || space == std::string_view::npos || space > colon ||
      colon + 1 == frame.size())
    return {frame, 0};
  long line = 0;
  for (const char c : frame.substr(colon + 1)) {
    if (c < '0' || c > '9') return {frame, 0};
    line = line * 10 + (c - '0');
    if (line > 1'000'000'000) return {frame, 0};
  }
  return {frame.substr(0, space), line};
}

std::string without_addresses(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 2;
    if (text.substr(i, 2) == "0x") {
      while (end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    }
    if (end > i + 2 && end <= text.size()) {
      out += "0x";
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

bool is_figure(const Column& c) {
  return c.role == Role::kSum || c.role == Role::kMin || c.role == Role::kMax ||
         c.role == Role::kStat;
}

/// Lines of a row's frames: equal names come in the order of the source.
std::vector<long> lines_of(const Table& table, size_t row) {
  std::vector<long> lines;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].role != Role::kKey) continue;
    if (const auto* stack = std::get_if<StackCell>(&table.rows[row][c])) {
      for (const std::string& frame : *stack) lines.push_back(split_place(frame).second);
    } else if (const auto* text = std::get_if<std::string>(&table.rows[row][c])) {
      lines.push_back(split_place(*text).second);
    }
  }
  return lines;
}

std::string row_key(const Table& table, size_t row) {
  std::string key;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].role == Role::kKey) key += key_of(table.rows[row][c]) + '\x1f';
  }
  return key;
}

std::string row_label(const Table& table, size_t row) {
  std::string label, caller;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].id != "caller") continue;
    if (const auto* text = std::get_if<std::string>(&table.rows[row][c])) caller = *text;
  }
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].role != Role::kKey) continue;
    std::string text;
    if (const auto* stack = std::get_if<StackCell>(&table.rows[row][c])) {
      if (!stack->empty()) text = split_place(stack->front()).first;
      // The caller says more about a stack than its innermost function.
      if (!caller.empty()) text = std::exchange(caller, "");
    } else if (const auto* name = std::get_if<std::string>(&table.rows[row][c])) {
      text = split_place(*name).first;
    } else {
      text = format_cell(table, row, c);
    }
    if (!text.empty()) label += (label.empty() ? "" : ", ") + text;
  }
  return label;
}

/// A row, or several that share their names, in one sample.
struct Rows {
  size_t sample = 0;
  const Table* table = nullptr;
  std::vector<size_t> rows;
};

std::optional<double> value_of(const Rows& rows, size_t column) {
  const Table& table = *rows.table;
  if (rows.rows.size() == 1) return number_in(table.rows[rows.rows.front()][column]);
  const Role role = table.columns[column].role;
  if (role == Role::kStat) return std::nullopt;
  std::optional<double> out;
  for (const size_t row : rows.rows) {
    const auto number = number_in(table.rows[row][column]);
    if (!number) continue;
    if (!out) {
      out = number;
    } else if (role == Role::kSum) {
      *out += *number;
    } else {
      out = role == Role::kMin ? std::min(*out, *number) : std::max(*out, *number);
    }
  }
  return out;
}

class Joiner {
 public:
  Joiner(const std::vector<Sample>& samples, const std::string& per, size_t whole)
      : samples_(samples), per_(per), whole_(whole) {}

  std::vector<Series> run() {
    std::vector<std::string> ids;
    for (const Sample& sample : samples_) {
      for (const Table& table : sample.report->tables) {
        if (!std::ranges::count(ids, table.id)) ids.push_back(table.id);
      }
    }
    for (const std::string& id : ids) table(id);
    return std::move(out_);
  }

 private:
  void table(const std::string& id) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<Rows>> groups;
    bool by_id = false;
    std::vector<bool> has_table(samples_.size());
    for (size_t s = 0; s < samples_.size(); ++s) {
      const auto& tables = samples_[s].report->tables;
      const auto it = std::ranges::find(tables, id, &Table::id);
      if (it == tables.end() && s < whole_) return;
      if (it == tables.end()) continue;
      has_table[s] = true;
      if (it->layout == Layout::kPlot || it->layout == Layout::kLogPlot) return;
      for (const Column& c : it->columns) by_id |= c.role == Role::kId;
      for (size_t r = 0; r < it->rows.size(); ++r) {
        const std::string key = row_key(*it, r);
        auto& of_key = groups[key];
        if (of_key.empty()) order.push_back(key);
        if (of_key.empty() || of_key.back().sample != s) of_key.push_back({s, &*it, {}});
        of_key.back().rows.push_back(r);
      }
    }
    for (const std::string& key : order) {
      std::vector<Rows>& rows = groups[key];
      const size_t n = rows.front().rows.size();
      const bool same = std::ranges::all_of(
          rows, [&](const Rows& r) { return r.sample >= whole_ || r.rows.size() == n; });
      if (same) std::erase_if(rows, [n](const Rows& r) { return r.rows.size() != n; });
      if (by_id && !(same && n == 1)) continue;
      if (!same || n == 1) {
        series(key, rows, "", has_table);
        continue;
      }
      for (Rows& r : rows) {
        std::ranges::stable_sort(r.rows, {}, [&](size_t row) { return lines_of(*r.table, row); });
      }
      for (size_t i = 0; i < n; ++i) {
        std::vector<Rows> one;
        one.reserve(rows.size());
        for (const Rows& r : rows) one.push_back({r.sample, r.table, {r.rows[i]}});
        const std::string number = " #" + std::to_string(i + 1);
        series(key + number, one, number, has_table);
      }
    }
  }

  void series(const std::string& key, const std::vector<Rows>& rows, const std::string& number,
              std::vector<bool> rowless) {
    const Table& first = *rows.front().table;
    const std::string label = row_label(first, rows.front().rows.front()) + number;
    const std::optional<double> support = largest_count(rows);
    for (const Rows& r : rows) rowless[r.sample] = false;
    const auto lacked = [&](const Column& column) {
      return std::ranges::any_of(rows, [&](const Rows& r) {
        return r.sample < whole_ && !find_column(*r.table, column.id);
      });
    };
    for (size_t c = 0; c < first.columns.size(); ++c) {
      const Column& column = first.columns[c];
      if (!is_figure(column) || lacked(column)) continue;
      Series s{&first, &column, key, label, {column.unit, {}}, {}, rowless, support};
      s.values.resize(samples_.size());
      if (column.grows) s.measure.per = per_;
      bool any = false;
      for (const Rows& r : rows) {
        const auto at = std::ranges::find(r.table->columns, column.id, &Column::id);
        if (at == r.table->columns.end()) continue;
        auto value = value_of(r, static_cast<size_t>(at - r.table->columns.begin()));
        const double divisor = samples_[r.sample].divisor;
        if (value && column.grows)
          value = divisor > 0 ? std::optional(*value / divisor) : std::nullopt;
        s.values[r.sample] = value;
        any |= value.has_value();
      }
      if (any) out_.push_back(std::move(s));
    }
  }

  static std::optional<double> largest_count(const std::vector<Rows>& rows) {
    std::optional<double> most;
    for (const Rows& r : rows) {
      const auto at = std::ranges::find(r.table->columns, "count", &Column::id);
      if (at == r.table->columns.end()) continue;
      const auto n = value_of(r, static_cast<size_t>(at - r.table->columns.begin()));
      if (n && (!most || *n > *most)) most = n;
    }
    return most;
  }

  const std::vector<Sample>& samples_;
  const std::string& per_;
  const size_t whole_;
  std::vector<Series> out_;
};

}  // namespace

std::string key_of(const Cell& cell) {
  if (const auto* stack = std::get_if<StackCell>(&cell)) {
    std::string key;
    for (const std::string& frame : *stack)
      key += without_addresses(split_place(frame).first) + ';';
    return key;
  }
  if (const auto* text = std::get_if<std::string>(&cell))
    return without_addresses(split_place(*text).first);
  return format_cell(cell, Unit::kNone);
}

std::string Series::id() const {
  return table->id + (label.empty() ? "" : "[\"" + label + "\"]") + "." + column->id;
}

std::vector<Series> join(const std::vector<Sample>& samples, const std::string& per, size_t whole) {
  return Joiner(samples, per, whole).run();
}

}  // namespace tracetool
