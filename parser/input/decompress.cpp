// zstd, gzip and reading ahead: ByteReaders that wrap another one.
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>

#include "parser/input/byte_source.h"
#include "parser/threads/thread_group.h"

namespace tracetool {
namespace {

constexpr size_t kPackedChunk = 128 << 10;

/// What both codecs share: packed bytes to work on, and how the input ended.
class Unpacker : public ByteReader {
 public:
  explicit Unpacker(std::unique_ptr<ByteReader> packed)
      : packed_(std::move(packed)), buffer_(kPackedChunk) {}
  std::optional<Fault> fault() const override { return fault_ ? fault_ : packed_->fault(); }

 protected:
  /// More packed bytes into `buffer_`; 0 at their end.
  size_t refill() {
    const size_t n = packed_->read(buffer_);
    packed_offset_ += n;
    return n;
  }
  /// What was unpacked before is still to be handed out.
  size_t fail(FaultKind kind, std::string message) {
    fault_ = Fault{kind, std::move(message) + " (near byte " + std::to_string(packed_offset_) +
                             " of the packed file)"};
    return 0;
  }

  /// The first pieces were sound, but what follows is none.
  void fail_behind(const std::string& kind) {
    while (refill() > 0) {
    }
    fault_ = Fault{FaultKind::kMalformed,
                   "what follows the " + kind +
                       " data is something else: all of it was unpacked, what follows is not read"};
  }

  std::unique_ptr<ByteReader> packed_;
  std::vector<uint8_t> buffer_;
  uint64_t packed_offset_ = 0;
  std::optional<Fault> fault_;
};

class ZstdReader final : public Unpacker {
 public:
  explicit ZstdReader(std::unique_ptr<ByteReader> packed)
      : Unpacker(std::move(packed)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }

  size_t read(std::span<uint8_t> into) override {
    if (fault_) return 0;
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !flushing_) {
        in_ = {buffer_.data(), refill(), 0};
        if (in_.size == 0) {
          if (!inside_frame_) return 0;
          if (frames_ > 0 && frame_bytes_ < kMagic) {
            fail_behind("zstd");
            return 0;
          }
          return fail(FaultKind::kTruncated, "the zstd data end inside a frame");
        }
      }
      // No more than a block, and nothing while it has some of the last one: of a call that fails
      // the codec does not tell what it had unpacked until then. It asks for the header behind a
      // block as well, which may be the one that is damaged.
      size_t end =
          flushing_ ? in_.pos
                    : std::min(in_.size, in_.pos + (wanted_ > kBlockHeader ? wanted_ - kBlockHeader
                                                                           : wanted_));
      if (frame_bytes_ < kMagic && !flushing_) {
        end = std::min(end, in_.pos + (kMagic - static_cast<size_t>(frame_bytes_)));
        if (!begins_frame(end)) {
          fail_behind("zstd");
          break;
        }
      }
      ZSTD_inBuffer part{in_.src, end, in_.pos};
      const size_t before = out.pos;
      const size_t left = ZSTD_decompressStream(stream_.get(), &out, &part);
      frame_bytes_ += part.pos - in_.pos;
      in_.pos = part.pos;
      if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      if (ZSTD_isError(left)) {
        out.pos = before;  // else of no meaning
        if (frames_ > 0 && ZSTD_getErrorCode(left) == ZSTD_error_prefix_unknown)
          fail_behind("zstd");
        else
          fail(FaultKind::kMalformed, std::string("damaged zstd data: ") + ZSTD_getErrorName(left));
        break;
      }
      inside_frame_ = left != 0;
      if (!inside_frame_) {
        ++frames_;
        frame_bytes_ = 0;
      }
      wanted_ = inside_frame_ ? left : kHeader;
      // A full output may leave more of it inside the codec, without any input; not so at the end
      // of a frame, where the codec would ask for the next one.
      flushing_ = inside_frame_ && out.pos == out.size;
    }
    return out.pos;
  }

