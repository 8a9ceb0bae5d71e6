#include "reports/overview.h"

#include <algorithm>
#include <string>

namespace tracetool {

void shorten(Report& report) {
  std::string empty, details;
  const auto name = [](std::string& list, const Table& table) {
    list += (list.empty() ? "" : ", ") + table.id;
  };
  for (const Table& table : report.tables) {
    if (table.rows.empty()) {
      name(empty, table);
    } else if (table.detail) {
      name(details, table);
    }
  }
  std::erase_if(report.tables,
                [](const Table& table) { return table.rows.empty() || table.detail; });
  if (empty.empty() && details.empty()) return;
  Table rest{.id = "not_shown", .title = "Not shown", .layout = Layout::kRecord};
  rest.rows.emplace_back();
  if (!details.empty()) rest.notes.push_back("with --full or --table ID: " + details);
  if (!empty.empty()) rest.notes.push_back("nothing there: " + empty);
  report.tables.push_back(std::move(rest));
}

}  // namespace tracetool
