#include "reports/formats/format.h"

#include "reports/formats/csv.h"
#include "reports/formats/markdown.h"
#include "reports/formats/text.h"
#include "reports/model/table_ops.h"

namespace tracetool {

const std::vector<std::string>& format_names() {
  static const std::vector<std::string> kNames = {"text", "json", "csv", "markdown"};
  return kNames;
}

std::optional<Format> parse_format(std::string_view name) {
  for (size_t i = 0; i < format_names().size(); ++i) {
    if (format_names()[i] == name) return static_cast<Format>(i);
  }
  return std::nullopt;
}

std::optional<std::string> render(const Report& report, const RenderOptions& options,
                                  std::ostream& out) {
  const Table* only = nullptr;
  if (!options.table.empty() || options.format == Format::kCsv) {
    const TableChoice choice = choose_table(report, options.table);
    if (choice.table == nullptr) return choice.error;
    only = choice.table;
  }
  switch (options.format) {
    case Format::kText: {
      const TextOptions text{.width = options.width,
                             .colour = options.colour,
                             .max_rows = options.max_rows,
                             .stacks = options.stacks,
                             .figures = options.figures,
                             .explain = options.explain,
                             .brief = options.brief};
      only != nullptr ? write_text(out, *only, text) : write_text(out, report, text);
      break;
    }
    case Format::kJson:
      only != nullptr ? write_json(out, Report{{*only}}, options.header)
                      : write_json(out, report, options.header);
      break;
    case Format::kCsv:
      write_csv(out, *only);
      break;
    case Format::kMarkdown: {
      const MarkdownOptions markdown{.max_rows = options.max_rows,
                                     .stacks = options.stacks,
                                     .figures = options.figures,
                                     .explain = options.explain};
      only != nullptr ? write_markdown(out, *only, markdown)
                      : write_markdown(out, report, markdown);
      break;
    }
  }
  return std::nullopt;
}

}  // namespace tracetool
