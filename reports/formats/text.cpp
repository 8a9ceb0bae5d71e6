#include "reports/formats/text.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/plot.h"
#include "reports/formats/text_layout.h"
#include "reports/model/table_ops.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr size_t kMarked = 8;  // the least width of a text that is marked
constexpr std::string_view kBold = "\x1b[1m", kDim = "\x1b[2m";

const Cell& cell_at(const Table& table, size_t row, size_t column) {
  static const Cell kMissing;
  const auto& cells = table.rows[row];
  return column < cells.size() ? cells[column] : kMissing;
}

const StackCell* stack_in(const Cell& cell) {
  const auto* stack = std::get_if<StackCell>(&cell);
  return stack != nullptr && !stack->empty() ? stack : nullptr;
}

class TextTable {
 public:
  TextTable(std::ostream& out, const Table& table, const RenderOptions& options)
      : out_(out), table_(table), options_(options) {
    constexpr size_t kNarrowest = 24;
    if (options_.width > 0) options_.width = std::max(options_.width, kNarrowest);
  }

  void write() {
    paragraph(clean(table_.title.empty() ? table_.id : table_.title), "", kBold);
    if (options_.explain) paragraph(clean(explained(table_)), "", kDim);
    body();
    const bool instead = table_.layout == Layout::kList && table_.rows.empty();
    for (const std::string& note : table_.notes) paragraph(clean(note), instead ? "" : "note: ");
    if (options_.explain) explain();
  }

 private:
  void body() {
    if (table_.layout == Layout::kList && table_.rows.empty()) return;
    if (table_.rows.empty()) return line("(none)");
    if (table_.layout == Layout::kPlot || table_.layout == Layout::kLogPlot) {
      const std::vector<std::string> drawn = plot(table_, options_.width);
      for (const std::string& text : drawn) line(text);
      if (!drawn.empty() && !options_.figures) return;
    }
    order_ = row_order(table_);
    const size_t all = order_.size() + table_.later_rows;
    if (options_.max_rows > 0 && order_.size() > options_.max_rows)
      order_.resize(options_.max_rows);
    if (table_.layout == Layout::kRecord) {
      records();
    } else if (table_.layout == Layout::kList) {
      list();
    } else {
      rows();
    }
    if (order_.size() < all) {
      const auto more = static_cast<int64_t>(all - order_.size());
      paragraph(format_count(more) + " more row" + (more == 1 ? "" : "s"), "", kDim);
    }
  }

  void rows() {
    std::vector<std::vector<std::string>> texts;
    std::vector<ColumnSpace> spaces;
    std::vector<std::string> headings;
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      const Column& column = table_.columns[c];
      headings.push_back(clean(column.heading));
      const size_t width = display_width(headings.back());
      spaces.push_back({width, width, !is_numeric(table_, c),
                        column.id == table_.sort_by ? 0 : column.rank, is_idle(c)});
    }
    texts.reserve(order_.size());
    for (const size_t row : order_) {
      auto& line_texts = texts.emplace_back();
      for (size_t c = 0; c < spaces.size(); ++c) {
        line_texts.push_back(format_cell(table_, row, c));
        spaces[c].natural = std::max(spaces[c].natural, display_width(line_texts.back()));
      }
    }
    std::vector<size_t> kept;
    std::vector<ColumnSpace> wanted;
    for (size_t c = 0; c < spaces.size(); ++c) {
      if (names_unit(table_, c)) continue;
      kept.push_back(c);
      wanted.push_back(spaces[c]);
    }
    TextLayout layout = lay_out(wanted, options_.width);
    const bool cut = std::ranges::any_of(layout.shown, [&](size_t c) {
      const auto at = std::ranges::find(layout.shown, c) - layout.shown.begin();
      return layout.widths[static_cast<size_t>(at)] < wanted[c].natural;
    });
    if (table_.layout == Layout::kIds && (cut || !layout.dropped.empty()))
      return ids(texts, spaces);
    for (size_t& c : layout.shown) c = kept[c];
    for (size_t& c : layout.dropped) c = kept[c];
    if (!layout.fits) return records();

