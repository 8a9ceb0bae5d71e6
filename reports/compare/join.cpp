#include "reports/compare/join.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "reports/model/table_ops.h"

namespace tracetool {
namespace {

/// "main.f dir/file.go:12" -> "main.f", 12
std::pair<std::string_view, long> split_place(std::string_view frame) {
  const auto parts = frame_parts(frame);
  if (!parts) return {frame, 0};
  long line = 0;
  for (const char c : parts->digits) {
    line = line * 10 + (c - '0');
    if (line > 1'000'000'000) return {frame, 0};
  }
  return {parts->function, line};
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
      for (const FrameCell& frame : *stack) lines.push_back(static_cast<long>(frame.line));
    } else if (const auto* text = std::get_if<std::string>(&table.rows[row][c])) {
      lines.push_back(split_place(*text).second);
    }
  }
  return lines;
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
      if (!stack->empty()) text = *stack->front().function;
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

/// How rows that share their names make one value.
class Combined {
 public:
  explicit Combined(Role role) : role_(role) {}
  void add(std::optional<double> number) {
    if (!number || role_ == Role::kStat) return;
    if (!value_) {
      value_ = number;
    } else if (role_ == Role::kSum) {
      *value_ += *number;
    } else {
      value_ = role_ == Role::kMin ? std::min(*value_, *number) : std::max(*value_, *number);
    }
  }
  std::optional<double> value() const { return value_; }

 private:
  Role role_;
  std::optional<double> value_;
};

std::optional<double> value_of(const Table& table, const std::vector<size_t>& rows, size_t column) {
  if (rows.size() == 1) return number_in(table.rows[rows.front()][column]);
  Combined all(table.columns[column].role);
  for (const size_t row : rows) all.add(number_in(table.rows[row][column]));
  return all.value();
}

std::optional<double> divided(std::optional<double> value, const Column& column, double divisor) {
  if (!value || !column.grows) return value;
  return divisor > 0 ? std::optional(*value / divisor) : std::nullopt;
}

bool is_plot(const Table& table) {
  return table.layout == Layout::kPlot || table.layout == Layout::kLogPlot;
}

/// All of a table but its rows.
Table head_of(const Table& table) {
  Table head{.id = table.id, .title = table.title, .layout = table.layout};
  head.columns = table.columns;
  return head;
}

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

std::optional<double> present(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

/// Between the names of two cells of a row.
constexpr uint32_t kNextCell = UINT32_MAX;

}  // namespace

uint32_t RowNames::id_of(std::string_view name) {
  const auto known = ids_.find(name);
  if (known != ids_.end()) return known->second;
  const auto it = ids_.emplace(name, static_cast<uint32_t>(texts_.size())).first;
  texts_.push_back(&it->first);
  return it->second;
}

/// Keys of the rows of one report: each name in its stacks is looked at once.
class RowKeys {
 public:
  explicit RowKeys(RowNames& names) : names_(names) {}

  std::vector<uint32_t> operator()(const Table& table, size_t row) {
    std::vector<uint32_t> key;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (table.columns[c].role != Role::kKey) continue;
      const Cell& cell = table.rows[row][c];
      if (const auto* stack = std::get_if<StackCell>(&cell)) {
        for (const FrameCell& frame : *stack) key.push_back(shared(frame.function));
      } else if (const auto* text = std::get_if<std::string>(&cell)) {
        key.push_back(names_.id_of(row_name(*text)));
      } else {
        key.push_back(names_.id_of(format_cell(cell, Unit::kNone)));
      }
      key.push_back(kNextCell);
    }
    return key;
  }

 private:
  uint32_t shared(const SharedText& function) {
    const auto [it, fresh] = known_.try_emplace(function.get());
    if (fresh) it->second = names_.id_of(without_addresses(*function));
    return it->second;
  }

