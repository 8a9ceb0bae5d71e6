#include "tests/support/pass_run.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "parser/input/byte_source.h"
#include "tests/support/files.h"
#include "tests/support/reference_events.h"

namespace tracetool::test {
namespace {

namespace fs = std::filesystem;

PassOptions filled(const PassInfo& pass, const Options& given) {
  PassOptions options;
  for (const PassOption& o : pass.options) options.set(o.name, o.default_value);
  for (const auto& [name, value] : given) options.set(name, value);
  return options;
}

Report run(Input input, const PassInfo& pass, const Options& options, RunOptions run) {
  TraceReader reader(std::move(input), {});
  const auto fault = reader.open();
  if (fault) FAIL(fault->message);
  run.threads = 1;
  Report report;
  const std::string error = run_passes(reader, run, {{&pass, filled(pass, options)}}, report);
  if (!error.empty()) FAIL(error);
  return report;
}

}  // namespace

const std::vector<fs::path>& captures() {
  static const std::vector<fs::path> kAll = capture_files();
  return kAll;
}

fs::path capture(const std::string& release, const std::string& name) {
  return fs::path(TRACETOOL_TESTDATA "/captures") / release / (name + ".trace.zst");
}

nlohmann::json answers(const fs::path& capture) {
  return nlohmann::json::parse(unpack(beside(capture, "answers.json")));
}

Report run_file(const fs::path& path, const PassInfo& pass, const Options& options,
                RunOptions run_options) {
  Input input;
  const auto fault = open_input(path.string(), {.own_thread = false}, input);
  if (fault) FAIL(fault->message);
  return run(std::move(input), pass, options, std::move(run_options));
}

Report run_bytes(const Bytes& bytes, const PassInfo& pass, const Options& options,
                 RunOptions run_options) {
  Input input;
  const auto fault = open_memory(bytes, {.own_thread = false}, input);
  if (fault) FAIL(fault->message);
  return run(std::move(input), pass, options, std::move(run_options));
}

std::optional<Regex> regex(const std::string& pattern) {
  std::string error;
  auto made = Regex::of(pattern, error);
  if (!made) FAIL(error);
  return made;
}

std::string refusal(const PassInfo& pass, const Options& options) {
  const Tables tables;
  const GoroutineFilter filter;
  const GoroutineIndex goroutines(tables, filter);
  const RunContext context{tables, goroutines};
  std::string error;
  CHECK(pass.make(context, filled(pass, options), error) == nullptr);
  return error;
}

const Table& table(const Report& report, const std::string& id) {
  const auto it = std::ranges::find(report.tables, id, &Table::id);
  if (it == report.tables.end()) FAIL("no table " << id);
  return *it;
}

std::string cell(const Table& table, size_t row, const std::string& column) {
  const auto it = std::ranges::find(table.columns, column, &Column::id);
  if (it == table.columns.end()) FAIL("no column " << column);
  const Cell& c = table.rows.at(row).at(static_cast<size_t>(it - table.columns.begin()));
  if (const auto* i = std::get_if<int64_t>(&c)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&c)) return nlohmann::json(*d).dump();
  if (const auto* s = std::get_if<std::string>(&c)) return *s;
  const auto* stack = std::get_if<StackCell>(&c);
  if (stack == nullptr || stack->empty()) return "-";
  std::string out;
  for (const FrameCell& frame : *stack) out += (out.empty() ? "" : "<") + *frame.function;
  return out;
}

std::vector<std::string> rows(const Table& table, const std::vector<std::string>& columns) {
  std::vector<std::string> out;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    std::string line;
    for (const std::string& column : columns)
      line += (line.empty() ? "" : "|") + cell(table, i, column);
    out.push_back(std::move(line));
  }
  return out;
}

int64_t sum(const Table& table, const std::string& column) {
  int64_t sum = 0;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const std::string text = cell(table, i, column);
    if (text != "-") sum += std::stoll(text);
  }
  return sum;
}

std::vector<RunOptions> halves(const fs::path& capture) {
  const auto events = reference_events_with(capture, {""});
  REQUIRE(events.size() > 2);
  const auto time = [&](size_t i) { return events[i]["time"].get<int64_t>(); };
  size_t middle = events.size() / 2;
  while (time(middle + 1) - time(middle) < 2) ++middle;
  std::vector<RunOptions> two(2);
  two[0].to = two[1].from = time(middle) + 1;
  return two;
}

}  // namespace tracetool::test
