#include "reports/model/wall_columns.h"

#include <algorithm>
#include <string>

#include "reports/model/wall_time.h"

namespace tracetool {
namespace {

Column wall_column(const Column& moment, bool list) {
  Column column;
  column.id =
      moment.id.substr(0, moment.id.size() - (moment.id.ends_with("_ns") ? 3 : 0)) + "_wall";
  column.heading = moment.heading + ", wall clock";
  // A list shows what is important only, and this was asked for.
  column.rank = list ? 0 : moment.rank;
  column.help = "The same as a time of day, UTC.";
  return column;
}

/// The moments of a column as ns since 1970.
std::vector<std::optional<int64_t>> times_of(const Table& table, size_t column,
                                             const WallOf& wall) {
  std::vector<std::optional<int64_t>> times;
  times.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    const int64_t* ns = column < row.size() ? std::get_if<int64_t>(&row[column]) : nullptr;
    times.push_back(ns == nullptr ? std::nullopt : wall(*ns));
  }
  return times;
}

int64_t day_of(int64_t unix_ns) { return unix_ns / kDayNs - (unix_ns % kDayNs < 0); }

void add_to(Table& table, const WallOf& wall, bool iso) {
  const bool curve = table.layout == Layout::kPlot || table.layout == Layout::kLogPlot;
  std::vector<size_t> moments;
  std::vector<std::vector<std::optional<int64_t>>> times;
  std::optional<int64_t> first;
  bool one_day = !iso;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].unit != Unit::kTime) continue;
    moments.push_back(c);
    times.push_back(times_of(table, c, wall));
    for (const auto& time : times.back()) {
      if (!time) continue;
      if (!first) first = time;
      one_day &= day_of(*time) == day_of(*first);
    }
  }
  const auto text = [&](int64_t time) {
    return iso ? iso_time(time) : readable_time(time).substr(one_day ? 11 : 0);
  };
  // From the last to the first, so that positions before it stay right.
  for (size_t i = moments.size(); i-- > 0;) {
    const size_t at = curve ? table.columns.size() : moments[i] + 1;
    const auto place = static_cast<std::ptrdiff_t>(at);
    table.columns.insert(table.columns.begin() + place,
                         wall_column(table.columns[moments[i]], table.layout == Layout::kList));
    for (size_t row = 0; row < table.rows.size(); ++row) {
      auto& cells = table.rows[row];
      if (cells.size() < at) cells.resize(at);
      const auto& time = times[i][row];
      const auto cell = cells.emplace(cells.begin() + place);
      if (time) *cell = text(*time);
    }
  }
  if (first && one_day)
    table.notes.push_back("wall clock: of " + readable_time(*first).substr(0, 10) + ", UTC");
}

}  // namespace

void add_wall_columns(Report& report, const WallOf& wall, bool iso) {
  for (Table& table : report.tables) add_to(table, wall, iso);
}

}  // namespace tracetool
