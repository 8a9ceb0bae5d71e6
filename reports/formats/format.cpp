#include "reports/formats/format.h"

#include "reports/formats/csv.h"
#include "reports/formats/json.h"
#include "reports/formats/markdown.h"
#include "reports/formats/text.h"
#include "reports/model/table_ops.h"

namespace tracetool {
namespace {

constexpr const TableFormat* kFormats[] = {&text_format, &json_format, &csv_format,
                                           &markdown_format};

}  // namespace

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const TableFormat* format : kFormats) names.emplace_back(format->name);
  return names;
}

const TableFormat* find_format(std::string_view name) {
  for (const TableFormat* format : kFormats) {
    if (format->name == name) return format;
  }
  return nullptr;
}

std::optional<std::string> render(const Report& report, const RenderOptions& options,
                                  std::ostream& out) {
  if (options.table.empty() && !options.format->one_table) {
    options.format->write(out, report, options);
    return std::nullopt;
  }
  const TableChoice choice = choose_table(report, options.table);
  if (choice.table == nullptr) return choice.error;
  options.format->write(out, Report{{*choice.table}}, options);
  return std::nullopt;
}

}  // namespace tracetool
