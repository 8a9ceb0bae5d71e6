// Values as users write them in options: durations, sizes, shares, numbers, lists. Every function
// answers with a message about what is wrong, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool {

using ValueError = std::optional<std::string>;

/// "1.5s", "10ms", "250us", "1min", "1m30s", "0": ns.
ValueError parse_duration(std::string_view text, int64_t& ns);
/// "64MiB", "1.5G", "512KiB", or a number of bytes.
ValueError parse_size(std::string_view text, uint64_t& bytes);
/// "12%" or "0.12": from 0 to 1.
ValueError parse_share(std::string_view text, double& share);
/// A whole number of at least 0.
ValueError parse_number(std::string_view text, uint64_t& number);
/// "1,5,18" appended to `numbers`.
ValueError parse_numbers(std::string_view text, std::vector<uint64_t>& numbers);
/// The parts between commas, blanks around them removed; empty parts are left out.
std::vector<std::string> split_list(std::string_view text);

}  // namespace tracetool