  RowNames& names_;
  std::unordered_map<const std::string*, uint32_t> known_;
};

bool Joined::Part::has(uint32_t id) const {
  return std::ranges::find(column_id, id) != column_id.end();
}

size_t Joined::Part::count_of(uint32_t key) const {
  return key + size_t{1} < first.size() ? first[key + size_t{1}] - first[key] : 0;
}

std::vector<uint32_t> Joined::Part::rows_of(uint32_t key) const {
  if (count_of(key) == 0) return {};
  return {rows.begin() + first[key], rows.begin() + first[key + size_t{1}]};
}

Joined::Joint& Joined::joint(const std::string& id) {
  const auto it = std::ranges::find(tables_, id, &Joint::id);
  if (it != tables_.end()) return *it;
  tables_.emplace_back().id = id;
  return tables_.back();
}

void Joined::add(const Report& report, double divisor) {
  divisors_.push_back(divisor);
  RowKeys keys(*names_);
  for (const Table& table : report.tables) {
    Joint& of = joint(table.id);
    of.parts.resize(divisors_.size());
    Part& part = of.parts.back();
    if (part.present) continue;
    part.present = true;
    of.left_out |= is_plot(table);
    if (!of.left_out) digest(table, keys, of, part);
  }
}

void Joined::digest(const Table& table, RowKeys& keys, Joint& joint, Part& part) {
  part.head = head_of(table);
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    joint.by_id |= column.role == Role::kId;
    const auto known = std::ranges::find(joint.column_ids, column.id);
    const auto id = static_cast<uint32_t>(known - joint.column_ids.begin());
    if (known == joint.column_ids.end()) joint.column_ids.push_back(column.id);
    part.column_id.push_back(id);
    if (id >= part.figure_of.size()) part.figure_of.resize(id + size_t{1}, kNone);
    if (!(is_figure(column) || column.id == "count") || part.figure_of[id] != kNone) continue;
    part.figure_of[id] = static_cast<uint32_t>(part.column.size());
    part.column.push_back(static_cast<uint32_t>(c));
  }
  std::vector<uint32_t> key_of_row;
  key_of_row.reserve(table.rows.size());
  part.values.reserve(table.rows.size() * part.column.size());
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto [it, fresh] =
        joint.keys.try_emplace(keys(table, r), static_cast<uint32_t>(joint.labels.size()));
    if (fresh) {
      joint.key_names.push_back(&it->first);
      joint.labels.push_back(row_label(table, r));
    }
    key_of_row.push_back(it->second);
    for (const uint32_t c : part.column)
      part.values.push_back(number_in(table.rows[r][c]).value_or(kAbsent));
  }
  part.first.resize(joint.labels.size() + 1);
  for (const uint32_t key : key_of_row) ++part.first[key + size_t{1}];
  for (size_t k = 1; k < part.first.size(); ++k) part.first[k] += part.first[k - 1];
  part.rows.resize(key_of_row.size());
  std::vector<uint32_t> next(part.first.begin(), part.first.end() - 1);
  for (size_t r = 0; r < key_of_row.size(); ++r)
    part.rows[next[key_of_row[r]]++] = static_cast<uint32_t>(r);
  for (uint32_t key = 0; key + size_t{1} < part.first.size(); ++key) {
    if (part.count_of(key) < 2) continue;
    std::vector<uint32_t> rows = part.rows_of(key);
    std::ranges::stable_sort(rows, {}, [&](uint32_t row) { return lines_of(table, row); });
    part.by_line.emplace(key, std::move(rows));
  }
}

void Joined::join() {
  for (uint32_t t = 0; t < tables_.size(); ++t) {
    Joint& of = tables_[t];
    of.parts.resize(captures());
    of.left_out |= !std::ranges::all_of(of.parts, &Part::present);
    if (of.left_out) {
      of.parts = {};
      of.keys.clear();
      of.labels = {};
      continue;
    }
    of.first_row.resize(of.labels.size(), kNone);
    of.row_count.resize(of.labels.size());
    for (uint32_t key = 0; key < of.labels.size(); ++key) {
      size_t n = 0;
      bool same = true;
      for (const Part& part : of.parts) {
        const size_t rows = part.count_of(key);
        if (rows == 0) continue;
        if (n == 0) n = rows;
        same &= rows == n;
      }
      if (of.by_id && !(same && n == 1)) continue;
      of.first_row[key] = static_cast<uint32_t>(rows_.size());
      of.row_count[key] = same ? static_cast<uint32_t>(n) : 1;
      if (!same || n == 1) {
        add_row(t, key, 0, !same);
        continue;
      }
      for (uint32_t i = 1; i <= n; ++i) add_row(t, key, i, false);
    }
  }
  rows_.shrink_to_fit();
}

