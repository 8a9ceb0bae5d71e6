// The tables of the leaks pass.
#include "analyses/passes/leaks/leak_tables.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "analyses/go/stack_place.h"
#include "analyses/go/wait_kind.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"
#include "analyses/measure/stack_twins.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

struct Summary : LeakGroup {
  const LeakResults* results = nullptr;
  int64_t peak = 0;
  int64_t compared = 0, outliving = 0;  // of all groups of which some ended
  Cell slope = {}, mean = {};
  std::string verdict = {};
};

struct GroupRow : LeakGroup {
  const LeakResults* results = nullptr;
  // Where most of those that are there wait.
  StringId reason = 0;
  StackId stack = 0;
  int64_t alike = 0;
};

struct StepRow {
  int64_t time;
  LoadCurve::Step step;
};

template <class Row>
Cell per_second(const Row& r) {
  return ratio_cell(real(r.created - r.ended) * 1e9, real(r.results->length));
}

/// What a group and all of them have in common.
template <class Row>
void add_count_columns(Columns<Row>& c) {
  append(c, {{count("created", "Created", 1, "Created in the capture."), of<&Row::created>},
             {count("ended", "Ended", 2, "Ended in the capture."), of<&Row::ended>},
             {standing(count("still_there", "There", 0, "There at the end of the capture.")),
              of<&Row::there>},
             {standing(cost_count("net", "Net", 0, "Created less ended.")),
              [](const Row& r) -> Cell { return r.created - r.ended; }},
             {level("net_per_second", "Net per second", 4,
                    "Created less ended, per second of the capture.", Unit::kPerSecond),
              per_second<Row>},
             {standing(cost_count("never_ran", "Never ran", 2,
                                  "There at the end, created in the capture, did not run.")),
              of<&Row::never_ran>},
             {standing(cost_count("blocked_since_start", "Blocked since start", 2,
                                  "There at the end and blocked without a break: since their first "
                                  "run, or, if they existed before, for the whole capture.")),
              of<&Row::stuck>},
             {standing(count(
                  "existed", "Existed", 3,
                  "Existed when the capture began, or when it went on after a part that is lost.")),
              of<&Row::existed>},
             {standing(count("lost", "Lost", 6, "There when a part of the capture is missing.")),
              of<&Row::lost>}});
}

Columns<Summary> summary_columns() {
  using Row = Summary;
  Columns<Row> c = {
      {info("at_begin", "At begin", Unit::kCount, 0, "Goroutines when the capture began.",
            Role::kStat),
       [](const Row& r) -> Cell { return r.results->at_begin; }},
      {info("at_end", "At end", Unit::kCount, 0, "Goroutines when it ended.", Role::kStat),
       of<&Row::there>},
      {info("peak", "Most", Unit::kCount, 0, "The most at any time.", Role::kMax), of<&Row::peak>},
      {info("mean", "Mean", Unit::kCount, 0, "Mean over time.", Role::kStat), of<&Row::mean>},
      {level("slope_per_second", "Slope per second", 0,
             "Of the straight line that fits the curve best: unlike the net growth it does not "
             "hang on the two ends alone.",
             Unit::kPerSecond),
       of<&Row::slope>}};
  add_count_columns(c);
  c.push_back(
      {text("verdict", "Verdict", 0, "What the curve tells: growing, not growing, unclear."),
       of<&Row::verdict>});
  return c;
}

