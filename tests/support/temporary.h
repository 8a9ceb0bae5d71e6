// Files and folders that are gone when their owner is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool::test {

/// A new one with a path of its own, whose last part ends in `name`.
class Folder {
 public:
  explicit Folder(const std::string& name);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }
  /// Writes a file and answers with its path.
  std::string write(const std::string& name, const std::string& bytes) const;
  /// Names of all files, hidden ones too, sorted.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

/// `name` is its last part.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : folder_(name), path_(folder_.write(name, content)) {}
  std::string path() const { return path_; }

 private:
  Folder folder_;
  std::string path_;
};

/// Where a test may write: in a folder of this process, which is gone at its end.
std::string scratch(const std::string& name);
/// Writes a file there and answers with its path.
std::string scratch(const std::string& name, std::string_view bytes);
std::string scratch(const std::string& name, std::span<const uint8_t> bytes);

}  // namespace tracetool::test
