#include "reports/compare/verdict.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tracetool {
namespace {

constexpr size_t kMostHeadlines = 4, kMostRows = 4;

struct Line {
  Change change;
  std::string what, measure;
  Comparison of;
  std::string see = {};
  int64_t rank = 0;
};

std::string amount(const Comparison& c, const std::optional<double>& value) {
  return value ? format_cell(Cell(*value), c.series.measure) : "none";
}

std::string word(const Line& line) {
  return line.change == Change::kSame ? "same" : std::string(name_of(line.change));
}

/// "401ms/s -> 221µs/s, -99.9%: Waits for a P"
std::string sentence(const Line& line) {
  const Comparison& c = line.of;
  std::string out = amount(c, c.before) + " -> " + amount(c, c.after);
  if (const auto ratio = c.ratio(); ratio && *ratio != 0) {
    Column percent;
    percent.unit = Unit::kRatio;
    percent.delta = true;
    out += ", " + format_cell(Cell(*ratio), percent);
  }
  if (line.change == Change::kPerhapsBetter || line.change == Change::kPerhapsWorse)
    out += c.before_reach || c.after_reach ? ", within the spread of time slices"
                                           : ", no spread is known";
  if (line.change == Change::kSame && c.p && c.before != c.after) out += ", not significant";
  return line.measure.empty() ? out : out + ": " + line.measure;
}

const Columns<Line>& columns() {
  static const Columns<Line> kColumns = {
      {{.id = "rank",
        .heading = "Rank",
        .unit = Unit::kId,
        .role = Role::kId,
        .help = "1 is told first."},
       [](const Line& l) -> Cell { return l.rank; }},
      {{.id = "headline", .heading = "Verdict", .help = "better, worse or same, and what."},
       [](const Line& l) -> Cell { return word(l) + ": " + l.what; }},
      {{.id = "sentence", .heading = "Figures", .help = "Old, new, and what is measured."},
       [](const Line& l) -> Cell { return sentence(l); }},
      {{.id = "see", .heading = "See", .help = "The command that shows more."},
       [](const Line& l) -> Cell { return l.see.empty() ? Cell() : Cell(l.see); }},
      {{.id = "verdict",
        .heading = "Change",
        .rank = 1,
        .help = "better, worse, same; better? and worse?: large, but time slices of one capture "
                "differ as much."},
       [](const Line& l) -> Cell { return word(l); }},
      {{.id = "what", .heading = "What", .rank = 1, .help = "Problem, or row and figure."},
       [](const Line& l) -> Cell { return l.what; }},
      {{.id = "figure", .heading = "Figure", .rank = 1, .help = "Table and column."},
       [](const Line& l) -> Cell { return l.of.series.table->id + "." + l.of.series.column->id; }},
      {{.id = "old",
        .heading = "Old",
        .role = Role::kStat,
        .rank = 1,
        .help = "Before.",
        .unit_in = "unit"},
       [](const Line& l) { return optional_cell(l.of.before); }},
      {{.id = "new",
        .heading = "New",
        .role = Role::kStat,
        .rank = 1,
        .help = "After.",
        .unit_in = "unit"},
       [](const Line& l) { return optional_cell(l.of.after); }},
      {{.id = "percent",
        .heading = "%",
        .unit = Unit::kRatio,
        .role = Role::kStat,
        .rank = 1,
        .help = "The change as a part of old.",
        .delta = true},
       [](const Line& l) { return optional_cell(l.of.ratio()); }},
      {{.id = "unit", .heading = "Unit", .rank = 1, .help = "Of old and new."},
       [](const Line& l) -> Cell { return name_of(l.of.series.measure); }},
  };
  return kColumns;
}

class Teller {
 public:
  Teller(const Comparisons& all, const VerdictOptions& options)
      : all_(all), options_(options), headline_at_(options.headlines.size(), all.size()) {
    for (size_t i = 0; i < all.size(); ++i) {
      const Comparison c = all[i];
      const Change towards = direction(c);
      if (towards != Change::kSame) largest_ = std::max(largest_, c.weight);
      bool headline = false;
      for (size_t h = 0; h < headline_at_.size(); ++h) {
        if (c.series.table->id != options.headlines[h].table) continue;
        headline = true;
        if (c.series.column->id == options.headlines[h].column && headline_at_[h] == all.size())
          headline_at_[h] = i;
      }
      if (!headline && c.weight >= kLeast && towards != Change::kSame)
        rows_.push_back({towards, c.named, c.weight, i});
    }
  }

  std::vector<Line> tell() {
    for (const Change change : {Change::kBetter, Change::kWorse}) {
      headlines(change);
      rows(change);
    }
    headlines(Change::kSame);
    for (size_t i = 0; i < lines_.size(); ++i) lines_[i].rank = static_cast<int64_t>(i) + 1;
    return std::move(lines_);
  }