/// Rows that would read the same are one.
std::vector<LeakGroup> merged(const LeakResults& results) {
  StackTwins twins(results.stacks);
  std::map<std::tuple<StringId, StackId, bool>, LeakGroup> groups;
  for (const LeakGroup& g : results.groups) {
    const StackId creation = twins[g.creation];
    LeakGroup& to =
        groups
            .try_emplace({g.name, creation, g.older},
                         LeakGroup{.name = g.name, .creation = creation, .older = g.older})
            .first->second;
    to.add(g);
    for (const auto& [wait, count] : g.waits) to.waits[{wait.first, twins[wait.second]}] += count;
  }
  std::vector<LeakGroup> out;
  out.reserve(groups.size());
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

Cell place_cell(const LeakResults& results, StackId stack) {
  return text_cell(caller_in(results.stacks.tables(), stack));
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {
      {start_location(),
       [](const Row& r) -> Cell { return name_or_unknown(r.results->stacks.tables(), r.name); }},
      {text("created_in", "Created in", 1,
            "Function with the go statement; none if they existed before the capture."),
       [](const Row& r) { return place_cell(*r.results, r.creation); }}};
  add_count_columns(c);
  append(c,
         {{text("waits_for", "Waits for", 0, "What most of those that are there wait for."),
           [](const Row& r) -> Cell {
             if (r.alike == 0) return {};
             const Tables& tables = r.results->stacks.tables();
             if (r.reason == kInSyscall) return syscall_name(tables, r.stack);
             if (r.reason == 0) return std::string("(unknown)");
             return waited_for(tables, tables.string(r.reason), r.stack);
           }},
          {text("blocked_in", "In", 3,
                "Innermost function of that stack outside the standard library's plumbing."),
           [](const Row& r) { return place_cell(*r.results, r.stack); }},
          {info("blocked_alike", "Alike", Unit::kCount, 5, "How many wait for that on that stack."),
           of<&Row::alike>}});
  c.push_back(
      {info("oldest_ns", "Oldest", Unit::kNanoseconds, 3,
            "Age of the oldest that is there, as far as it lies in the capture.", Role::kMax),
       [](const Row& r) -> Cell { return r.there == 0 ? Cell() : Cell(r.oldest()); }});
  append(c, {{info("outlived", "Outlived", Unit::kCount, 2,
                   "Of those that are there, how many are older than any of them that ended; none "
                   "if none ended."),
              [](const Row& r) -> Cell { return r.comparable() ? Cell(r.outlived()) : Cell(); }},
             {info("longest_life_ns", "Longest life", Unit::kNanoseconds, 6,
                   "Of those that were created and ended in the capture.", Role::kMax),
              [](const Row& r) -> Cell {
                return r.older || r.ended == 0 ? Cell() : Cell(r.longest_life);
              }},
             {stack("Where they were created."),
              [](const Row& r) -> Cell { return r.results->stacks(r.creation); }},
             {text("blocked_stack", "Blocked stack", 6, "Where most of those that are there wait."),
              [](const Row& r) -> Cell { return r.results->stacks(r.stack); }}});
  return c;
}

const Columns<StepRow> kStepColumns = {
    {step_time(), of<&StepRow::time>},
    {level("goroutines", "Goroutines", 0, "Mean over the step.", Unit::kCount),
     [](const StepRow& r) { return ratio_cell(r.step.area, real(r.step.length)); }},
    {info("goroutines_max", "Most", Unit::kCount, 1, "The most at any time of the step.",
          Role::kMax),
     [](const StepRow& r) -> Cell { return r.step.peak; }},
};

/// Least squares over the steps, each as heavy as it is long.
Cell slope_of(const LoadCurve& curve) {
  double weight = 0, sum_t = 0, sum_n = 0;
  const auto each = [&](auto f) {
    double begin = 0;
    for (const LoadCurve::Step& s : curve.steps()) {
      const double length = real(s.length) / 1e9;
      f(length, begin + length / 2, s.area / real(s.length));
      begin += length;
    }
  };
  each([&](double w, double t, double n) {
    weight += w;
    sum_t += w * t;
    sum_n += w * n;
  });
  double cross = 0, square = 0;
  each([&](double w, double t, double n) {
    cross += w * (t - sum_t / weight) * (n - sum_n / weight);
    square += w * (t - sum_t / weight) * (t - sum_t / weight);
  });
  return square <= 0 ? Cell() : Cell(cross / square);
}

/// Means of the four quarters of the curve; false if it is too short for them.
bool quarters_of(const LoadCurve& curve, std::array<double, 4>& means) {
  const size_t steps = curve.steps().size();
  if (steps < 8) return false;
  for (size_t q = 0; q < 4; ++q) {
    double area = 0;
    int64_t length = 0;
    for (size_t i = q * steps / 4; i < (q + 1) * steps / 4; ++i) {
      area += curve.steps()[i].area;
      length += curve.steps()[i].length;
    }
    means[q] = area / real(length);
  }
  return true;
}

void judge(const LeakResults& results, Summary& sum, std::vector<std::string>& notes) {
  std::array<double, 4> q{};
  const bool judged = !results.gaps && quarters_of(results.count, q);
  const bool rises = q[0] < q[1] && q[1] < q[2] && q[2] < q[3];
  // What is much less than what comes and goes is no growth.
  const int64_t net = sum.there - results.at_begin;
  if (!judged) {
    sum.verdict = "unclear";
  } else if (net <= 0) {
    sum.verdict = "not growing";
  } else {
    sum.verdict = rises ? "growing" : "unclear";
  }
  if (rises && judged && net > 0)
    notes.emplace_back("each quarter of the capture has more goroutines than the one before it");
  notes.push_back("a capture of " + format_duration(real(results.length)) +
                  " cannot tell a leak from goroutines that live longer than it");
  if (sum.compared > 0) {
    notes.push_back("of " + std::to_string(sum.compared) +
                    " that are there, others created in the same place ended; " +
                    std::to_string(sum.outliving) + " are older than any of those");
  }
  if (sum.existed > 0)
    notes.push_back(std::to_string(sum.existed) +
                    " goroutines existed before: where they were created is not known");
  if (results.gaps)
    notes.emplace_back("parts of the capture are missing: no slope, and no verdict");
  if (results.scoped)
    notes.emplace_back("--task and --region do not apply: all goroutines are counted");
}

}  // namespace

