#include "parser/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "parser/input/capture_file.h"

namespace tracetool {
namespace {

Fault unreadable(const std::string& name) {
  return {FaultKind::kUnreadable, "cannot read " + name + ": " + std::strerror(errno)};
}

/// What can be read only once.
class StreamReader final : public ByteReader {
 public:
  StreamReader(Descriptor fd, std::string name, std::shared_ptr<KeptStream> kept)
      : fd_(std::move(fd)), name_(std::move(name)), kept_(std::move(kept)) {}
  size_t read(std::span<uint8_t> into) override {
    ssize_t n = -1;
    do {
      n = ::read(fd_.get(), into.data(), into.size());
    } while (n < 0 && errno == EINTR);
    if (n < 0) fault_ = unreadable(name_);
    if (n > 0 && kept_ != nullptr) kept_->add(into.first(static_cast<size_t>(n)));
    return n < 0 ? 0 : static_cast<size_t>(n);
  }
  std::optional<Fault> fault() const override { return fault_; }

 private:
  Descriptor fd_;
  std::string name_;
  std::shared_ptr<KeptStream> kept_;
  std::optional<Fault> fault_;
};

class FileReader final : public ByteReader {
 public:
  FileReader(std::shared_ptr<const CaptureFile> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}
  size_t read(std::span<uint8_t> into) override {
    const int64_t n = file_->read(offset_, into);
    if (n < 0) fault_ = unreadable(name_);
    if (n <= 0) return 0;
    offset_ += static_cast<uint64_t>(n);
    return static_cast<size_t>(n);
  }
  std::optional<Fault> fault() const override { return fault_; }

 private:
  std::shared_ptr<const CaptureFile> file_;
  std::string name_;
  uint64_t offset_ = 0;
  std::optional<Fault> fault_;
};

class MemoryReader final : public ByteReader {
 public:
  explicit MemoryReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  size_t read(std::span<uint8_t> into) override {
    const size_t n = std::min(into.size(), bytes_.size());
    std::copy_n(bytes_.begin(), n, into.begin());
    bytes_ = bytes_.subspan(n);
    return n;
  }

 private:
  std::span<const uint8_t> bytes_;
};

/// Gives the bytes that were read to look at them, then the rest.
class PrefixedReader final : public ByteReader {
 public:
  PrefixedReader(std::vector<uint8_t> prefix, std::unique_ptr<ByteReader> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}
  size_t read(std::span<uint8_t> into) override {
    if (given_ == prefix_.size()) return rest_->read(into);
    const size_t n = std::min(into.size(), prefix_.size() - given_);
    std::copy_n(prefix_.begin() + static_cast<std::ptrdiff_t>(given_), n, into.begin());
    given_ += n;
    return n;
  }
  std::optional<Fault> fault() const override { return rest_->fault(); }

 private:
  std::vector<uint8_t> prefix_;
  size_t given_ = 0;
  std::unique_ptr<ByteReader> rest_;
};

class StreamSource final : public ByteSource {
 public:
  StreamSource(std::unique_ptr<ByteReader> reader, size_t chunk)
      : reader_(std::move(reader)), ask_(chunk) {}

  std::span<const uint8_t> look(size_t want) override {
    want = std::min(want, kMostLook);
    while (filled_ - position_ < want && !ended_) {
      if (current_ == nullptr || position_ + want > kChunk) new_chunk();
      const size_t room = std::min(kChunk - filled_, ask_);
      const size_t n = reader_->read({current_.get() + filled_, room});
      if (n == 0) ended_ = true;
      filled_ += n;
    }
    return {current_.get() + position_, filled_ - position_};
  }
  void advance(size_t n) override {
    position_ += n;
    offset_ += n;
  }
  void release() override {
    for (auto& chunk : full_) spare_.push_back(std::move(chunk));
    full_.clear();
  }
  uint64_t offset() const override { return offset_; }
  std::optional<Fault> fault() const override { return ended_ ? reader_->fault() : std::nullopt; }

 private:
  static constexpr size_t kMostLook = 1 << 20;
  static constexpr size_t kChunk = 2 << 20;

