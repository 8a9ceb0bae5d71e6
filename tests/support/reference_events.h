// The reference's events of a capture, for tests that compute a pass's figures a second time.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tracetool::test {

/// Events whose line holds one of `words`, in order, with times from the first event of the capture
/// on. Empty where the reference refuses the capture.
std::vector<nlohmann::json> reference_events_with(const std::filesystem::path& capture,
                                                  const std::vector<std::string>& words);

}  // namespace tracetool::test