void add_leak_tables(const LeakResults& results, Report& report) {
  Summary sum;
  sum.results = &results;
  std::vector<GroupRow> rows;
  for (LeakGroup& g : merged(results)) {
    sum.add(g);
    if (g.comparable()) {
      sum.compared += g.there;
      sum.outliving += g.outlived();
    }
    GroupRow row{std::move(g), &results};
    for (const auto& [wait, count] : row.waits) {
      if (count <= row.alike) continue;
      row.alike = count;
      row.reason = wait.first;
      row.stack = wait.second;
    }
    rows.push_back(std::move(row));
  }
  // Shown by growth; those of equal growth by how many there are.
  std::ranges::stable_sort(rows, std::ranges::greater(), &GroupRow::there);
  const LoadCurve::Step total = results.count.total();
  sum.peak = total.peak;
  sum.mean = ratio_cell(total.area, real(total.length));
  if (!results.gaps) sum.slope = slope_of(results.count);

  Table growth{.id = "goroutine_growth",
               .title = "Number of goroutines",
               .help = "Existed + created = ended + there + lost.",
               .layout = Layout::kRecord};
  judge(results, sum, growth.notes);
  fill(growth, summary_columns(), std::vector<Summary>{sum});
  report.tables.push_back(std::move(growth));

  std::vector<StepRow> steps;
  int64_t time = results.count.begin();
  for (const LoadCurve::Step& step : results.count.steps()) {
    steps.push_back({time, step});
    time += step.length;
  }
  Table curve{.id = "goroutine_growth_curve",
              .title = "Goroutines over time",
              .help = "Those that the filters select.",
              .layout = Layout::kPlot};
  fill(curve, kStepColumns, steps);
  report.tables.push_back(std::move(curve));

  Table leaks{.id = "leaks",
              .title = "Goroutines by where they were created",
              .help = "In each row existed + created = ended + there + lost.",
              .sort_by = "net"};
  fill(leaks, group_columns(), rows);
  report.tables.push_back(std::move(leaks));
}

}  // namespace tracetool
