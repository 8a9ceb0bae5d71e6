#include "tests/support/files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "parser/input/byte_source.h"

namespace tracetool::test {

namespace fs = std::filesystem;

std::string unpack(const fs::path& path) {
  Input input;
  const auto fault = open_input(path.string(), {}, input);
  if (fault) FAIL(fault->describe());
  std::string out;
  for (;;) {
    const auto bytes = input.source->look(1);
    if (bytes.empty()) break;
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    input.source->advance(bytes.size());
    input.source->release();
  }
  if (const auto end = input.source->fault()) FAIL(end->describe());
  return out;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) FAIL("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<fs::path> capture_files(const std::string& folder) {
  std::vector<fs::path> out;
  const fs::path root = fs::path(TRACETOOL_TESTDATA) / "captures" / folder;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().string().ends_with(".trace.zst")) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

fs::path beside(const fs::path& capture, const std::string& what) {
  std::string name = capture.string();
  name.resize(name.size() - std::string("trace.zst").size());
  return name + what + ".zst";
}

}  // namespace tracetool::test
