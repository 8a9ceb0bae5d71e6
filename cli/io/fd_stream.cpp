#include "cli/io/fd_stream.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tracetool {

FdBuf::FdBuf(int fd, bool owned) : fd_(fd), owned_(owned), buffer_(new char[kSize]) {
  setp(buffer_.get(), buffer_.get() + kSize);
}

FdBuf::~FdBuf() { close(); }

bool FdBuf::close() {
  empty_buffer();
  if (owned_ && fd_ >= 0 && ::close(fd_) != 0 && error_ == 0) error_ = errno;
  if (owned_) fd_ = -1;
  return error_ == 0;
}

bool FdBuf::write_all(const char* text, size_t n) {
  while (n > 0 && error_ == 0) {
    const ssize_t written = ::write(fd_, text, n);
    if (written < 0) {
      if (errno != EINTR) error_ = errno;
      continue;
    }
    text += written;
    n -= static_cast<size_t>(written);
  }
  return error_ == 0;
}

bool FdBuf::empty_buffer() {
  const bool ok = write_all(pbase(), static_cast<size_t>(pptr() - pbase()));
  setp(buffer_.get(), buffer_.get() + kSize);
  return ok;
}

FdBuf::int_type FdBuf::overflow(int_type c) {
  if (!empty_buffer()) return traits_type::eof();
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
  }
  return traits_type::not_eof(c);
}

std::streamsize FdBuf::xsputn(const char* text, std::streamsize n) {
  const auto size = static_cast<size_t>(n);
  if (size > static_cast<size_t>(epptr() - pptr())) {
    if (!empty_buffer()) return 0;
    if (size >= kSize) return write_all(text, size) ? n : 0;
  }
  std::memcpy(pptr(), text, size);
  pbump(static_cast<int>(size));
  return n;
}

int FdBuf::sync() { return empty_buffer() ? 0 : -1; }

WriteOutcome finish_output(std::ostream& out, std::string& reason) {
  out.flush();
  if (out.good()) return WriteOutcome::kDone;
  const auto* buffer = dynamic_cast<const FdBuf*>(out.rdbuf());
  const int error = buffer != nullptr ? buffer->error() : EIO;
  reason = std::strerror(error);
  return error == EPIPE ? WriteOutcome::kClosedPipe : WriteOutcome::kFailed;
}

}  // namespace tracetool
