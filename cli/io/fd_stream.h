// An output stream on a file descriptor that remembers why writing failed, which std::ofstream does
// not tell: a closed pipe ends the program quietly, a full disk does not.
#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>

namespace tracetool {

class FdBuf final : public std::streambuf {
 public:
  explicit FdBuf(int fd, bool owned = false);
  FdBuf(const FdBuf&) = delete;
  FdBuf& operator=(const FdBuf&) = delete;
  ~FdBuf() override;
  /// errno of the first write that failed, 0 if none did.
  int error() const { return error_; }
  /// Writes what is left and closes; false if that or any earlier write failed.
  bool close();

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize n) override;
  int sync() override;

 private:
  bool write_all(const char* text, size_t n);
  bool empty_buffer();

  int fd_;
  bool owned_;
  int error_ = 0;
  static constexpr size_t kSize = size_t{1} << 16;
  const std::unique_ptr<char[]> buffer_;  // not in the object, which may be on a small stack
};

/// How a run's output ended.
enum class WriteOutcome { kDone, kClosedPipe, kFailed };
/// Flushes; `reason` gets the system's words for a failure.
WriteOutcome finish_output(std::ostream& out, std::string& reason);

}  // namespace tracetool
