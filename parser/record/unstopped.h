// Words for the usual cause of a capture that ends too early: its program never called trace.Stop.
#pragma once

#include <string_view>

namespace tracetool {

inline constexpr std::string_view kUnstopped = "was the program ended before trace.Stop()?";

}  // namespace tracetool
