#pragma once

#include <string>
#include <string_view>

namespace tracetool {

/// Appends a quoted JSON string just as Go's encoding/json writes it without HTML escaping, so that
/// `events` can be compared byte by byte with what a Go program prints.
void append_go_json(std::string& out, std::string_view text);

}  // namespace tracetool
