// `diff`: what changed between two sides, of one capture or several each.
#include <algorithm>
#include <array>
#include <map>

#include "analyses/findings/report_view.h"
#include "cli/commands/check_output.h"
#include "cli/commands/commands.h"
#include "cli/commands/diff_story.h"
#include "cli/commands/fail_on.h"
#include "cli/io/capture_files.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "reports/checks/ci.h"
#include "reports/compare/diff_tables.h"
#include "reports/figures/figure.h"
#include "reports/formats/format.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr int64_t kSlices = 4;

struct UnitOfWork {
  const char *kind, *table, *column;  // where there are names and counts
};
constexpr std::array<UnitOfWork, 3> kUnitsOfWork = {{{"task", "tasks", "type"},
                                                     {"region", "regions", "type"},
                                                     {"log", "log_categories", "category"}}};

/// "task:load" -> an id of how many there were.
std::string work_figure(const std::string& per, std::string& error) {
  if (per == "capture") return {};
  const size_t colon = per.find(':');
  const std::string kind = per.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : per.substr(colon + 1);
  for (const UnitOfWork& unit : kUnitsOfWork) {
    if (!name.empty() && kind == unit.kind)
      return std::string(unit.table) + "[" + unit.column + "=" + quoted_name(name) + "].count";
  }
  error = "--per: \"" + per +
          "\" is no unit of work; write task:TYPE, region:TYPE, log:CATEGORY, or "
          "capture if each did the same work";
  return {};
}

/// The time that a unit of work takes on the clock, as a table like those of passes.
Table work_table(double seconds) {
  Column wall;
  wall.id = "wall_ns";
  wall.heading = "Wall time";
  wall.unit = Unit::kNanoseconds;
  wall.role = Role::kSum;
  wall.better = Better::kLower;
  wall.grows = true;
  wall.help = "Length of the capture.";
  Table table{.id = "work", .title = "Work", .layout = Layout::kRecord};
  table.columns = {wall};
  table.rows = {{seconds * 1e9}};
  return table;
}

/// Which captures are on which side.
std::string sides_of(const Invocation& invocation, std::vector<std::string>& before,
                     std::vector<std::string>& after) {
  const GateSettings& gates = invocation.settings.gates;
  std::vector<std::string> old_names = gates.before, new_names = gates.after;
  old_names.insert(old_names.end(), gates.baseline.begin(), gates.baseline.end());
  std::vector<std::string> rest = invocation.paths;
  if (old_names.empty() && !rest.empty()) {
    old_names.push_back(rest.front());
    rest.erase(rest.begin());
  }
  if (new_names.empty()) {
    new_names = rest;
  } else if (!rest.empty()) {
    return "unexpected argument \"" + rest.front() + "\" beside --after";
  }
  if (old_names.empty() || new_names.empty())
    return "two captures are needed: BEFORE AFTER, or --before A... --after B...";
  if (gates.before.empty() && gates.baseline.empty() && new_names.size() > 1)
    return "several captures a side need --before and --after";
  if (std::string error = expand_paths(old_names, before); !error.empty()) return error;
  return expand_paths(new_names, after);
}

class Diff {
 public:
  Diff(const Invocation& invocation, Io& io) : invocation_(invocation), io_(io) {}

  int run() {
    std::string error = prepare();
    if (!error.empty()) errors_.push_back(error);
    for (const std::string& e : errors_) usage_error(invocation_, io_, e);
    if (!errors_.empty() || !load()) return kExitUnusable;
    CompareOptions options{.alpha = gates().alpha, .threshold = gates().threshold};
    if (!gates().per.empty()) options.per = gates().per.substr(gates().per.find(':') + 1);
    options.work_ns = typical(before_, &Diff::wall_of);
    options.interest = interest_in;
    options.absent_is_best = tells_no_problem_by_absence;
    DiffNotes notes{name(before_paths_),
                    name(after_paths_),
                    options,
                    before_.reports.size(),
                    after_.reports.size(),
                    0,
                    typical(before_, &Diff::length_of),
                    typical(after_, &Diff::length_of),
                    verdict_options(before_, after_),
                    more_notes()};
    std::vector<CheckResult> results;
    for (const Rule& rule : rules_) {
      for (CheckResult& r : check_change(rule, before_, after_, options.per, options.alpha)) {
        r.subject = notes.after;
        results.push_back(std::move(r));
      }
    }
    Joined joined(options.per);
    add_captures(before_, joined);
    add_captures(after_, joined);
    joined.join();
    const bool single = before_.reports.size() == 1 && after_.reports.size() == 1;
    if (single && !(add_slices(before_, 0, joined, notes.slices) &&
                    add_slices(after_, 1, joined, notes.slices)))
      return kExitUnusable;
    options.without_spread = single && notes.slices == 0;
    const Comparisons comparisons(std::move(joined), before_.reports.size(), options);
    return write_checks(diff_tables(comparisons, notes), results, code_, invocation_, io_);
  }

