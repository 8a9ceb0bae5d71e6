// The one entry to all formats.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/table_format.h"

namespace tracetool {

/// "text", "json", "csv", "markdown".
std::vector<std::string> format_names();
/// nullptr if none has that name.
const TableFormat* find_format(std::string_view name);

/// Writes the report; or writes nothing and returns why the table asked for cannot be chosen.
[[nodiscard]] std::optional<std::string> render(const Report& report, const RenderOptions& options,
                                                std::ostream& out);

}  // namespace tracetool