    const auto shown = [&](size_t r, size_t c, size_t width) {
      const StackCell* stack = stack_in(cell_at(table_, order_[r], c));
      return stack == nullptr ? shorten(texts[r][c], width)
                              : short_frame(stack->front().text(), width);
    };
    const Twins twins = tell_apart(layout, spaces, texts.size(), shown);
    make_room(layout, twins, shown);
    const auto write_row = [&](const auto& text_of) {
      std::string text;
      for (size_t i = 0; i < layout.shown.size(); ++i) {
        const size_t c = layout.shown[i];
        const std::string cell = text_of(c, layout.widths[i]);
        const std::string space(layout.widths[i] - display_width(cell), ' ');
        if (i > 0) text.append(kColumnGap, ' ');
        text += spaces[c].flexible ? cell + space : space + cell;
      }
      line(text);
    };
    write_row([&](size_t c, size_t width) { return shorten(headings[c], width); });
    for (size_t r = 0; r < texts.size(); ++r) {
      write_row([&](size_t c, size_t width) {
        const std::string& mark = twins.marks[r];
        if (c != twins.column || mark.empty()) return shown(r, c, width);
        return shown(r, c, width - std::min(width, mark.size())) + mark;
      });
      if (options_.stacks) frames(order_[r]);
    }
    if (twins.any)
      paragraph("#1, #2, ...: they differ in their stacks; --stacks shows them", "", kDim);
    left_out(layout.dropped);
  }

  /// Rows whose texts are all the same: " #1", " #2" goes behind the text of one column.
  struct Twins {
    size_t column = 0;
    std::vector<std::string> marks;
    bool any = false;
  };
  template <class Shown>
  Twins tell_apart(const TextLayout& layout, const std::vector<ColumnSpace>& spaces, size_t count,
                   const Shown& shown) const {
    Twins twins;
    twins.marks.resize(count);
    if (options_.stacks) return twins;
    const auto has_stack = [&](size_t row) {
      return std::ranges::any_of(table_.rows[row],
                                 [](const Cell& cell) { return stack_in(cell) != nullptr; });
    };
    std::vector<std::string> labels(count);
    bool texts = false;
    for (size_t i = 0; i < layout.shown.size(); ++i) {
      const size_t c = layout.shown[i];
      if (table_.columns[c].role == Role::kId) return twins;
      if (!spaces[c].flexible) continue;
      for (size_t r = 0; r < count; ++r) labels[r] += shown(r, c, layout.widths[i]) + '\n';
      if (layout.widths[i] >= kMarked) {
        twins.column = c;
        texts = true;
      }
    }
    if (!texts) return twins;
    std::map<std::string, size_t> rows_with, seen;
    for (size_t r = 0; r < count; ++r)
      if (has_stack(order_[r])) ++rows_with[labels[r]];
    for (size_t r = 0; r < count; ++r) {
      if (!has_stack(order_[r]) || rows_with[labels[r]] < 2) continue;
      twins.marks[r] = " #" + std::to_string(++seen[labels[r]]);
      twins.any = true;
    }
    return twins;
  }

  /// Marks take what room is left before they take it from the text.
  template <class Shown>
  void make_room(TextLayout& layout, const Twins& twins, const Shown& shown) const {
    if (!twins.any) return;
    size_t used = kColumnGap * (layout.shown.size() - 1), at = 0;
    for (size_t i = 0; i < layout.shown.size(); ++i) {
      used += layout.widths[i];
      if (layout.shown[i] == twins.column) at = i;
    }
    size_t& width = layout.widths[at];
    size_t wanted = width;
    for (size_t r = 0; r < twins.marks.size(); ++r)
      wanted =
          std::max(wanted, display_width(shown(r, twins.column, width)) + twins.marks[r].size());
    if (options_.width == 0) {
      width = wanted;
    } else if (options_.width > used) {
      width += std::min(wanted - width, options_.width - used);
    }
  }

  void left_out(const std::vector<size_t>& dropped) {
    if (dropped.empty()) return;
    if (options_.brief) {
      const auto n = static_cast<int64_t>(dropped.size());
      return paragraph("+ " + format_count(n) + (n == 1 ? " column" : " columns"), "", kDim);
    }
    std::string names, idle;
    for (const size_t c : dropped) {
      std::string& list = is_idle(c) ? idle : names;
      list += (list.empty() ? "" : ", ") + clean(table_.columns[c].heading);
    }
    const std::string why = "left out to fit " + std::to_string(options_.width) + " columns";
    if (!names.empty()) paragraph(why + ": " + names, "", kDim);
    if (!idle.empty())
      paragraph((names.empty() ? why + ", nothing" : "nothing") + " in: " + idle, "", kDim);
  }

  /// Whether the column has only 0 or nothing in the rows that are shown.
  bool is_idle(size_t c) const {
    return std::ranges::all_of(order_, [&](size_t row) {
      const Cell& cell = cell_at(table_, row, c);
      return cell == Cell() || cell == Cell(int64_t{0}) || cell == Cell(0.0);
    });
  }

  // Numbers, short texts and whole keys side by side; longer texts below.
  void ids(const std::vector<std::vector<std::string>>& texts,
           const std::vector<ColumnSpace>& spaces) {
    constexpr size_t kShort = 12, kIndent = 4;
    constexpr int kDropped = 4;
    std::vector<size_t> beside, below, dropped;
    size_t used = 0, key = spaces.size();
    for (size_t c = 0; c < spaces.size(); ++c) {
      if (names_unit(table_, c)) continue;
      const bool is_key = table_.columns[c].role == Role::kKey;
      if (is_key) key = c;
      if (is_key || !spaces[c].flexible || spaces[c].natural <= kShort) {
        beside.push_back(c);
        used += (is_key ? 0 : spaces[c].natural) + kColumnGap;
      } else {
        (spaces[c].rank < kDropped ? below : dropped).push_back(c);
      }
    }
    std::ranges::stable_sort(below, {}, [&](size_t c) { return spaces[c].rank; });
    const size_t room = options_.width > used ? options_.width - used + kColumnGap : 0;
    size_t key_width = key < spaces.size() ? spaces[key].heading : 0;
    for (const auto& row : texts) {
      if (const size_t wide = display_width(row[key]); wide <= room)
        key_width = std::max(key_width, wide);
    }
    const auto write_row = [&](const auto& text_of) {
      std::string text;
      for (const size_t c : beside) {
        const std::string cell = text_of(c);
        const size_t width = c == key ? key_width : spaces[c].natural;
        const std::string space(width - std::min(width, display_width(cell)), ' ');
        text += spaces[c].flexible ? cell + space : space + cell;
        text.append(kColumnGap, ' ');
      }
      line(text);
    };
    write_row([&](size_t c) { return clean(table_.columns[c].heading); });
    for (const auto& row : texts) {
      const bool alone = display_width(row[key]) > key_width;
      if (alone) line(row[key]);
      write_row([&](size_t c) { return c == key && alone ? std::string() : row[c]; });
      std::string text;
      for (const size_t c : below) {
        if (row[c] == "-") continue;
        if (!text.empty()) text += text.ends_with('.') ? " " : "; ";
        text +=
            (table_.columns[c].rank > 0 ? clean(table_.columns[c].heading) + ": " : "") + row[c];
      }
      if (!text.empty()) paragraph(text, std::string(kIndent, ' '), kDim);
    }
    left_out(dropped);
  }

  // A line a column: for tables of one row, and for rows that do not fit side by side.
  void records() {
    size_t longest = 0;
    for (const Column& column : table_.columns) {
      longest = std::max(longest, display_width(clean(column.heading)));
    }
    if (options_.width > 0) longest = std::min(longest, options_.width / 2);
    for (size_t i = 0; i < order_.size(); ++i) {
      if (i > 0) line("");
      for (size_t c = 0; c < table_.columns.size(); ++c) {
        std::string heading = shorten(clean(table_.columns[c].heading), longest);
        heading.append(longest - display_width(heading) + kColumnGap, ' ');
        paragraph(format_cell(table_, order_[i], c), heading);
      }
      if (options_.stacks) frames(order_[i]);
    }
  }

  // A paragraph a row: "1. Headline", then text without a label, then texts with one.
  void list() {
    for (const size_t row : order_) {
      const std::string number = format_cell(cell_at(table_, row, 0), table_.columns[0]) + ". ";
      const std::string indent(display_width(number), ' ');
      for (size_t c = 1; c < table_.columns.size(); ++c) {
        const Column& column = table_.columns[c];
        const Cell& cell = cell_at(table_, row, c);
        if (column.rank > 0 || std::holds_alternative<std::monostate>(cell)) continue;
        const std::string text = format_cell(cell, column);
        if (c == 1) {
          paragraph(text, number, kBold);
        } else {
          paragraph(text, c == 2 ? indent : indent + clean(column.heading) + ": ");
        }
      }
      if (options_.stacks) frames(row);
    }
  }

  void frames(size_t row) {
    constexpr size_t kIndent = 4;
    const auto is_stack = [&](const Cell& cell) { return stack_in(cell) != nullptr; };
    const auto& cells = table_.rows[row];
    const bool several = std::count_if(cells.begin(), cells.end(), is_stack) > 1;
    for (size_t c = 0; c < std::min(cells.size(), table_.columns.size()); ++c) {
      const StackCell* stack = stack_in(cells[c]);
      if (stack == nullptr) continue;
      if (several) paragraph(clean(table_.columns[c].heading) + ":", "  ", kDim);
      for (const FrameCell& frame : *stack) {
        std::string text = clean(frame.text());
        if (options_.width > 0) text = shorten(text, options_.width - kIndent);
        line(std::string(kIndent, ' ') + text, kDim);
      }
    }
  }

  void explain() {
    for (const Column& column : table_.columns) paragraph(clean(explained(column)), "  ", kDim);
  }

  // Wrapped, with the lines after the first indented as far as `lead` reaches.
  void paragraph(const std::string& text, const std::string& lead, std::string_view style = {}) {
    const size_t indent = display_width(lead);
    const size_t width = options_.width == 0 ? 0 : options_.width - indent;
    bool first = true;
    for (const std::string& piece : wrap(text, width)) {
      line((first ? lead : std::string(indent, ' ')) + piece, style);
      first = false;
    }
  }

  void line(std::string text, std::string_view style = {}) {
    text.erase(text.find_last_not_of(' ') + 1);
    text = no_command(std::move(text));
    if (options_.colour && !style.empty() && !text.empty()) {
      out_ << style << text << "\x1b[0m\n";
    } else {
      out_ << text << '\n';
    }
  }

  std::ostream& out_;
  const Table& table_;
  RenderOptions options_;
  std::vector<size_t> order_;
};

}  // namespace

bool is_numeric(const Table& table, size_t column) {
  bool numbers = false;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const Cell& cell = cell_at(table, row, column);
    if (std::holds_alternative<StackCell>(cell)) return false;
    if (std::holds_alternative<std::string>(cell)) {
      // The label of a row such as "total" may stand in a column of numbers.
      if (table.columns[column].unit == Unit::kNone) return false;
    } else if (!std::holds_alternative<std::monostate>(cell)) {
      numbers = true;
    }
  }
  return numbers || table.columns[column].unit != Unit::kNone;
}

void write_text(std::ostream& out, const Table& table, const RenderOptions& options) {
  TextTable(out, table, options).write();
}

void write_text(std::ostream& out, const Report& report, const RenderOptions& options) {
  for (size_t i = 0; i < report.tables.size(); ++i) {
    if (i > 0) out << '\n';
    write_text(out, report.tables[i], options);
  }
}

const TableFormat text_format = {
    .name = "text", .for_people = true, .one_table = false, .write = write_text};

}  // namespace tracetool