 private:
  const GateSettings& gates() const { return invocation_.settings.gates; }

  std::string prepare() {
    if (has_wall_window(invocation_.settings))
      return "--from and --to: two captures have no times of day in common; give times since the "
             "first event of each, such as 1.5s";
    if (auto error = default_requests(gates().passes, requests_); !error.empty())
      return "--passes: " + error;
    std::string error = sides_of(invocation_, before_paths_, after_paths_);
    if (!error.empty()) return error;
    if (!gates().per.empty()) work_ = work_figure(gates().per, error);
    if (!error.empty()) return error;
    Report empty = empty_report(requests_);
    if (!gates().per.empty()) empty.tables.push_back(work_table(0));
    for (const std::string& text : gates().fail_on) {
      Rule rule;
      error = parse_fail_on(text, empty, rule);
      if (!error.empty()) errors_.push_back("--fail-on: " + error);
      rules_.push_back(std::move(rule));
    }
    if (!errors_.empty()) return {};
    const Comparisons nothing;
    Report made{diff_tables(nothing, {})};
    if (!rules_.empty()) made.tables.push_back(checks_table({}));
    if (find_check_format(invocation_.settings.format) != nullptr) {
      return rules_.empty() ? "--format " + invocation_.settings.format +
                                  " is a list of checks, and there is none; give --fail-on "
                                  "'FIGURE > +10%', or take --format markdown for the comparison"
                            : "";
    }
    return arrange(made, invocation_.settings).value_or("");
  }

  bool load() {
    std::vector<std::string> paths = before_paths_;
    paths.insert(paths.end(), after_paths_.begin(), after_paths_.end());
    // One capture a side is read once more, for its slices.
    const bool keep = paths.size() == 2;
    std::vector<LoadedReport> all = load_reports(paths, invocation_.settings, requests_, keep);
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(before_paths_.size());
    before_.reports.assign(std::move_iterator(all.begin()), std::move_iterator(middle));
    after_.reports.assign(std::move_iterator(middle), std::move_iterator(all.end()));
    const bool usable = prepare_side(before_);
    return prepare_side(after_) && usable;
  }

  /// Tells what is wrong with the captures of a side, and finds by what to divide its figures.
  bool prepare_side(LoadedSide& into) {
    bool usable = true;
    for (LoadedReport& r : into.reports) {
      tell_faults(r, io_);
      usable &= r.code != kExitUnusable;
      code_ = std::max(code_, r.code);
      double divisor = r.seconds;
      if (!gates().per.empty()) r.report.tables.push_back(work_table(r.seconds));
      if (gates().per == "capture") divisor = 1;
      if (!work_.empty() && r.code != kExitUnusable) {
        divisor = work_in(r);
        if (divisor <= 0) {
          usage_error(
              invocation_, io_,
              "--per: there is no " + gates().per + " in " + r.path + similar_work(r.report));
          usable = false;
        }
      }
      into.divisors.push_back(divisor);
    }
    return usable;
  }

  /// Names of units of work that are in a capture, if any is like the one that is not.
  std::string similar_work(const Report& report) const {
    const size_t colon = gates().per.find(':');
    std::vector<std::string> known;
    for (const auto& [kind, table, column] : kUnitsOfWork) {
      if (gates().per.substr(0, colon) != kind) continue;
      ReportView view(report);
      const TableView rows = view.table(table, {column});
      for (size_t row = 0; row < rows.rows(); ++row) known.push_back(rows.text(row, column));
    }
    return did_you_mean(gates().per.substr(colon + 1), known);
  }

  /// What is compared of them is enough from then on: their rows go.
  static void add_captures(LoadedSide& side, Joined& joined) {
    for (size_t i = 0; i < side.reports.size(); ++i) {
      joined.add(side.reports[i].report, side.divisors[i]);
      side.reports[i].report = {};
    }
  }

  /// Units of work in a capture, without any the seconds.
  double work_in(const LoadedReport& r) const {
    if (work_.empty()) return r.seconds;
    const Figures work = find_figures(r.report, work_, r.seconds);
    return work.found.empty() ? 0 : number_in(work.found.front().value).value_or(0);
  }

