// What adds up in the tables of the passes: two halves of a capture make the whole, and a table
// that is cut short closes with a row for the rest.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "reports/model/table_ops.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

const std::set<std::string> kPasses = {"blocking", "gc",  "goroutines",  "logs",    "mmu",
                                       "sched",    "stw", "parallelism", "regions", "tasks"};

/// Sums of time that do not add up over halves, and why.
const std::set<std::string> kNotAdditive = {
    "gc_assist.running_ns",          // of groups that assisted, in this half
    "parallelism.serial_phases_ns",  // a phase that is cut may be too short for one
    "sched_worst.all_busy_ns",       // of the 20 longest waits
    "sched_worst.stw_ns",            //
    "sched_worst.idle_ns",           //
    "serial_phases.serial_ns",       // of the 20 longest phases
    "tasks.total_ns",                // of complete tasks: what is cut has no duration
    "tasks.outside_ns",              //
};
bool of_the_slowest(const Table& t) { return t.id == "task_list"; }

/// Counts of what has no length: nothing is cut, and both halves have it or neither.
const std::set<std::string> kCounted = {"log_categories.count", "log_messages.count",
                                        "stw_totals.open_count"};

bool adds_up(const Table& t, const Column& c) {
  if (c.role != Role::kSum || of_the_slowest(t)) return false;
  const std::string name = t.id + "." + c.id;
  if (kCounted.contains(name)) return true;
  return c.unit == Unit::kNanoseconds && !kNotAdditive.contains(name);
}

/// The reference cannot order it, so that there is nothing that tells where to cut.
bool cannot_be_cut(const std::filesystem::path& path) {
  return path == capture("go1.19", "cgocallback");
}

/// Both halves in one read. Where the first one is read alone, reading ends early, and what goes on
/// behind that counts as open.
std::vector<Report> both_halves(const std::filesystem::path& path, const PassInfo& pass,
                                const std::vector<RunOptions>& two) {
  Input input;
  REQUIRE(!open_input(path.string(), {.own_thread = false}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE(!reader.open());
  PassOptions options;
  for (const PassOption& o : pass.options) options.set(o.name, o.default_value);
  options.set("--open", "1");
  RunOptions run;
  run.threads = 1;
  std::vector<TimeWindow> windows;
  for (const RunOptions& half : two) windows.push_back({half.from, half.to});
  std::vector<Report> reports;
  run_windows(reader, run, windows, {{&pass, options}},
              [&](size_t, Report&& report) { reports.push_back(std::move(report)); });
  return reports;
}

}  // namespace

TEST_CASE("sums: two halves of a capture make the whole, in every pass", "[sums]") {
  std::set<std::string> compared;
  for (const auto& path : captures()) {
    if (cannot_be_cut(path)) continue;
    INFO(path.string());
    const auto two = halves(path);
    for (const PassInfo* pass : all_passes()) {
      if (!kPasses.contains(pass->name)) continue;
      const Report whole = run_file(path, *pass, {{"--open", "1"}});
      const std::vector<Report> both = both_halves(path, *pass, two);
      const Report &first = both.at(0), &second = both.at(1);
      for (const Table& t : whole.tables) {
        for (const Column& c : t.columns) {
          if (!adds_up(t, c)) continue;
          const std::string name = t.id + "." + c.id;
          INFO(name);
          const int64_t all = sum(t, c.id);
          CHECK(sum(table(first, t.id), c.id) + sum(table(second, t.id), c.id) == all);
          if (all > 0) compared.insert(name);
        }
      }
    }
  }
  CHECK(compared.size() > 100);
}

TEST_CASE("sums: mutator time lost, over two halves", "[sums]") {
  const auto* const mmu = *std::ranges::find(all_passes(), std::string("mmu"), &PassInfo::name);
  double lost = 0;
  for (const auto& path : captures()) {
    if (cannot_be_cut(path)) continue;
    INFO(path.string());
    const auto lost_in = [&](const RunOptions& run) {
      const std::string text =
          cell(table(run_file(path, *mmu, {}, run), "mmu_summary"), 0, "lost_ns");
      return text == "-" ? 0 : std::stod(text);
    };
    const auto two = halves(path);
    const double all = lost_in({});
    CHECK(lost_in(two[0]) + lost_in(two[1]) == Approx(all).margin(1e-3));
    lost += all;
  }
  CHECK(lost > 1e8);
}

TEST_CASE("sums: --top keeps them in every table of every pass", "[sums]") {
  size_t cut = 0;
  for (const auto& name : {"http", "gcassist", "nestedtasks", "cpuprofile", "runtimegc", "leak"}) {
    const auto path = capture("go1.27", name);
    INFO(path.string());
    for (const PassInfo* pass : all_passes()) {
      for (const Table& whole : run_file(path, *pass, {}).tables) {
        if (whole.layout != Layout::kRows || whole.rows.size() < 2) continue;
        INFO(whole.id);
        Table shorter = whole;
        top(shorter, 1);
        REQUIRE(shorter.rows.size() == 2);
        ++cut;
        for (size_t c = 0; c < whole.columns.size(); ++c) {
          const Column& column = whole.columns[c];
          INFO(column.id);
          if (column.role != Role::kSum) continue;
          const bool real = std::ranges::any_of(
              whole.rows, [&](const auto& row) { return std::holds_alternative<double>(row[c]); });
          if (!real) CHECK(sum(shorter, column.id) == sum(whole, column.id));
        }
      }
    }
  }
  CHECK(cut > 100);
}

TEST_CASE("sums: each system call begins in one half, and loses its P in one", "[sums]") {
  for (const char* release : {"go1.19", "go1.22", "go1.26"}) {
    const auto path = capture(release, "syscalls");
    INFO(path.string());
    const PassInfo& pass =
        **std::ranges::find(all_passes(), std::string("threads"), &PassInfo::name);
    const Report whole = run_file(path, pass, {});
    const std::vector<Report> both = both_halves(path, pass, halves(path));
    for (const char* column : {"syscalls", "lost_p"}) {
      const auto of = [&](const Report& report) { return sum(table(report, "threads"), column); };
      CHECK(of(whole) > 0);
      CHECK(of(both.at(0)) + of(both.at(1)) == of(whole));
    }
  }
}
