// Gives a fuzzed trace the header of one of a format's versions.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace tracetool::fuzz {

/// The bytes with a right header: their own one, or one that their 16th byte chooses.
inline std::vector<uint8_t> with_header(std::span<const uint8_t> data,
                                        std::span<const int> versions) {
  std::vector<uint8_t> bytes(data.begin(), data.end());
  const auto header = [](int version) {
    std::string text = "go 1." + std::to_string(version) + " trace";
    text.resize(16);
    return text;
  };
  for (int version : versions)
    if (std::ranges::equal(header(version), data.first(16),
                           [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }))
      return bytes;
  std::ranges::copy(header(versions[data[15] % versions.size()]), bytes.begin());
  return bytes;
}

}  // namespace tracetool::fuzz
