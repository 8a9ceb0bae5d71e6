#include "reports/compare/diff_tables.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/model/quantity.h"

namespace tracetool {
namespace {

/// How far a range reaches from the value, as a part of it.
Cell spread(const std::optional<double>& value, const std::optional<double>& reach) {
  if (!value || !reach || *value == 0) return {};
  return *reach / std::fabs(*value);
}

const Columns<Comparison>& change_columns() {
  static const Columns<Comparison> kColumns = {
      {{.id = "change",
        .heading = "Change",
        .help = "better, worse, changed (no direction is better), new, gone, or ~: no change that "
                "stands out; better? and worse?: large, but time slices differ as much."},
       [](const Comparison& c) -> Cell { return std::string(name_of(c.change)); }},
      {{.id = "table",
        .heading = "Table",
        .role = Role::kKey,
        .rank = 2,
        .help = "The table that has the figure."},
       [](const Comparison& c) -> Cell { return c.series.table->id; }},
      {{.id = "row",
        .heading = "Row",
        .role = Role::kKey,
        .help = "Names of the row; none for a table of one row."},
       [](const Comparison& c) -> Cell {
         return c.series.label.empty() ? Cell() : Cell(std::string(c.series.label));
       }},
      {{.id = "figure", .heading = "Figure", .help = "The column."},
       [](const Comparison& c) -> Cell { return c.series.column->id; }},
      {{.id = "old",
        .heading = "Old",
        .role = Role::kStat,
        .help = "Before; the median of several captures.",
        .unit_in = "unit"},
       [](const Comparison& c) { return optional_cell(c.before); }},
      {{.id = "old_spread",
        .heading = "±",
        .unit = Unit::kRatio,
        .role = Role::kStat,
        .rank = 3,
        .help = "How far the median's confidence interval reaches from it; for one capture how far "
                "its time slices do."},
       [](const Comparison& c) { return spread(c.before, c.before_reach); }},
      {{.id = "new",
        .heading = "New",
        .role = Role::kStat,
        .help = "After; the median of several captures.",
        .unit_in = "unit"},
       [](const Comparison& c) { return optional_cell(c.after); }},
      {{.id = "new_spread",
        .heading = "±",
        .unit = Unit::kRatio,
        .role = Role::kStat,
        .rank = 3,
        .help = "The same for the new side."},
       [](const Comparison& c) { return spread(c.after, c.after_reach); }},
      {{.id = "delta",
        .heading = "Delta",
        .role = Role::kStat,
        .rank = 4,
        .help = "New less old.",
        .delta = true,
        .unit_in = "unit"},
       [](const Comparison& c) { return optional_cell(c.delta()); }},
      {{.id = "percent",
        .heading = "%",
        .unit = Unit::kRatio,
        .role = Role::kStat,
        .help = "Delta as a part of old.",
        .delta = true},
       [](const Comparison& c) { return optional_cell(c.ratio()); }},
      {{.id = "p",
        .heading = "p",
        .role = Role::kStat,
        .rank = 5,
        .help = "Mann-Whitney: how likely captures of one program differ as much by chance; none "
                "for one capture a side."},
       [](const Comparison& c) { return optional_cell(c.p); }},
      {{.id = "q",
        .heading = "q",
        .role = Role::kStat,
        .rank = 5,
        .help = "p adjusted for all figures compared (Benjamini-Hochberg); a change is told below "
                "--alpha."},
       [](const Comparison& c) { return optional_cell(c.q); }},
      {{.id = "old_n",
        .heading = "n old",
        .unit = Unit::kCount,
        .role = Role::kStat,
        .rank = 6,
        .help = "Captures that have the figure."},
       [](const Comparison& c) -> Cell { return static_cast<int64_t>(c.old_n); }},
      {{.id = "new_n",
        .heading = "n new",
        .unit = Unit::kCount,
        .role = Role::kStat,
        .rank = 6,
        .help = "The same for the new side."},
       [](const Comparison& c) -> Cell { return static_cast<int64_t>(c.new_n); }},
      {{.id = "unit", .heading = "Unit", .rank = 7, .help = "Of old, new and delta."},
       [](const Comparison& c) -> Cell { return name_of(c.series.measure); }},
  };
  return kColumns;
}

/// What the figures can say about chance.
std::vector<std::string> chance_notes(const Comparisons& all, const DiffNotes& notes) {
  const double alpha = notes.options.alpha;
  if (notes.before_n == 1 && notes.after_n == 1) {
    const std::string start = "one capture a side: nothing here is significant between runs. ";
    if (notes.slices == 0)
      return {start +
              "There is no spread between time slices to hold a change against: large ones "
              "are told with a question mark"};
    return {start +
            "A change is told where it exceeds the spread between time slices within each capture, "
            "with a question mark where it does not and is large"};
  }
  const double least = smallest_p(notes.before_n, notes.after_n);
  const std::string sides =
      std::to_string(notes.before_n) + " and " + std::to_string(notes.after_n) + " captures ";
  if (least >= alpha) {
    return {"with " + sides + "no change can be significant at alpha " + exact(alpha) +
            "; four a side are the least for 0.05, six or more are good"};
  }
  const auto tests = static_cast<double>(all.tests());
  std::vector<std::string> out = {
      "Mann-Whitney, adjusted for " + exact(tests) +
      " different figures with a better side (Benjamini-Hochberg): of the changes told about " +
      format_ratio(alpha) + " or less are chance"};
  const double needed = std::ceil(least * tests / alpha);
  if (needed > 1) {
    out.push_back("with " + sides + "a change is told only if at least " + exact(needed) +
                  " figures differ as clearly as they can; more captures tell single ones");
  }
  return out;
}

Table opening(const Comparisons& all, const DiffNotes& notes) {
  Table table = verdict_table(all, notes.verdict);
  table.title = notes.before + " -> " + notes.after;
  std::map<Change, size_t> counts;
  for (const Comparison c : all) ++counts[c.change];
  const auto count = [&](Change change, const char* what) {
    return std::to_string(counts[change]) + " " + what;
  };
  if (counts[Change::kSame] == all.size()) table.notes.emplace_back("no change stands out");
  std::string summary = std::to_string(all.size()) +
                        " figures compared: " + count(Change::kBetter, "better, ") +
                        count(Change::kWorse, "worse, ") +
                        count(Change::kChanged, "changed without a better side, ") +
                        count(Change::kNew, "new, ") + count(Change::kGone, "gone, ");
  if (const size_t perhaps = counts[Change::kPerhapsBetter] + counts[Change::kPerhapsWorse];
      perhaps > 0)
    summary += std::to_string(perhaps) + " perhaps better or worse, ";
  table.notes.push_back(summary + count(Change::kSame, "unchanged"));
  table.notes.push_back("captures are " + format_duration(notes.before_seconds * 1e9) + " and " +
                        format_duration(notes.after_seconds * 1e9) +
                        " long; figures that grow with them are per " +
                        (notes.options.per == "s" ? std::string("second") : notes.options.per));
  for (std::string& note : chance_notes(all, notes)) table.notes.push_back(std::move(note));
  table.notes.insert(table.notes.end(), notes.more.begin(), notes.more.end());
  return table;
}

struct Mean {
  std::string table, figure;
  size_t rows = 0;
  double ratio = 1;
};

/// For each column the mean ratio over its rows that are on both sides, at least two.
Table geomean_table(const Comparisons& all) {
  static const Columns<Mean> kColumns = {
      {{.id = "table", .heading = "Table", .role = Role::kKey, .help = "The table."},
       [](const Mean& m) -> Cell { return m.table; }},
      {{.id = "figure", .heading = "Figure", .role = Role::kKey, .help = "The column."},
       [](const Mean& m) -> Cell { return m.figure; }},
      {{.id = "rows",
        .heading = "Rows",
        .unit = Unit::kCount,
        .role = Role::kStat,
        .help = "Rows that are positive on both sides."},
       [](const Mean& m) -> Cell { return static_cast<int64_t>(m.rows); }},
      {{.id = "percent",
        .heading = "%",
        .unit = Unit::kRatio,
        .role = Role::kStat,
        .help = "Geometric mean of new by old over these rows, less 1.",
        .delta = true},
       [](const Mean& m) -> Cell { return m.ratio - 1; }},
  };
  std::map<std::pair<std::string, std::string>, GeometricMean> ratios;
  for (const Comparison c : all) {
    if (c.series.label.empty() || c.series.column->better == Better::kNeither) continue;
    if (!c.before || !c.after || *c.before <= 0 || *c.after <= 0) continue;
    ratios[{c.series.table->id, c.series.column->id}].add(*c.after / *c.before);
  }
  std::vector<Mean> means;
  for (const auto& [name, of] : ratios) {
    if (const auto mean = of.value(); mean && of.count() > 1)
      means.push_back({name.first, name.second, of.count(), *mean});
  }
  Table table{.id = "geomeans", .title = "Geometric means over rows"};
  fill(table, kColumns, means);
  return table;
}

}  // namespace

std::vector<Table> diff_tables(const Comparisons& comparisons, const DiffNotes& notes) {
  Table changes{.id = "changes", .title = "All figures, what changed most first"};
  for (const auto& c : change_columns()) changes.columns.push_back(c.column);
  changes.later_rows = comparisons.size();
  changes.make_row = [&comparisons](size_t position) {
    std::vector<Cell> cells;
    cells.reserve(change_columns().size());
    const Comparison comparison = comparisons[position];
    for (const auto& c : change_columns()) cells.push_back(c.get(comparison));
    return cells;
  };
  return {opening(comparisons, notes), std::move(changes), geomean_table(comparisons)};
}

}  // namespace tracetool
