#include "cli/io/report_output.h"

#include <algorithm>
#include <map>

#include "cli/io/capture_run.h"
#include "cli/io/damage_table.h"
#include "cli/io/terminal.h"
#include "cli/options/exit_code.h"
#include "parser/model/wire_version.h"
#include "reports/formats/format.h"
#include "reports/model/overview.h"
#include "reports/model/table_ops.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr size_t kDefaultRows = 20;
constexpr size_t kOverviewRows = 10;
constexpr size_t kDefaultWidth = 100;

bool is_list(const Table& table) {
  return table.layout == Layout::kRows || table.layout == Layout::kIds;
}

/// What the user may have meant, and where that is; else which columns there are.
std::string no_table_has(const Report& report, const std::string& name) {
  std::vector<std::string> ids;
  std::map<std::string, std::string> tables;  // by column
  for (const Table& table : report.tables) {
    if (!is_list(table)) continue;
    for (const Column& column : table.columns) {
      std::string& list = tables[column.id];
      if (list.empty()) ids.push_back(column.id);
      list += (list.empty() ? "" : ", ") + table.id;
    }
  }
  std::vector<std::string> near = closest(name, ids);
  for (std::string& id : near) id += " is in " + tables[id];
  // Of all analyses together there are hundreds.
  constexpr size_t kMany = 60;
  const std::string all =
      ids.size() > kMany ? "--explain tells those of every table" : "columns: " + joined(ids);
  return "no table has a column \"" + name + "\"" + did_you_mean(name, ids) + " (" +
         (near.empty() ? all : joined(near, "; ")) + ")";
}

/// Sorts every table that has the column; it is an error if none has.
std::optional<std::string> sort_tables(Report& report, const Settings& settings) {
  const Table* first = nullptr;
  size_t lists = 0;
  bool sorted = false;
  for (Table& table : report.tables) {
    if (!is_list(table)) continue;
    if (first == nullptr) first = &table;
    ++lists;
    if (!find_column(table, settings.sort)) continue;
    if (auto error = sort(table, settings.sort, !settings.ascending)) return "--sort: " + *error;
    sorted = true;
  }
  if (sorted) return std::nullopt;
  if (first == nullptr) return "--sort: there is no list to sort";
  return "--sort: " +
         (lists == 1 ? unknown_column(*first, settings.sort) : no_table_has(report, settings.sort));
}

/// The same with what is only known when all was read.
JsonHeader json_header(const TraceReader& reader, const Invocation& invocation) {
  const CaptureFacts& facts = reader.facts();
  JsonHeader header = input_header(reader, invocation);
  const auto of_all = [&](const char* name, int64_t value) {
    header.fields.emplace_back(name, facts.stopped_early ? Cell() : Cell(value));
  };
  of_all("bytes", static_cast<int64_t>(facts.bytes));
  of_all("events", static_cast<int64_t>(facts.events));
  of_all("duration_ns", facts.duration);
  if (facts.stopped_early) header.fields.emplace_back("read_ns", facts.duration);
  header.faults = fault_texts(facts);
  return header;
}

/// Whether what is written is the short form of a long report.
bool is_overview(const Invocation& invocation) {
  const Settings& s = invocation.settings;
  return (invocation.command->flags & kFlagsOverview) && !s.full && s.table.empty() &&
         find_format(s.format)->for_people;
}

RenderOptions render_options(JsonHeader header, const Invocation& invocation, const Io& io) {
  const Settings& s = invocation.settings;
  const bool to_terminal = s.output.empty() && io.terminal.out_is_terminal;
  RenderOptions options;
  options.format = find_format(s.format);
  options.table = s.table;
  if (!options.format->for_people) options.header = std::move(header);
  const size_t told = io.terminal.columns > 0 ? io.terminal.columns : kDefaultWidth;
  const size_t known = to_terminal && io.terminal.width > 0 ? io.terminal.width : told;
  options.width = s.width ? static_cast<size_t>(*s.width) : known;
  options.colour = wants_colour(invocation, io);
  options.brief = is_overview(invocation);
  options.max_rows = s.top ? 0 : options.brief ? kOverviewRows : kDefaultRows;
  options.stacks = s.stacks;
  options.figures = s.figures;
  options.explain = s.explain;
  return options;
}

}  // namespace

