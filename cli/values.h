// Values as users write them: durations, numbers, lists. Every function answers with a message
// about what is wrong, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool {

using ValueError = std::optional<std::string>;

/// "1.5s", "10ms", "250us", "1m30s", "0": ns.
ValueError parse_duration(std::string_view text, int64_t& ns);
/// A whole number of at least 0.
ValueError parse_number(std::string_view text, uint64_t& number);
/// "1,5,18" appended to `numbers`.
ValueError parse_numbers(std::string_view text, std::vector<uint64_t>& numbers);
/// The parts between commas, blanks around them removed; empty parts are left out.
std::vector<std::string> split_list(std::string_view text);

}  // namespace tracetool
