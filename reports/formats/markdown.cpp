#include "reports/formats/markdown.h"

#include <algorithm>
#include <vector>

#include "reports/formats/plot.h"
#include "reports/formats/text.h"
#include "reports/model/table_ops.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

// A code span needs a fence longer than any run of backticks in it.
std::string code(const std::string& text) {
  size_t run = 0, longest = 0;
  std::string body;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    if (c == '|') body += '\\';  // ends the cell even in code
    body += c;
  }
  if (body.find_first_not_of(' ') == std::string::npos) return body;
  const std::string fence(longest + 1, '`');
  const std::string space = longest > 0 ? " " : "";
  return fence + space + body + space + fence;
}

std::string markdown_cell(const Table& table, size_t row, size_t c, bool stacks) {
  static const Cell kMissing;
  const Column& column = table.columns[c];
  const Cell& cell = c < table.rows[row].size() ? table.rows[row][c] : kMissing;
  const auto* stack = std::get_if<StackCell>(&cell);
  if (stack != nullptr && stacks) {
    std::string out;
    for (const FrameCell& frame : *stack)
      out += (out.empty() ? "" : "<br>") + code(clean(frame.text()));
    return out;
  }
  const std::string text = format_cell(table, row, c);
  const bool name = column.role == Role::kKey && std::holds_alternative<std::string>(cell);
  const bool frame = stack != nullptr && !stack->empty();
  return name || frame ? code(text) : escape_markdown(text);
}

class MarkdownTable {
 public:
  MarkdownTable(std::ostream& out, const Table& table, const RenderOptions& options)
      : out_(out), table_(table), options_(options) {}

  void write() {
    out_ << "### " << escape_markdown(clean(table_.title.empty() ? table_.id : table_.title))
         << "\n\n";
    if (options_.explain) out_ << escape_markdown(clean(explained(table_))) << "\n\n";
    body();
    const char* separator = "\n";
    for (const std::string& note : table_.notes) {
      out_ << separator << "- note: " << escape_markdown(clean(note)) << '\n';
      separator = "";
    }
    if (!options_.explain) return;
    for (const Column& column : table_.columns) {
      out_ << separator << "- " << escape_markdown(clean(explained(column))) << '\n';
      separator = "";
    }
  }

 private:
  void body() {
    if (table_.layout == Layout::kList) return list();
    if (table_.rows.empty()) {
      out_ << "(none)\n";
      return;
    }
    if (table_.layout == Layout::kPlot || table_.layout == Layout::kLogPlot) {
      const std::vector<std::string> drawn = plot(table_, 80);
      if (!drawn.empty()) {
        // Indented code has no fence that a heading of the plot could end.
        for (const std::string& text : drawn) out_ << no_command("    " + text) << '\n';
        if (!options_.figures) return;
        out_ << '\n';
      }
    }
    if (table_.layout == Layout::kRecord && table_.rows.size() == 1) {
      record();
    } else {
      rows();
    }
  }

  void list() {
    for (const size_t row : row_order(table_)) {
      const auto& cells = table_.rows[row];
      for (size_t c = 0; c < std::min(cells.size(), table_.columns.size()); ++c) {
        const Column& column = table_.columns[c];
        if (column.rank > 0 || std::holds_alternative<std::monostate>(cells[c])) continue;
        const std::string text = markdown_cell(table_, row, c, options_.stacks);
        if (c == 0) out_ << no_command(text) << ". ";
        if (c == 1) out_ << "**" << text << "**\n";
        if (c == 2) out_ << no_command("   " + text) << '\n';
        if (c > 2)
          out_ << "   - " << escape_markdown(clean(column.heading)) << ": " << text << '\n';
      }
    }
  }

  void record() {
    out_ << "| | |\n|:---|:---|\n";
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      out_ << "| " << escape_markdown(clean(table_.columns[c].heading)) << " | ";
      out_ << markdown_cell(table_, 0, c, options_.stacks) << " |\n";
    }
  }

  void rows() {
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      if (names_unit(table_, c)) continue;
      out_ << "| " << escape_markdown(clean(table_.columns[c].heading)) << ' ';
    }
    out_ << "|\n";
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      if (names_unit(table_, c)) continue;
      out_ << (is_numeric(table_, c) ? "|---:" : "|:---");
    }
    out_ << "|\n";
    std::vector<size_t> order = row_order(table_);
    const size_t all = order.size() + table_.later_rows;
    if (options_.max_rows > 0 && order.size() > options_.max_rows) order.resize(options_.max_rows);
    for (const size_t row : order) {
      for (size_t c = 0; c < table_.columns.size(); ++c) {
        if (names_unit(table_, c)) continue;
        out_ << "| " << markdown_cell(table_, row, c, options_.stacks) << ' ';
      }
      out_ << "|\n";
    }
    if (order.size() == all) return;
    const size_t more = all - order.size();
    out_ << "\n"
         << format_count(static_cast<int64_t>(more)) << " more row" << (more == 1 ? "" : "s")
         << '\n';
  }

  std::ostream& out_;
  const Table& table_;
  const RenderOptions& options_;
};

}  // namespace

std::string escape_markdown(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]>#|~$";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '@') {
      out += "&#64;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == ':' && text.substr(i, 3) == "://") {
      out += "&#58;";
    } else if (c == '.' && i >= 3 && text.substr(i - 3, 3) == "www") {
      out += "&#46;";
    } else {
      if (kMarkup.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

void write_markdown(std::ostream& out, const Table& table, const RenderOptions& options) {
  MarkdownTable(out, table, options).write();
}

void write_markdown(std::ostream& out, const Report& report, const RenderOptions& options) {
  for (size_t i = 0; i < report.tables.size(); ++i) {
    if (i > 0) out << '\n';
    write_markdown(out, report.tables[i], options);
  }
}

const TableFormat markdown_format = {
    .name = "markdown", .for_people = true, .one_table = false, .write = write_markdown};

}  // namespace tracetool
