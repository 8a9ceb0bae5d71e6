// Text in a field of CSV (RFC 4180), safe for spreadsheets and build services.
#pragma once

#include <string>
#include <string_view>

namespace tracetool {

/// Text as it stands in a field, before quotes. Line breaks and tabs are kept, other control
/// characters and invalid UTF-8 are made visible. What a spreadsheet would take for a formula, or
/// a build service for a command, has a ' before it; so has what begins with one.
std::string csv_safe(std::string_view text);
/// The same with the quotes that it needs.
std::string csv_text(std::string_view text);

}  // namespace tracetool
