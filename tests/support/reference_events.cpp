#include "tests/support/reference_events.h"

#include <algorithm>

#include "tests/support/files.h"

namespace tracetool::test {

using nlohmann::json;

std::vector<json> reference_events_with(const std::filesystem::path& capture,
                                        const std::vector<std::string>& words) {
  std::vector<json> events;
  const std::vector<std::string> lines = lines_of(unpack(beside(capture, "events.jsonl")));
  if (lines.empty() || lines[0].starts_with("{\"error\"")) return events;
  const auto origin = json::parse(lines[0])["time"].get<int64_t>();
  for (const std::string& line : lines) {
    const auto in_line = [&](const std::string& word) {
      return line.find(word) != std::string::npos;
    };
    if (!std::ranges::any_of(words, in_line)) continue;
    events.push_back(json::parse(line));
    events.back()["time"] = events.back()["time"].get<int64_t>() - origin;
  }
  return events;
}

}  // namespace tracetool::test
