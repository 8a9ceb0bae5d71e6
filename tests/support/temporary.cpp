#include "tests/support/temporary.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

namespace tracetool::test {

namespace fs = std::filesystem;

Folder::Folder(const std::string& name) {
  static std::atomic<int> number = 0;
  path_ = fs::temp_directory_path() /
          ("tracetool-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + "-" + name);
  fs::remove_all(path_);
  fs::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(path_ / name, std::ios::binary) << bytes;
  return *this / name;
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::string scratch(const std::string& name) {
  static const Folder folder("scratch");
  return folder / name;
}

std::string scratch(const std::string& name, std::string_view bytes) {
  std::ofstream(scratch(name), std::ios::binary) << bytes;
  return scratch(name);
}

std::string scratch(const std::string& name, std::span<const uint8_t> bytes) {
  return scratch(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace tracetool::test
