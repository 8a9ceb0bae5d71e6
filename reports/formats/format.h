// The one entry to all formats.
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/json.h"
#include "reports/model/table.h"

namespace tracetool {

enum class Format : uint8_t { kText, kJson, kCsv, kMarkdown };

/// "text", "json", "csv", "markdown" in the order of Format.
const std::vector<std::string>& format_names();
std::optional<Format> parse_format(std::string_view name);

struct RenderOptions {
  Format format = Format::kText;
  std::string table = {};  // only this one; CSV needs it when there are several
  JsonHeader header = {};  // JSON only
  size_t width = 0;        // text only; 0 is as wide as it takes
  bool colour = false;     // text only
  size_t max_rows = 0;     // text and Markdown; 0 is all
  bool stacks = false;     // text and Markdown: all frames
  bool figures = false;    // text and Markdown: figures of plots too
  bool explain = false;    // text and Markdown: what tables and columns mean
  bool brief = false;      // text: do not name the columns that did not fit
};

/// Writes the report; or writes nothing and returns why the table asked for cannot be chosen.
[[nodiscard]] std::optional<std::string> render(const Report& report, const RenderOptions& options,
                                                std::ostream& out);

}  // namespace tracetool
