#include "cli/io/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "parser/threads/signals_held.h"

namespace tracetool {
namespace {

namespace fs = std::filesystem;

/// The file that is not finished yet; there is at most one. Plain memory, as a signal's handler
/// reads it.
std::array<char, PATH_MAX> unfinished;
std::atomic<bool> is_unfinished = false;

/// Signals that end a program which does not catch them.
constexpr std::array kEndings = {SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGXCPU, SIGUSR1,
                                 SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR};
std::array<struct sigaction, kEndings.size()> usual_actions;

extern "C" void end_by_signal(int signal) {
  remove_unfinished_output();
  ::raise(signal);  // the usual action is back already (SA_RESETHAND)
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = end_by_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (size_t i = 0; i < kEndings.size(); ++i) {
    ::sigaction(kEndings[i], nullptr, &usual_actions[i]);
    // What is ignored, as nohup wants it, or caught by others stays so.
    if (usual_actions[i].sa_handler == SIG_DFL) ::sigaction(kEndings[i], &action, nullptr);
  }
}

void release_signals() {
  for (size_t i = 0; i < kEndings.size(); ++i) {
    if (usual_actions[i].sa_handler == SIG_DFL)
      ::sigaction(kEndings[i], &usual_actions[i], nullptr);
  }
}

/// Where the links lead, be there a file or not. Nothing for what a process has open, such as
/// /dev/stdout: it is that which is written, whatever its name.
std::optional<fs::path> behind_links(const std::string& path) {
  constexpr int kMostLinks = 40;
  fs::path at = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(at, error); ++i) {
    const fs::path folder = at.has_parent_path() ? at.parent_path() : ".";
    if (fs::canonical(folder, error).string().starts_with("/proc/")) return std::nullopt;
    const fs::path target = fs::read_symlink(at, error);
    if (error) break;
    at = target.is_absolute() ? target : at.parent_path() / target;
  }
  return at;
}

/// Those that end the program.
sigset_t endings() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : kEndings) ::sigaddset(&signals, signal);
  return signals;
}

/// Writes what is in one file over what is in another, as soon as there is sure to be room for it.
/// Answers what went wrong, as errno.
int write_over(const std::string& from, const std::string& to) {
  std::error_code error;
  const auto size = static_cast<off_t>(fs::file_size(from, error));
  if (error) return error.value();
  std::ifstream in(from, std::ios::binary);
  if (!in) return EIO;
  const int fd = ::open(to.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  FdBuf buffer(fd, true);
  const off_t before = ::lseek(fd, 0, SEEK_END);
  const SignalsHeld held(endings());
  if (const int no_room = size > before ? ::posix_fallocate(fd, 0, size) : 0; no_room != 0) {
    (void)::ftruncate(fd, before);
    return no_room;
  }
  ::lseek(fd, 0, SEEK_SET);
  std::ostream out(&buffer);
  if (size > 0) out << in.rdbuf();
  out.flush();
  // Reading may fail, too: what is there has to be all of it.
  const bool complete = ::lseek(fd, 0, SEEK_CUR) == size;
  if (buffer.error() == 0 && !complete) return EIO;
  if (!buffer.close()) return buffer.error();
  return ::truncate(to.c_str(), size) == 0 ? 0 : errno;
}

/// What a path such as /dev/stdout stands for, anew; -1 if it is nothing that this process has
/// open.
int duplicate_own(const std::string& path) {
  std::error_code error;
  const fs::path own = fs::canonical("/proc/self/fd", error);
  fs::path at = path;
  for (int i = 0; i < 40 && fs::is_symlink(at, error); ++i) {
    const fs::path folder = at.has_parent_path() ? at.parent_path() : ".";
    if (fs::canonical(folder, error) == own)
      return ::fcntl(std::atoi(at.filename().c_str()), F_DUPFD_CLOEXEC, 0);
    const fs::path target = fs::read_symlink(at, error);
    at = target.is_absolute() ? target : folder / target;
  }
  return -1;
}

/// A name that no other file has.
std::string new_name() {
  uint64_t random = 0;
  if (::getentropy(&random, sizeof random) != 0) random = static_cast<uint64_t>(::getpid());
  return ".tracetool-" + std::to_string(random) + ".tmp";
}

}  // namespace

void remove_unfinished_output() {
  if (is_unfinished.exchange(false)) ::unlink(unfinished.data());
}

OutputFile::OutputFile(const std::string& path) : path_(path), stream_(nullptr) {
  open();
  if (buffer_ != nullptr) stream_.rdbuf(buffer_.get());
}

void OutputFile::Unfinished::begin(const std::string& name) {
  name_ = name;
  std::memcpy(unfinished.data(), name.c_str(), name.size() + 1);
  is_unfinished = true;
  catch_signals();
}

void OutputFile::Unfinished::end(bool remove) {
  if (name_.empty()) return;
  if (remove) remove_unfinished_output();
  is_unfinished = false;
  release_signals();
  name_.clear();
}

void OutputFile::open() {
  struct stat about {};
  const bool exists = ::stat(path_.c_str(), &about) == 0;
  if (!exists && errno != ENOENT) {
    error_ = errno;
    return;
  }
  const std::optional<fs::path> real = behind_links(path_);
  if (!real || (exists && !S_ISREG(about.st_mode))) return open_directly();
  path_ = real->string();
  // To put another file in the place of one needs no right to write it.
  if (exists && ::faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0) {
    error_ = errno;
    return;
  }
  const fs::path folder = fs::path(path_).parent_path();
  open_in(folder, exists ? &about : nullptr);
  const bool no_place = error_ == EACCES || error_ == EPERM || error_ == EROFS;
  std::error_code error;
  const fs::path elsewhere = fs::temp_directory_path(error);
  if (exists && no_place && !error) open_in(elsewhere, &about);
}

void OutputFile::open_in(const fs::path& folder, const struct stat* existing) {
  const std::string temporary = (folder / new_name()).string();
  if (temporary.size() >= unfinished.size()) {
    error_ = ENAMETOOLONG;
    return;
  }
  unfinished_.begin(temporary);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    error_ = errno;
    return unfinished_.end(false);
  }
  buffer_ = std::make_unique<FdBuf>(fd, true);
  error_ = 0;
  if (existing == nullptr) return;
  // Who may not give files away keeps it as their own, without any right to act as the owner.
  const bool given = ::fchown(fd, existing->st_uid, existing->st_gid) == 0;
  ::fchmod(fd, existing->st_mode & (given ? 07777 : 0777));
}

void OutputFile::open_directly() {
  // Opened by its name, it would be written from its begin, over what is there.
  int fd = duplicate_own(path_);
  if (fd < 0) fd = ::open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  error_ = fd < 0 ? errno : 0;
  if (fd >= 0) buffer_ = std::make_unique<FdBuf>(fd, true);
}

bool OutputFile::finish() {
  stream_.flush();
  if (!buffer_->close()) {
    error_ = buffer_->error();
    return false;
  }
  const std::string& temporary = unfinished_.name();
  if (temporary.empty()) return true;
  if (std::rename(temporary.c_str(), path_.c_str()) == 0) {
    unfinished_.end(false);
    return true;
  }
  // A file that is mounted, or another's in a sticky folder, can only be written.
  error_ = write_over(temporary, path_);
  return error_ == 0;
}

}  // namespace tracetool
