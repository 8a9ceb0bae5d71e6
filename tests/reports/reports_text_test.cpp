#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "reports/formats/plot.h"
#include "reports/formats/text.h"
#include "reports/model/table_ops.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

using namespace tracetool;

namespace {

Table sample() {
  Table table;
  table.id = "goroutines";
  table.title = "Goroutines by start";
  table.help = "Where goroutines began.";
  table.columns = {
      {"start", "Start", Unit::kNone, Role::kKey, Better::kNeither, false, 0, "the function"},
      {"count", "Count", Unit::kCount, Role::kSum},
      {"exec_ns", "Exec", Unit::kNanoseconds, Role::kSum, Better::kLower, true, 1},
      {"wait_ns", "Sched wait", Unit::kNanoseconds, Role::kSum, Better::kLower, true, 3},
      {"share", "Share", Unit::kRatio, Role::kStat, Better::kNeither, false, 2}};
  table.rows = {{"main.worker", int64_t{12}, int64_t{1230000000}, int64_t{45600000}, 0.123},
                {"runtime.gcBgMarkWorker", int64_t{123456}, int64_t{789000}, Cell(), 0.9}};
  return table;
}

std::string text(const Table& table, const RenderOptions& options = {}) {
  std::ostringstream out;
  write_text(out, table, options);
  return out.str();
}

// Lines without colours, after checking what holds for every output.
std::vector<std::string> checked_lines(const std::string& written, size_t width) {
  std::string plain;
  for (size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\x1b') {
      i = written.find('m', i);
    } else {
      plain += written[i];
    }
  }
  std::vector<std::string> lines;
  std::istringstream in(plain);
  for (std::string line; std::getline(in, line);) {
    INFO(line);
    CHECK((line.empty() || line.back() != ' '));
    CHECK((width == 0 || display_width(line) <= width));
    CHECK(clean(line) == line);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("rows whose texts look the same are told apart if their stacks differ") {
  Table table;
  table.id = "waits";
  table.columns = {{.id = "where", .heading = "Where", .role = Role::kKey},
                   {.id = "count", .heading = "Count", .unit = Unit::kCount, .role = Role::kSum},
                   {.id = "stack", .heading = "Stack", .role = Role::kKey, .rank = 5}};
  const auto row = [](const char* where, int64_t n, const char* caller) {
    return std::vector<Cell>{where, n, StackCell{"sync.(*Mutex).Lock mutex.go:46", caller}};
  };
  table.rows = {row("main.(*counter).count", 3, "main.a a.go:1"),
                row("main.other", 2, "main.c c.go:1"),
                row("main.(*counter).count", 1, "main.b b.go:1")};
  const auto lines = checked_lines(text(table, {.width = 32}), 32);
  REQUIRE(lines.size() >= 6);
  CHECK(lines[2] == "main.(*counter).count #1      3");
  CHECK(lines[3] == "main.other                    2");
  CHECK(lines[4] == "main.(*counter).count #2      1");
  CHECK(text(table, {.width = 32, .stacks = true}).find('#') == std::string::npos);
  // With no stack to show, or with something that names the row, there is nothing to tell.
  Table numbered = table;
  numbered.columns[1].role = Role::kId;
  CHECK(text(numbered, {.width = 32}).find('#') == std::string::npos);
  for (auto& cells : table.rows) cells[2] = Cell();
  CHECK(text(table, {.width = 32}).find('#') == std::string::npos);
}

TEST_CASE("text lines up", "[reports]") {
  Table table = sample();
  table.notes = {"12 goroutines were still running at the end"};
  CHECK(text(table) ==
        "Goroutines by start\n"
        "Start                     Count   Exec  Sched wait  Share\n"
        "main.worker                  12  1.23s      45.6ms  12.3%\n"
        "runtime.gcBgMarkWorker  123,456  789µs           -  90.0%\n"
        "note: 12 goroutines were still running at the end\n");
  table.sort_by = "count";
  table.notes.clear();
  CHECK(text(table, {.max_rows = 1}) ==
        "Goroutines by start\n"
        "Start                     Count   Exec  Sched wait  Share\n"
        "runtime.gcBgMarkWorker  123,456  789µs           -  90.0%\n"
        "1 more row\n");
  CHECK(text(table, {.colour = true}).substr(0, 28) == "\x1b[1mGoroutines by start\x1b[0m\n");
  top(table, 1);
  CHECK(text(table).find("\nother (1)                    12") != std::string::npos);
}

TEST_CASE("narrow text drops columns by rank, then shortens names", "[reports]") {
  CHECK(text(sample(), {.width = 50}) ==
        "Goroutines by start\n"
        "Start                     Count   Exec  Share\n"
        "main.worker                  12  1.23s  12.3%\n"
        "runtime.gcBgMarkWorker  123,456  789µs  90.0%\n"
        "left out to fit 50 columns: Sched wait\n");
  CHECK(text(sample(), {.width = 30}) ==
        "Goroutines by start\n"
        "Start                    Count\n"
        "main.worker                 12\n"
        "runtime.gc…MarkWorker  123,456\n"
        "left out to fit 30 columns:\n"
        "Exec, Sched wait, Share\n");
}

TEST_CASE("rows that cannot stand side by side are written one below the other", "[reports]") {
  Table table = sample();
  for (Column& column : table.columns) column.rank = 0;
  table.rows.resize(1);
  CHECK(text(table, {.width = 24}) ==
        "Goroutines by start\n"
        "Start       main.worker\n"
        "Count       12\n"
        "Exec        1.23s\n"
        "Sched wait  45.6ms\n"
        "Share       12.3%\n");
}

TEST_CASE("records, stacks, explanations", "[reports]") {
  Table table = sample();
  table.layout = Layout::kRecord;
  table.rows.resize(1);
  table.rows[0][0] = StackCell{"main.f /src/a.go:1", "main.main /src/a.go:9"};
  CHECK(text(table, {.stacks = true, .explain = true}) ==
        "Goroutines by start\n"
        "Where goroutines began. Table goroutines.\n"
        "Start       main.f a.go:1\n"
        "Count       12\n"
        "Exec        1.23s\n"
        "Sched wait  45.6ms\n"
        "Share       12.3%\n"
        "    main.f /src/a.go:1\n"
        "    main.main /src/a.go:9\n"
        "  Start (start): the function\n"
        "  Count (count)\n"
        "  Exec (exec_ns)\n"
        "  Sched wait (wait_ns)\n"
        "  Share (share)\n");
  table.layout = Layout::kRows;
  CHECK(text(table, {.stacks = true}) ==
        "Goroutines by start\n"
        "Start          Count   Exec  Sched wait  Share\n"
        "main.f a.go:1     12  1.23s      45.6ms  12.3%\n"
        "    main.f /src/a.go:1\n"
        "    main.main /src/a.go:9\n");
}

TEST_CASE("empty tables and reports", "[reports]") {
  Table table;
  table.id = "empty";
  for (const Layout layout : {Layout::kRows, Layout::kRecord, Layout::kPlot, Layout::kLogPlot}) {
    table.layout = layout;
    CHECK(text(table) == "empty\n(none)\n");
  }
  table.rows = {{}, {}};  // rows without columns
  for (const Layout layout : {Layout::kRows, Layout::kRecord, Layout::kPlot, Layout::kLogPlot}) {
    table.layout = layout;
    checked_lines(text(table), 0);
  }
  std::ostringstream out;
  write_text(out, Report{{}});
  CHECK(out.str().empty());
  table.rows.clear();
  write_text(out, Report{{table, table}});
  CHECK(out.str() == "empty\n(none)\n\nempty\n(none)\n");
}

TEST_CASE("no line is wider than asked or carries control characters", "[reports]") {
  Table table = sample();
  table.title =
      "A title \x1b]0;owned\x07 that is long enough to be wrapped when the terminal is narrow";
  table.notes = {std::string(300, 'n'), "\x1b[2J\xff words and more words, so that it wraps"};
  table.rows.push_back({std::string(500, 'x'), int64_t{1}, 1e300, 1e-300, -1e300});
  table.rows.push_back({"日本語の関数名がとても長いので短くする必要がある関数.実行", int64_t{-1},
                        NAN, INFINITY, 0.0});
  table.rows.push_back({"\x1b[31mred\n\xe2\x80\xae \xff\xfe\t", Cell(), Cell(), Cell(), Cell()});
  table.rows.push_back(
      {StackCell{std::string(200, 'f') + " /" + std::string(200, 'p') + "/x.go:1", "\x1b[0m", ""},
       Cell(), "text in a column of numbers", Cell()});
  for (const Layout layout : {Layout::kRows, Layout::kRecord, Layout::kPlot}) {
    table.layout = layout;
    for (const size_t width : {0, 24, 31, 40, 80, 100, 160}) {
      const RenderOptions options{.width = width,
                                  .colour = width % 80 == 0,
                                  .stacks = true,
                                  .figures = true,
                                  .explain = true};
      CAPTURE(width);
      CHECK(checked_lines(text(table, options), width).size() > 5);
    }
  }
}

TEST_CASE("curves keep to the width and show where they go", "[reports]") {
  Table table;
  table.title = "Heap";
  table.layout = Layout::kPlot;
  table.columns = {{"time_ns", "Time", Unit::kTime}, {"heap_bytes", "Heap", Unit::kBytes}};
  for (int64_t i = 0; i <= 1024; ++i) table.rows.push_back({i * 1000000, i << 10});
  for (const size_t width : {0, 24, 40, 80, 160}) {
    CAPTURE(width);
    const auto lines = checked_lines(text(table, {.width = width}), width == 0 ? 80 : width);
    REQUIRE(lines.size() == 17);
    CHECK(lines[1] == "Heap");
    CHECK(lines[2].substr(0, 7) == "1.00MiB");
    CHECK(lines[11].substr(0, 7) == " 256KiB");
    CHECK(lines[14].substr(0, 7) == "     0B");
    CHECK(lines[15].find("0") < 10);
    CHECK(lines[16].find("Time") != std::string::npos);
    // A rising curve: no row reaches further left than the one below it.
    for (size_t i = 3; i < 14; ++i) CHECK(display_width(lines[i]) >= display_width(lines[i - 1]));
  }
  CHECK(text(table, {.figures = true}).find("1.000000s") != std::string::npos);
}

TEST_CASE("a limit to a curve is a line across it", "[reports]") {
  Table table;
  table.layout = Layout::kPlot;
  table.columns = {{"time_ns", "Time", Unit::kTime},
                   {"live_bytes", "Live", Unit::kBytes},
                   {"goal_bytes", "Goal", Unit::kBytes}};
  for (int64_t i = 0; i <= 60; ++i)
    table.rows.push_back({i * 1000, int64_t{600}, i < 20 ? Cell() : Cell(int64_t{900})});
  const auto lines = plot(table, 80);
  CHECK(lines[0] == "Live, ─ Goal");
  CHECK(lines[1].substr(0, 5) == "1000B");
  // 900 of 1000 is in the second of twelve rows, from a third of the width on.
  CHECK(lines[2].find("─") > 25);
  CHECK(lines[2].ends_with("────"));
  CHECK(lines[3].find("─") == std::string::npos);
  CHECK(lines[6].ends_with("████"));
  // Of another unit, not of role info, or far away it is no line.
  const auto drawn = [&] { return plot(table, 80)[0] != "Live"; };
  table.columns[2].unit = Unit::kCount;
  CHECK_FALSE(drawn());
  table.columns[2] = {.id = "goal", .heading = "Goal", .unit = Unit::kBytes, .role = Role::kStat};
  CHECK_FALSE(drawn());
  table.columns[2].role = Role::kInfo;
  CHECK(drawn());
  for (auto& row : table.rows) row[2] = int64_t{2401};
  CHECK_FALSE(drawn());
}

TEST_CASE("logarithmic curves have a tick a decade", "[reports]") {
  Table table;
  table.layout = Layout::kLogPlot;
  table.columns = {{"window_ns", "Window", Unit::kNanoseconds}, {"mmu", "MMU", Unit::kRatio}};
  table.rows.push_back({int64_t{0}, 0.5});
  for (double e = 3; e <= 9; ++e) table.rows.push_back({std::pow(10.0, e), (e - 3) / 6});
  const auto lines = plot(table, 80);
  REQUIRE(lines.size() == 17);
  CHECK(lines[1].substr(0, 5) == " 100%");
  CHECK(lines[7].substr(0, 5) == "50.0%");
  for (const char* label : {"1.00µs", "100µs", "1.00ms", "10.0ms", "100ms", "1.00s"}) {
    CHECK(lines[14].find(label) != std::string::npos);
  }
  CHECK(lines[15].find("Window (logarithmic)") != std::string::npos);
  CHECK(lines[16] == "not drawn: 1 at or below 0, where the axis cannot reach");
}

TEST_CASE("an axis goes from the least to the most, and has some length", "[reports]") {
  Table table;
  table.layout = Layout::kPlot;
  table.columns = {{"time_ns", "Time", Unit::kTime}, {"y", "Y", Unit::kCount}};
  const auto ends = [&](int64_t first, int64_t last) {
    table.rows = {{int64_t{0}, first}, {int64_t{1000}, last}};
    const auto lines = plot(table, 80);
    const auto label = [](const std::string& line) {
      return line.substr(0, line.find_first_not_of("-0123456789 "));
    };
    return label(lines.at(1)) + "|" + label(lines.at(13));
  };
  CHECK(ends(-5, 7) == " 8 |-8 ");
  CHECK(ends(-5, -3) == " 0 |-8 ");
  CHECK(ends(3, 7) == "8 |0 ");
  CHECK(ends(0, 0) == "4 |0 ");
}

TEST_CASE("odd curves do no harm", "[reports]") {
  Table table;
  table.columns = {{"x", "X", Unit::kTime}, {"y", "Y", Unit::kCount}};
  const std::vector<std::vector<std::vector<Cell>>> cases = {
      {{int64_t{5}, int64_t{0}}},
      {{int64_t{5}, int64_t{3}}, {int64_t{5}, int64_t{9}}},
      {{int64_t{0}, int64_t{-5}}, {int64_t{9}, int64_t{5}}},
      {{int64_t{0}, int64_t{-5}}, {int64_t{9}, int64_t{-1}}},
      {{0.0, 1.0}, {1.0, Cell()}, {2.0, 1.0}},
      {{1e-320, 1e-320}, {2e-320, 3e-320}},
      {{-1e308, 1e308}, {1e308, -1e308}},
      {{1e300, 1.0}, {1e300, 1e18}},
      {{9.0e18, 1.0}, {9.0e18 + 4096, 2.0}},
      {{NAN, 1.0}, {INFINITY, 1.0}, {1.0, NAN}},
      {{"text", 1.0}, {1.0}},
  };
  for (const Layout layout : {Layout::kPlot, Layout::kLogPlot}) {
    for (const Unit unit : {Unit::kTime, Unit::kBytes, Unit::kCount, Unit::kRatio, Unit::kNone}) {
      for (size_t i = 0; i < cases.size(); ++i) {
        CAPTURE(i, name_of(unit));
        table.layout = layout;
        table.columns[0].unit = table.columns[1].unit = unit;
        table.rows = cases[i];
        checked_lines(text(table, {.width = 40}), 40);
      }
    }
  }
}
