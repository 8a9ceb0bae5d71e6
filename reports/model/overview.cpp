#include "reports/model/overview.h"

#include <algorithm>
#include <string>

namespace tracetool {
namespace {

/// Of a list of what is wrong it is good to know that it is empty.
bool is_empty(const Table& table) { return table.rows.empty() && table.layout != Layout::kList; }

}  // namespace

void shorten(Report& report) {
  std::string empty, details;
  const auto name = [](std::string& list, const Table& table) {
    list += (list.empty() ? "" : ", ") + table.id;
  };
  for (const Table& table : report.tables) {
    if (is_empty(table)) {
      name(empty, table);
    } else if (table.detail) {
      name(details, table);
    }
  }
  std::erase_if(report.tables, [](const Table& table) { return is_empty(table) || table.detail; });
  if (empty.empty() && details.empty()) return;
  Table rest{.id = "not_shown", .title = "Not shown", .layout = Layout::kRecord};
  rest.rows.emplace_back();
  if (!details.empty()) rest.notes.push_back("with --full or --table ID: " + details);
  if (!empty.empty()) rest.notes.push_back("nothing there: " + empty);
  report.tables.push_back(std::move(rest));
}

}  // namespace tracetool