  /// The same capture again, a part of its time each. False, and a message, if what was read before
  /// is not what can be read now.
  bool add_slices(const LoadedSide& side, size_t which, Joined& joined, size_t& most) {
    const LoadedReport& whole = side.reports.front();
    if (whole.file == nullptr || whole.seconds <= 0) return true;
    // A slice does not do the work of the whole.
    if (gates().per == "capture") return true;
    const auto length = static_cast<int64_t>(whole.seconds * 1e9);
    const int64_t from = invocation_.settings.from;
    std::vector<TimeWindow> windows;
    for (int64_t k = 0; k < kSlices; ++k)
      windows.push_back({from + length * k / kSlices, from + length * (k + 1) / kSlices});
    LoadedReport read = load_slices(
        whole, windows, invocation_.settings, requests_,
        [&](const LoadedReport& slice) { joined.add_slice(slice.report, work_in(slice), which); });
    // What was wrong with the capture before is told, and so is what was noted.
    const auto leave_out = [](std::vector<std::string>& texts,
                              const std::vector<std::string>& told) {
      std::erase_if(texts, [&](const auto& text) { return std::ranges::count(told, text) > 0; });
    };
    leave_out(read.warnings, whole.warnings);
    leave_out(read.notes, whole.notes);
    tell_faults(read, io_);
    code_ = std::max(code_, read.code);
    most = windows.size();
    return read.code != kExitUnusable;
  }

  std::vector<std::string> more_notes() const {
    std::vector<std::string> notes;
    for (const LoadedSide* side : {&before_, &after_}) {
      const LoadedReport& first = side->reports.front();
      if (first.not_kept.empty()) continue;
      notes.push_back(name({first.path}) +
                      " could be read only once, and there was no room to keep it (" +
                      first.not_kept + "): how its figures vary within it is not known");
    }
    size_t damaged = 0;
    std::map<std::string, size_t> tables;  // how many captures have it
    for (const LoadedSide* side : {&before_, &after_}) {
      for (const LoadedReport& r : side->reports) {
        damaged += r.code == kExitDamaged;
        for (const Table& table : r.report.tables) ++tables[table.id];
      }
    }
    const size_t all = before_.reports.size() + after_.reports.size();
    std::vector<std::string> lacking;
    for (const auto& [id, captures] : tables) {
      if (captures < all) lacking.push_back(id);
    }
    if (damaged > 0)
      notes.push_back(std::to_string(damaged) + " of " + std::to_string(all) +
                      " captures are damaged: what they lack may look like a change");
    if (!lacking.empty()) {
      constexpr size_t kMostNamed = 4;
      const size_t more = lacking.size() - std::min(kMostNamed, lacking.size());
      lacking.resize(lacking.size() - more);
      std::string names = joined(lacking);
      if (more > 0) names += " and " + std::to_string(more) + " more";
      notes.push_back("not compared, since a saved result lacks these tables: " + names);
    }
    return notes;
  }

  static double length_of(const LoadedSide& side, size_t i) { return side.reports[i].seconds; }
  static double wall_of(const LoadedSide& side, size_t i) {
    return side.divisors[i] > 0 ? side.reports[i].seconds * 1e9 / side.divisors[i] : 0;
  }
  static double typical(const LoadedSide& side, double (*of)(const LoadedSide&, size_t)) {
    std::vector<double> values;
    for (size_t i = 0; i < side.reports.size(); ++i) values.push_back(of(side, i));
    return median(values);
  }
  static std::string name(const std::vector<std::string>& paths) {
    const std::string first = paths.front() == "-" ? "standard input" : paths.front();
    return paths.size() == 1 ? first : first + " and " + std::to_string(paths.size() - 1) + " more";
  }

  const Invocation& invocation_;
  Io& io_;
  std::vector<PassRequest> requests_;
  std::vector<std::string> before_paths_, after_paths_;
  std::vector<Rule> rules_;
  std::vector<std::string> errors_;
  std::string work_;
  LoadedSide before_, after_;
  int code_ = kExitOk;
};

}  // namespace

int run_diff(const Invocation& invocation, Io& io) {
  Invocation own = invocation;
  const TableFormat* format = find_format(own.settings.format);
  if (format != nullptr && format->one_table && own.settings.table.empty())
    own.settings.table = "changes";
  return Diff(own, io).run();
}

}  // namespace tracetool