void Joined::add_row(uint32_t table, uint32_t key, uint32_t number, bool combined) {
  const Joint& of = tables_[table];
  const auto has_row = [key](const Part& part) { return part.count_of(key) > 0; };
  const auto capture =
      static_cast<uint32_t>(std::ranges::find_if(of.parts, has_row) - of.parts.begin());
  Row row{table, key, number, static_cast<uint32_t>(figures()), capture, 0, combined, kAbsent};
  if (number != 0) numbered_[rows_.size()] = of.labels[key] + " #" + std::to_string(number);
  const auto count = std::ranges::find(of.column_ids, "count");
  if (count != of.column_ids.end()) {
    const auto id = static_cast<uint32_t>(count - of.column_ids.begin());
    for (size_t s = 0; s < captures(); ++s) {
      const auto n = value(row, id, s);
      if (n) row.support = std::isnan(row.support) ? *n : std::max(row.support, *n);
    }
  }
  const Part& first = of.parts[capture];
  std::vector<uint16_t> columns;
  for (size_t c = 0; c < first.head.columns.size(); ++c) {
    if (!is_figure(first.head.columns[c])) continue;
    const uint32_t id = first.column_id[c];
    const bool lacked = std::ranges::any_of(
        of.parts, [&](const Part& part) { return has_row(part) && !part.has(id); });
    if (lacked) continue;
    for (size_t s = 0; s < captures(); ++s) {
      if (!value(row, id, s)) continue;
      columns.push_back(static_cast<uint16_t>(c));
      break;
    }
  }
  figures_ += columns.size();
  const auto [list, fresh] =
      column_lists_.try_emplace(std::move(columns), static_cast<uint32_t>(column_list_.size()));
  if (fresh) column_list_.push_back(&list->first);
  row.columns = list->second;
  rows_.push_back(row);
}

/// As it stands in the capture.
std::optional<double> Joined::value(const Row& row, uint32_t id, size_t capture) const {
  const Part& part = tables_[row.table].parts[capture];
  const uint32_t figure = id < part.figure_of.size() ? part.figure_of[id] : kNone;
  if (figure == kNone || part.count_of(row.key) == 0) return std::nullopt;
  const uint32_t begin = part.first[row.key], end = part.first[row.key + size_t{1}];
  const auto at = [&](uint32_t r) { return present(part.values[r * part.column.size() + figure]); };
  if (row.number != 0 && end - begin > 1) return at(part.by_line.at(row.key)[row.number - 1]);
  if (end - begin == 1) return at(part.rows[begin]);
  Combined all(part.head.columns[part.column[figure]].role);
  for (uint32_t i = begin; i < end; ++i) all.add(at(part.rows[i]));
  return all.value();
}

size_t Joined::row_of(size_t figure) const {
  const auto next = std::ranges::upper_bound(rows_, figure, {}, &Row::first_figure);
  return static_cast<size_t>(next - rows_.begin()) - 1;
}

Series Joined::series(size_t figure) const {
  const size_t index = row_of(figure);
  const Row& row = rows_[index];
  const Joint& of = tables_[row.table];
  const Table& head = of.parts[row.capture].head;
  const Column& column = head.columns[this->column(row, figure)];
  Series s{&head,
           &column,
           {names_.get(), *of.key_names[row.key]},
           row.number == 0 ? of.labels[row.key] : numbered_.at(index),
           {column.unit, {}},
           present(row.support)};
  if (column.grows) s.measure.per = per_;
  return s;
}

std::optional<double> Joined::value(size_t figure, size_t capture) const {
  const Row& row = rows_[row_of(figure)];
  const Part& first = tables_[row.table].parts[row.capture];
  const uint16_t column = this->column(row, figure);
  return divided(value(row, first.column_id[column], capture), first.head.columns[column],
                 divisors_[capture]);
}

