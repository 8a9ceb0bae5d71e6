// Files of testdata/, unpacked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool::test {

/// All bytes of a file, unpacked if it is zstd or gzip. Fails the test if it cannot be read.
std::string unpack(const std::filesystem::path& path);
/// All bytes of a file as they are.
std::string read_file(const std::filesystem::path& path);
/// Where a test may write: in a folder of this process, which is gone at its end.
std::string scratch(const std::string& name);
/// Writes a file there and answers with its path.
std::string scratch(const std::string& name, std::string_view bytes);
std::string scratch(const std::string& name, std::span<const uint8_t> bytes);
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