 private:
  /// Better or worse, also of rows that came or went.
  static Change direction(const Comparison& c) {
    const Better better = c.series.column->better;
    const bool lower = better == Better::kLower;
    switch (c.change) {
      case Change::kPerhapsBetter:
        return Change::kBetter;
      case Change::kPerhapsWorse:
        return Change::kWorse;
      case Change::kGone:
        return better == Better::kNeither ? Change::kSame
               : lower                    ? Change::kBetter
                                          : Change::kWorse;
      case Change::kNew:
        return better == Better::kNeither ? Change::kSame
               : lower                    ? Change::kWorse
                                          : Change::kBetter;
      case Change::kChanged:
        return Change::kSame;
      default:
        return c.change;
    }
  }

  Line& add(const Comparison& c, Change change, std::string what, std::string measure) {
    // A row that is gone is told as better, not as gone.
    if (change == Change::kGone || change == Change::kNew) change = direction(c);
    lines_.push_back({change, std::move(what), std::move(measure), c});
    return lines_.back();
  }

  /// How a problem changed. For one capture a side its own size counts, as a row's effect does.
  static Change change_of(const Headline& h, const Comparison& c) {
    if (direction(c) != Change::kSame || c.p)
      return c.change == Change::kSame ? c.change : direction(c);
    const double larger = std::max(std::fabs(c.before.value_or(0)), std::fabs(c.after.value_or(0)));
    if (std::fabs(c.delta().value_or(0)) < 0.1 * larger || h.before == h.after)
      return Change::kSame;
    return h.after < h.before ? Change::kPerhapsBetter : Change::kPerhapsWorse;
  }
  static Change without_doubt(Change change) {
    return change == Change::kPerhapsBetter  ? Change::kBetter
           : change == Change::kPerhapsWorse ? Change::kWorse
                                             : change;
  }

  /// The worst problems first: those there were, or for the worse those there are.
  void headlines(Change change) {
    struct Told {
      const Headline* headline;
      Comparison of;
      Change change;
      double severity;
    };
    std::vector<Told> told;
    for (size_t i = 0; i < options_.headlines.size(); ++i) {
      const Headline& h = options_.headlines[i];
      if (!h.found || headline_at_[i] == all_.size()) continue;
      const Comparison of = all_[headline_at_[i]];
      const Change how = change_of(h, of);
      if (without_doubt(how) != change) continue;
      const double severity = change == Change::kBetter  ? h.before
                              : change == Change::kWorse ? h.after
                                                         : std::max(h.before, h.after);
      told.push_back({&h, of, how, severity});
    }
    std::ranges::stable_sort(told, std::greater(), &Told::severity);
    if (told.size() > kMostHeadlines) told.resize(kMostHeadlines);
    for (const Told& t : told) {
      const Headline& h = *t.headline;
      add(t.of, t.change, h.title + (h.culprit.empty() ? "" : " (" + h.culprit + ")"),
          t.of.series.column->help)
          .see = h.command;
    }
  }

  /// Rows that names of the program tell apart come before totals, then the largest effects. Each
  /// row is told once, and the same time only in one of the tables that have it.
  void rows(Change change) {
    std::vector<Large> largest;
    for (const Large& row : rows_) {
      // Who tells of a large change leaves out those that are many times smaller.
      if (row.towards == change && row.weight >= 0.05 * largest_) largest.push_back(row);
    }
    std::ranges::stable_sort(largest, std::greater(),
                             [](const Large& row) { return std::pair(row.named, row.weight); });
    std::set<std::string> seen;
    std::vector<double> effects;
    size_t count = 0;
    for (const Large& row : largest) {
      const Comparison c = all_[row.at];
      const bool known = std::ranges::any_of(effects, [&](double e) {
        return c.effect != 0 && std::fabs(c.effect - e) < 0.02 * std::fabs(e);
      });
      const Series& series = c.series;
      const std::string label(series.label);
      if (known || !seen.insert(label.empty() ? series.table->id : label).second) continue;
      effects.push_back(c.effect);
      const std::string& heading = series.column->heading;
      std::string what = label;
      what.append(label.empty() ? "" : ": ").append(heading);
      Line& line = add(c, c.change, std::move(what), series.table->title);
      if (options_.command) line.see = options_.command(series);
      if (++count == kMostRows) return;
    }
  }

  static constexpr double kLeast = 0.02;
  const Comparisons& all_;
  const VerdictOptions& options_;
  double largest_ = 0;
  std::vector<size_t> headline_at_;  // positions of their figures; behind the end for none
  /// Rows that got better or worse and may be worth telling.
  struct Large {
    Change towards;
    bool named;
    double weight;
    size_t at;
  };
  std::vector<Large> rows_;
  std::vector<Line> lines_;
};

}  // namespace

Table verdict_table(const Comparisons& all, const VerdictOptions& options) {
  Table table{.id = "verdict",
              .title = "What changed",
              .help = "What got better, what got worse, which problems stayed the same.",
              .layout = Layout::kList};
  fill(table, columns(), Teller(all, options).tell());
  return table;
}

}  // namespace tracetool
