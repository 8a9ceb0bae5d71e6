// Files of testdata/, unpacked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tracetool::test {

/// All bytes of a file, unpacked if it is zstd or gzip. Fails the test if it cannot be read.
std::string unpack(const std::filesystem::path& path);
/// All bytes of a file as they are.
std::string read_file(const std::filesystem::path& path);
/// Lines without their ends.
std::vector<std::string> lines_of(const std::string& text);
/// All committed captures (*.trace.zst), sorted; of one folder ("go1.27") if it is given.
std::vector<std::filesystem::path> capture_files(const std::string& folder = "");
/// How many there are: a capture that is lost is not to go unnoticed, nor one without its answers.
inline constexpr size_t kCommittedCaptures = 279;
/// Captures that the reference rejects, so that it has no answers (testdata/README.md).
inline constexpr size_t kRejectedCaptures = 1;
/// The reference's answer beside a capture: "events.jsonl" or "answers.json".
std::filesystem::path beside(const std::filesystem::path& capture, const std::string& what);

}  // namespace tracetool::test