 private:
  /// Whether the bytes up to `end`, with those of the frame before them, may begin one. The codec
  /// would take more: the formats of before zstd 1.0, for which it hands out garbage where they are
  /// damaged.
  bool begins_frame(size_t end) {
    for (size_t i = in_.pos; i < end; ++i)
      magic_ = magic_ >> 8 | uint32_t{static_cast<const uint8_t*>(in_.src)[i]} << 24;
    if (frame_bytes_ + (end - in_.pos) < kMagic) return true;
    return magic_ == ZSTD_MAGICNUMBER ||
           (magic_ & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  }

  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  static constexpr size_t kHeader = 9;  // bytes to begin a frame with
  static constexpr size_t kBlockHeader = 3, kMagic = 4;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  size_t wanted_ = kHeader;
  bool inside_frame_ = false, flushing_ = false;
  uint64_t frames_ = 0, frame_bytes_ = 0;  // whole ones; bytes of this one
  uint32_t magic_ = 0;                     // the last four of its first bytes
};

class GzipReader final : public Unpacker {
 public:
  explicit GzipReader(std::unique_ptr<ByteReader> packed) : Unpacker(std::move(packed)) {
    std::memset(&stream_, 0, sizeof stream_);
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~GzipReader() override { inflateEnd(&stream_); }

  size_t read(std::span<uint8_t> into) override {
    if (fault_) return 0;
    stream_.next_out = into.data();
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(into.size(), 1 << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      if (stream_.avail_in == 0 && !flushing_) {
        stream_.avail_in = static_cast<uInt>(refill());
        stream_.next_in = buffer_.data();
        if (stream_.avail_in == 0) {
          if (!inside_member_) return 0;
          if (members_ > 0 && stream_.total_in < kMagic) {
            fail_behind("gzip");
            return 0;
          }
          return fail(FaultKind::kTruncated, "the gzip data end too early");
        }
      }
      inside_member_ = true;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      flushing_ = stream_.avail_out == 0;
      if (status == Z_STREAM_END) {
        // A file may hold several members; what follows must be one.
        inside_member_ = flushing_ = false;
        ++members_;
        inflateReset(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        if (members_ > 0 && stream_.total_in <= kMagic && stream_.total_out == 0) {
          fail_behind("gzip");
          break;
        }
        fail(FaultKind::kMalformed,
             std::string("damaged gzip data: ") + (stream_.msg ? stream_.msg : "unknown error"));
        break;
      } else if (status == Z_BUF_ERROR) {
        flushing_ = false;
      }
    }
    return room - stream_.avail_out;
  }

 private:
  z_stream stream_;
  static constexpr uLong kMagic = 3;
  bool inside_member_ = false, flushing_ = false;
  uint64_t members_ = 0;  // whole ones
};

class ReadAhead final : public ByteReader {
 public:
  explicit ReadAhead(std::unique_ptr<ByteReader> reader) : reader_(std::move(reader)) {}
  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
  }
  bool start() {
    return thread_.start([this] { run(); });
  }
  /// If it did not start.
  std::unique_ptr<ByteReader> take_back() { return std::move(reader_); }

  size_t read(std::span<uint8_t> into) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return buffers_[take_ % kBuffers].full || ended_; });
    Buffer& buffer = buffers_[take_ % kBuffers];
    if (!buffer.full && failure_ != nullptr) std::rethrow_exception(failure_);
    if (!buffer.full) return 0;
    lock.unlock();  // a full buffer belongs to this side
    const size_t n = std::min(into.size(), buffer.size - given_);
    std::memcpy(into.data(), buffer.bytes.data() + given_, n);
    given_ += n;
    if (given_ == buffer.size) {
      lock.lock();
      buffer.full = false;
      ++take_;
      given_ = 0;
      changed_.notify_all();
    }
    return n;
  }
  std::optional<Fault> fault() const override {
    const std::lock_guard lock(mutex_);
    return ended_ ? reader_->fault() : std::nullopt;
  }

 private:
  static constexpr size_t kBuffers = 4, kSize = 512 << 10;
  struct Buffer {
    std::vector<uint8_t> bytes = std::vector<uint8_t>(kSize);
    size_t size = 0;
    bool full = false;
  };

  void run() {
    try {
      fill();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      ended_ = true;
      changed_.notify_all();
    }
  }
  void fill() {
    for (size_t put = 0;; ++put) {
      Buffer& buffer = buffers_[put % kBuffers];
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !buffer.full || stop_; });
        if (stop_) return;
      }
      const size_t n = reader_->read(buffer.bytes);
      const std::lock_guard lock(mutex_);
      buffer.size = n;
      buffer.full = n != 0;
      ended_ = n == 0;
      changed_.notify_all();
      if (ended_) return;
    }
  }

  std::unique_ptr<ByteReader> reader_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Buffer buffers_[kBuffers];
  size_t take_ = 0, given_ = 0;
  bool ended_ = false, stop_ = false;
  std::exception_ptr failure_;  // goes to whoever reads, behind what was read before it
  ThreadGroup thread_;          // last: ends before everything else
};

}  // namespace

std::unique_ptr<ByteReader> make_read_ahead(std::unique_ptr<ByteReader> reader) {
  auto ahead = std::make_unique<ReadAhead>(std::move(reader));
  if (!ahead->start()) return ahead->take_back();
  return ahead;
}
std::unique_ptr<ByteReader> make_zstd_reader(std::unique_ptr<ByteReader> packed) {
  return std::make_unique<ZstdReader>(std::move(packed));
}
std::unique_ptr<ByteReader> make_gzip_reader(std::unique_ptr<ByteReader> packed) {
  return std::make_unique<GzipReader>(std::move(packed));
}

}  // namespace tracetool