bool Joined::rowless(size_t figure, size_t capture) const {
  const Row& row = rows_[row_of(figure)];
  const Part& part = tables_[row.table].parts[capture];
  return part.present && part.count_of(row.key) == 0;
}

void Joined::add_slice(const Report& report, double divisor, size_t side) {
  for (Slices& of_side : slices_) {
    of_side.low.resize(figures(), kAbsent);
    of_side.high.resize(figures(), kAbsent);
  }
  RowKeys keys(*names_);
  for (Joint& of : tables_) {
    const auto table = std::ranges::find(report.tables, of.id, &Table::id);
    if (of.left_out || table == report.tables.end()) continue;
    std::vector<std::pair<uint32_t, size_t>> rows;  // by key
    for (size_t r = 0; r < table->rows.size(); ++r) {
      const auto key = of.keys.find(keys(*table, r));
      if (key != of.keys.end() && of.first_row[key->second] != kNone)
        rows.emplace_back(key->second, r);
    }
    std::ranges::stable_sort(rows, {}, &std::pair<uint32_t, size_t>::first);
    for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
      const uint32_t key = rows[begin].first;
      std::vector<size_t> same;
      for (; end < rows.size() && rows[end].first == key; ++end) same.push_back(rows[end].second);
      const size_t first = of.first_row[key], n = of.row_count[key];
      if (!rows_[first].combined && same.size() != n) continue;
      if (n == 1) {
        fold(rows_[first], first, *table, same, divisor, side);
        continue;
      }
      std::ranges::stable_sort(same, {}, [&](size_t row) { return lines_of(*table, row); });
      for (size_t i = 0; i < n; ++i)
        fold(rows_[first + i], first + i, *table, {same[i]}, divisor, side);
    }
  }
}

void Joined::fold(const Row& row, size_t index, const Table& table, const std::vector<size_t>& rows,
                  double divisor, size_t side) {
  const auto column_at = [&table](const std::string& id) {
    return static_cast<size_t>(std::ranges::find(table.columns, id, &Column::id) -
                               table.columns.begin());
  };
  if (const size_t at = column_at("count"); at < table.columns.size()) {
    const auto n = value_of(table, rows, at);
    double& support = rows_[index].support;
    if (n) support = std::isnan(support) ? *n : std::max(support, *n);
  }
  const size_t end = index + 1 < rows_.size() ? rows_[index + 1].first_figure : figures();
  const Part& first = tables_[row.table].parts[row.capture];
  Slices& all = slices_[side];
  for (size_t f = row.first_figure; f < end; ++f) {
    const Column& column = first.head.columns[this->column(row, f)];
    const size_t at = column_at(column.id);
    if (at == table.columns.size()) continue;
    const auto value = divided(value_of(table, rows, at), column, divisor);
    if (!value) continue;
    double &low = all.low[f], &high = all.high[f];
    if (std::isnan(low)) {
      low = *value;
      continue;
    }
    high = std::max(std::isnan(high) ? low : high, *value);
    low = std::min(low, *value);
  }
}

std::optional<ValueRange> Joined::slices(size_t figure, size_t side) const {
  const Slices& all = slices_[side];
  if (figure >= all.high.size() || std::isnan(all.high[figure])) return std::nullopt;
  return ValueRange{all.low[figure], all.high[figure]};
}

void Joined::keep_reach() {
  for (const size_t side : {size_t{0}, size_t{1}}) {
    std::vector<double>& kept = slices_[side].low;
    for (size_t f = 0; f < kept.size(); ++f) {
      const auto range = slices(f, side);
      const auto whole = value(f, side);
      kept[f] = range && whole ? reach_of(*whole, *range) : kAbsent;
    }
    reach_[side] = std::move(kept);
    slices_[side] = {};
  }
}

std::optional<double> Joined::reach(size_t figure, size_t side) const {
  return figure < reach_[side].size() ? present(reach_[side][figure]) : std::nullopt;
}

std::string row_name(std::string_view text) { return without_addresses(split_place(text).first); }

std::string Series::id() const {
  std::string name = table->id;
  if (!label.empty()) name.append("[\"").append(label).append("\"]");
  return name + "." + column->id;
}

}  // namespace tracetool
