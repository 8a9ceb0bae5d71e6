// The file of a capture, open for as often as it has to be read: everybody sees the same bytes of
// the same file, whatever happens to it or its name meanwhile, or it is noticed.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "parser/model/fault.h"

namespace tracetool {

/// An open file descriptor, -1 for none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

/// What happened to a file while it was read.
enum class FileChange : uint8_t {
  kNone,
  kGrew,
  kWritten,   // in place, or only touched
  kReplaced,  // another file has its name now
  kSpoiled,   // cut, or another content
};
/// How results of such a file are to be told; none for kNone and kSpoiled, which has no results.
std::optional<Fault> fault_of(FileChange change, uint64_t used_bytes);

/// The bytes that a regular file had when it was opened.
class CaptureFile {
 public:
  CaptureFile(Descriptor fd, std::string path);

  uint64_t size() const { return size_; }
  /// As read(2): the number of bytes, 0 at the end, -1 and errno.
  int64_t read(uint64_t offset, std::span<uint8_t> into) const;
  FileChange change() const;

 private:
  Descriptor fd_;
  std::string path_;  // "" if it has no name
  uint64_t size_ = 0, device_ = 0, inode_ = 0;
  timespec written_{};
  std::array<uint8_t, 512> head_{};
};

/// Keeps what can be read only once in a file without a name, as it passes by.
class KeptStream {
 public:
  /// Whether they could be kept; after the first failure nothing is.
  void add(std::span<const uint8_t> bytes);
  /// What was kept until now, once nobody adds any more; nullptr if there was no room.
  std::shared_ptr<const CaptureFile> file();
  /// Why there is none.
  const std::string& error() const { return error_; }

 private:
  Descriptor fd_;
  std::string error_;
};

}  // namespace tracetool