JsonHeader input_header(const TraceReader& reader, const Invocation& invocation) {
  const CaptureFacts& facts = reader.facts();
  const char* releases = releases_of(facts.version);
  JsonHeader header;
  const auto add = [&](const char* name, Cell value) {
    header.fields.emplace_back(name, std::move(value));
  };
  add("tool_version", TRACETOOL_VERSION);
  add("command", invocation.command->name);
  add("input", invocation.path);
  add("format", "go 1." + std::to_string(facts.version));
  add("releases", releases == nullptr ? "" : releases);
  add("packing", name_of(reader.packing()));
  Cell file_bytes;
  if (reader.file_bytes() > 0) file_bytes = static_cast<int64_t>(reader.file_bytes());
  add("file_bytes", std::move(file_bytes));
  return header;
}

std::vector<std::string> fault_texts(const CaptureFacts& facts) {
  std::vector<std::string> texts;
  for (const Fault& fault : facts.faults) {
    if (fault.kind != FaultKind::kNote) texts.push_back(shown(fault));
  }
  return texts;
}

bool wants_colour(const Invocation& invocation, const Io& io) {
  const Settings& s = invocation.settings;
  const bool to_terminal = s.output.empty() && io.terminal.out_is_terminal;
  return s.color == Settings::Color::kAlways ||
         (s.color == Settings::Color::kAuto && to_terminal && !io.terminal.no_color);
}

std::optional<std::string> arrange(Report& report, const Settings& settings) {
  if (!settings.table.empty() || find_format(settings.format)->one_table) {
    const TableChoice choice = choose_table(report, settings.table);
    if (choice.table == nullptr) return "--table: " + choice.error;
    Table chosen = *choice.table;
    report.tables.clear();
    report.tables.push_back(std::move(chosen));
  }
  if (!settings.sort.empty()) {
    if (auto error = sort_tables(report, settings)) return error;
  }
  if (settings.top && *settings.top > 0) {
    for (Table& table : report.tables) {
      if (is_list(table)) top(table, static_cast<size_t>(*settings.top));
    }
  }
  if (settings.columns.empty()) return std::nullopt;
  if (report.tables.size() != 1) return "--columns: choose a table with --table first";
  if (auto error = select_columns(report.tables.front(), settings.columns))
    return "--columns: " + *error;
  return std::nullopt;
}

int usage_error(const Invocation& invocation, Io& io, const std::string& message) {
  io.err << "tracetool " << invocation.command->name << ": " << clean(message) << "\n";
  return kExitUnusable;
}

int write_report(Report& report, const TraceReader& reader, const Invocation& invocation, Io& io) {
  const int read = report_faults(reader, invocation, io);
  if (read == kExitUnusable) return read;
  return write_report(report, reader, read, invocation, io);
}

int write_report(Report& report, const TraceReader& reader, int code, const Invocation& invocation,
                 Io& io) {
  return write_made(report, json_header(reader, invocation), code, invocation, io);
}

int write_made(Report& report, JsonHeader header, int code, const Invocation& invocation, Io& io) {
  if (auto error = arrange(report, invocation.settings)) return usage_error(invocation, io, *error);
  if (header.fields.empty()) {
    header.fields = {{"tool_version", TRACETOOL_VERSION}, {"command", invocation.command->name}};
  }
  header.selection = invocation.settings.selected;
  if (is_overview(invocation)) shorten(report);
  const RenderOptions options = render_options(std::move(header), invocation, io);
  if (options.format->for_people) {
    for (Table& table : report.tables)
      make_rows(table, options.max_rows == 0 ? SIZE_MAX : options.max_rows);
  }
  const int written = with_output(invocation, io, [&](std::ostream& out) {
    const auto error = render(report, options, out);
    return error ? usage_error(invocation, io, *error) : code;
  });
  if (written == kExitUnusable) return written;
  if (!report.nothing_selected.empty())
    io.err << "tracetool " << invocation.command->name << ": " << clean(report.nothing_selected)
           << "\n";
  for (const std::string& check : report.failed_checks)
    io.err << "tracetool: check failed: " << clean(check) << "\n";
  return report.failed_checks.empty() ? written : kExitCheckFailed;
}

}  // namespace tracetool
