#include "analyses/block_ring.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace tracetool {
namespace {

/// Reads and analyses in turns.
class DirectSink final : public BlockSink {
 public:
  explicit DirectSink(const std::function<bool(Block&)>& consume) : consume_(consume) {}
  Block* exchange(Block* full) override {
    if (full != nullptr && !consume_(*full)) return nullptr;
    return &block_;
  }

 private:
  const std::function<bool(Block&)>& consume_;
  Block block_;
};

/// A ring of blocks between two threads; positions only grow. Whoever has to wait sleeps in the
/// atomic, so that an idle side costs nothing.
class Ring final : public BlockSink {
 public:
  Ring() : blocks_(kBlocks) {}

  Block* exchange(Block* full) override {
    if (full != nullptr) {
      put_.store(put_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
      put_.notify_one();
    }
    const uint64_t put = put_.load(std::memory_order_relaxed);
    for (uint64_t taken = taken_.load(std::memory_order_acquire); put - taken >= kBlocks;
         taken = taken_.load(std::memory_order_acquire)) {
      taken_.wait(taken, std::memory_order_acquire);
    }
    return stop_.load(std::memory_order_relaxed) ? nullptr : &blocks_[put % kBlocks];
  }
  /// No more blocks will come.
  void close() {
    put_.fetch_or(kClosed, std::memory_order_release);
    put_.notify_one();
  }

  /// The next block, or nullptr at the end.
  Block* front() {
    const uint64_t taken = taken_.load(std::memory_order_relaxed);
    for (;;) {
      const uint64_t put = put_.load(std::memory_order_acquire);
      if ((put & ~kClosed) > taken) return &blocks_[taken % kBlocks];
      if (put & kClosed) return nullptr;
      put_.wait(put, std::memory_order_acquire);
    }
  }
  void pop() {
    taken_.store(taken_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    taken_.notify_one();
  }
  void stop() { stop_.store(true, std::memory_order_relaxed); }

 private:
  static constexpr uint64_t kBlocks = 16;
  static constexpr uint64_t kClosed = uint64_t{1} << 63;
  std::vector<Block> blocks_;
  alignas(64) std::atomic<uint64_t> put_{0};
  alignas(64) std::atomic<uint64_t> taken_{0};
  alignas(64) std::atomic<bool> stop_{false};
};

}  // namespace

void run_blocks(TraceReader& reader, int threads, const std::function<void(uint64_t)>& progress,
                const std::function<bool(Block&)>& consume) {
  reader.set_progress(progress);
  if (threads <= 1) {
    const auto sink = std::make_unique<DirectSink>(consume);
    reader.read(*sink);
    return;
  }
  Ring ring;
  std::thread reading([&] {
    reader.read(ring);
    ring.close();
  });
  bool wanted = true;
  while (Block* block = ring.front()) {
    if (wanted && !consume(*block)) {
      wanted = false;
      ring.stop();
    }
    ring.pop();
  }
  reading.join();
}

}  // namespace tracetool