  /// Goes on in an empty chunk, to which what was not yet passed is moved.
  void new_chunk() {
    std::unique_ptr<uint8_t[]> next;
    if (spare_.empty()) {
      next = std::make_unique_for_overwrite<uint8_t[]>(kChunk);
    } else {
      next = std::move(spare_.back());
      spare_.pop_back();
    }
    if (current_ != nullptr) {
      std::memcpy(next.get(), current_.get() + position_, filled_ - position_);
      full_.push_back(std::move(current_));
    }
    current_ = std::move(next);
    filled_ -= position_;
    position_ = 0;
  }

  std::unique_ptr<ByteReader> reader_;
  size_t ask_;
  std::unique_ptr<uint8_t[]> current_;
  std::vector<std::unique_ptr<uint8_t[]>> full_, spare_;
  size_t position_ = 0, filled_ = 0;
  uint64_t offset_ = 0;
  bool ended_ = false;
};

bool starts_with(std::span<const uint8_t> bytes, std::initializer_list<uint8_t> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

std::optional<Fault> open_reader(std::unique_ptr<ByteReader> raw, const InputOptions& options,
                                 Input& out) {
  std::vector<uint8_t> prefix(4);
  size_t n = 0;
  while (n < prefix.size()) {
    const size_t got = raw->read(std::span(prefix).subspan(n));
    if (got == 0) break;
    n += got;
  }
  if (auto fault = raw->fault()) return fault;
  prefix.resize(n);
  // pzstd begins with a frame that is to be skipped.
  const bool skippable = n == 4 && prefix[0] >> 4 == 5 &&
                         starts_with(std::span(prefix).subspan(1), {0x2A, 0x4D, 0x18});
  if (skippable || starts_with(prefix, {0x28, 0xB5, 0x2F, 0xFD})) {
    out.packing = Packing::kZstd;
  } else if (starts_with(prefix, {0x1F, 0x8B})) {
    out.packing = Packing::kGzip;
  } else {
    out.packing = Packing::kPlain;
  }
  std::unique_ptr<ByteReader> reader =
      std::make_unique<PrefixedReader>(std::move(prefix), std::move(raw));
  if (out.packing != Packing::kPlain) {
    reader = out.packing == Packing::kZstd ? make_zstd_reader(std::move(reader))
                                           : make_gzip_reader(std::move(reader));
    if (options.own_thread) reader = make_read_ahead(std::move(reader));
  }
  out.source = make_stream_source(std::move(reader), options.chunk);
  return std::nullopt;
}

}  // namespace

const char* name_of(Packing packing) {
  switch (packing) {
    case Packing::kPlain:
      return "plain";
    case Packing::kZstd:
      return "zstd";
    case Packing::kGzip:
      return "gzip";
  }
  return "unknown";
}

std::unique_ptr<ByteSource> make_stream_source(std::unique_ptr<ByteReader> reader, size_t chunk) {
  return std::make_unique<StreamSource>(std::move(reader), chunk);
}

std::optional<Fault> open_input(const std::string& path, const InputOptions& options, Input& out) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard input" : path;
  Descriptor fd(standard ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (fd.get() < 0 || ::fstat(fd.get(), &about) != 0) {
    if (standard) return unreadable(name);
    return Fault{FaultKind::kUnreadable, "cannot open " + path + ": " + std::strerror(errno)};
  }
  if (S_ISDIR(about.st_mode))
    return Fault{FaultKind::kUnreadable, name + " is a directory, not a capture"};
  // Files of /proc have no size, and yet something in them.
  if (!standard && S_ISREG(about.st_mode) && about.st_size > 0) {
    auto file = std::make_shared<const CaptureFile>(std::move(fd), path);
    out.file_bytes = file->size();
    return open_again(std::move(file), path, options, out);
  }
  if (options.keep) out.kept = std::make_shared<KeptStream>();
  return open_reader(std::make_unique<StreamReader>(std::move(fd), name, out.kept), options, out);
}

std::optional<Fault> open_again(std::shared_ptr<const CaptureFile> file, const std::string& name,
                                const InputOptions& options, Input& out) {
  out.file = std::move(file);
  return open_reader(std::make_unique<FileReader>(out.file, name), options, out);
}

std::optional<Fault> open_memory(std::span<const uint8_t> bytes, const InputOptions& options,
                                 Input& out) {
  out.file_bytes = bytes.size();
  return open_reader(std::make_unique<MemoryReader>(bytes), options, out);
}

}  // namespace tracetool
