// A trace that is longer than any ring of blocks.
#pragma once

#include <string>

namespace tracetool::test {

/// Some 9,000 events a generation, each of about 30 KB.
std::string long_trace(int generations);
std::string zstd_packed(const std::string& bytes);

}  // namespace tracetool::test
