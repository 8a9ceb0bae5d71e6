// Every committed capture, event by event, against what Go's own reader made of it.
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/app.h"
#include "tests/support/files.h"

namespace tracetool::test {
namespace {

std::vector<std::string> events_of(const std::filesystem::path& capture, int& code) {
  std::ostringstream out, err;
  code = run({"events", capture.string(), "--format", "jsonl"}, out, err, Terminal{});
  return lines_of(out.str());
}

void replace(std::string& line, const std::string& from, const std::string& to) {
  const size_t at = line.find(from);
  if (at != std::string::npos) line.replace(at, from.size(), to);
}

/// Format 1: what we knowingly do better than the reference (docs/format1.md) is taken back.
void undo_format1_fixes(std::vector<std::string>& ours) {
  // The first GOMAXPROCS value, which the reference drops.
  for (auto it = ours.begin(); it != ours.end(); ++it) {
    if (it->find("/sched/gomaxprocs:threads") == std::string::npos) continue;
    ours.erase(it);
    break;
  }
  for (std::string& line : ours) {
    // It gives a parentless task the parent 0 at its end, if it saw the task begin.
    if (line.find("\"TaskEnd\"") != std::string::npos && !line.ends_with("\"type\":\"\"}"))
      replace(line, "\"parent\":18446744073709551615", "\"parent\":0");
    replace(line, "stop-the-world (unknown)", "stop-the-world ()");
  }
}

}  // namespace

TEST_CASE("every capture gives the reference's events") {
  size_t captures = 0, rejected = 0, events = 0;
  for (const auto& capture : capture_files()) {
    const std::vector<std::string> expected = lines_of(unpack(beside(capture, "events.jsonl")));
    INFO(capture.string());
    REQUIRE(!expected.empty());
    ++captures;
    int code = -1;
    std::vector<std::string> ours = events_of(capture, code);
    if (expected[0].starts_with("{\"error\"")) {
      // What the reference rejects as inconsistent is reported as such.
      CHECK(code == kExitDamaged);
      ++rejected;
      continue;
    }
    CHECK(code == kExitOk);
    const std::string folder = capture.parent_path().filename().string();
    const bool format1 = folder == "go1.11" || folder == "go1.19" || folder == "go1.21";
    if (format1) undo_format1_fixes(ours);
    events += expected.size();
    for (size_t i = 0; i < std::min(ours.size(), expected.size()); ++i) {
      if (ours[i] == expected[i]) continue;
      INFO("event " << i);
      REQUIRE(ours[i] == expected[i]);
    }
    CHECK(ours.size() == expected.size());
  }
  // The loop above really ran.
  CHECK(captures == kCommittedCaptures);
  CHECK(rejected == kRejectedCaptures);
  CHECK(events == 332'963);
}

}  // namespace tracetool::test
