// Values of pass options. Each function sets `error` (naming the option) and answers false when the
// text makes no sense; an empty text leaves `value` as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>

#include "analyses/pass.h"

namespace tracetool {

/// "1.5s", "10ms", "250us", "1m30s", "0": ns.
bool read_duration(const PassOptions& options, const std::string& name, int64_t& value,
                   std::string& error);
bool read_number(const PassOptions& options, const std::string& name, uint64_t& value,
                 std::string& error);
/// A regular expression (ECMAScript), to be searched for.
bool read_regex(const PassOptions& options, const std::string& name,
                std::optional<std::regex>& value, std::string& error);
/// "64MiB", "512KiB", "1GiB", or a number of bytes.
bool read_size(const PassOptions& options, const std::string& name, uint64_t& value,
               std::string& error);
/// The bytes in such a text; nothing if it is no size.
std::optional<uint64_t> size_in(std::string_view text);
/// The duration in `text`; nothing if it is none.
std::optional<int64_t> duration_in(std::string_view text);

}  // namespace tracetool
