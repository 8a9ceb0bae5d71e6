#include "parser/input/capture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tracetool {
namespace {

/// A new file that is gone when it is closed, -1 and errno if there is no room for one.
int open_nameless(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  std::string name = folder + "/tracetool-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

std::string temporary_folder() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<Fault> fault_of(FileChange change, uint64_t used_bytes) {
  switch (change) {
    case FileChange::kGrew:
      return Fault{FaultKind::kTruncated, "the file grew while it was read; used are the " +
                                              std::to_string(used_bytes) +
                                              " bytes that it had at first"};
    case FileChange::kWritten:
      return Fault{FaultKind::kInvalid,
                   "the file was written to while it was read; its parts may not belong together"};
    case FileChange::kReplaced:
      return Fault{FaultKind::kInvalid,
                   "another file took its place while it was read; the results are of the old one"};
    case FileChange::kNone:
    case FileChange::kSpoiled:
      break;
  }
  return std::nullopt;
}

CaptureFile::CaptureFile(Descriptor fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {
  struct stat about {};
  if (::fstat(fd_.get(), &about) != 0) return;
  size_ = static_cast<uint64_t>(about.st_size);
  device_ = about.st_dev;
  inode_ = about.st_ino;
  written_ = about.st_mtim;
  read(0, head_);
}

int64_t CaptureFile::read(uint64_t offset, std::span<uint8_t> into) const {
  if (offset >= size_) return 0;
  const size_t want = std::min<uint64_t>(into.size(), size_ - offset);
  for (;;) {
    const ssize_t n = ::pread(fd_.get(), into.data(), want, static_cast<off_t>(offset));
    if (n >= 0 || errno != EINTR) return n;
  }
}

FileChange CaptureFile::change() const {
  struct stat now {};
  if (path_.empty() || ::fstat(fd_.get(), &now) != 0) return FileChange::kNone;
  const auto size = static_cast<uint64_t>(now.st_size);
  std::array<uint8_t, 512> head{};
  read(0, head);
  if (size < size_ || head != head_) return FileChange::kSpoiled;
  if (size > size_) return FileChange::kGrew;
  if (now.st_mtim.tv_sec != written_.tv_sec || now.st_mtim.tv_nsec != written_.tv_nsec)
    return FileChange::kWritten;
  struct stat named {};
  if (::stat(path_.c_str(), &named) == 0 && (named.st_dev != device_ || named.st_ino != inode_))
    return FileChange::kReplaced;
  return FileChange::kNone;
}

void KeptStream::add(std::span<const uint8_t> bytes) {
  if (!error_.empty()) return;
  const std::string folder = fd_.get() < 0 ? temporary_folder() : "";
  if (fd_.get() < 0) fd_ = Descriptor(open_nameless(folder));
  while (fd_.get() >= 0 && !bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) break;
    if (n > 0) bytes = bytes.subspan(static_cast<size_t>(n));
  }
  if (fd_.get() >= 0 && bytes.empty()) return;
  error_ = std::strerror(errno);
  fd_ = Descriptor();
}

std::shared_ptr<const CaptureFile> KeptStream::file() {
  if (!error_.empty() || fd_.get() < 0) return nullptr;
  return std::make_shared<CaptureFile>(std::move(fd_), "");
}

}  // namespace tracetool
