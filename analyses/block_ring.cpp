#include "analyses/block_ring.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "analyses/stream_copy.h"

namespace tracetool {
namespace {

/// Reads and analyses in turns.
class DirectSink final : public BlockSink {
 public:
  explicit DirectSink(const BlockPlan& plan) : plan_(plan) {}
  Block* exchange(Block* full) override {
    if (full == nullptr) return &block_;
    if (plan_.prepare) plan_.prepare(*full);
    bool wanted = false;
    for (const auto& consumer : plan_.consumers) wanted |= consumer(*full);
    return wanted ? &block_ : nullptr;
  }

 private:
  const BlockPlan& plan_;
  Block block_;
};

/// A ring of blocks from one thread to some; positions only grow. Whoever has to wait sleeps until
/// there is work for a while: to wake a thread for each block costs more than the block.
class Ring final : public BlockSink {
 public:
  explicit Ring(const BlockPlan& plan)
      : plan_(plan), blocks_(kBlocks), takers_(plan.consumers.size()) {}

  Block* exchange(Block* full) override {
    if (full != nullptr) put(*full);
    return stopped_.load(std::memory_order_relaxed) == takers_.size() ? nullptr : &own_;
  }
  /// No more blocks will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  /// Hands all blocks to a consumer, on the calling thread.
  void serve(size_t consumer) {
    bool wanted = true;
    while (const Block* block = front(consumer)) {
      if (wanted && !plan_.consumers[consumer](*block)) {
        wanted = false;
        ++stopped_;
      }
      pop(consumer);
    }
  }

 private:
  struct alignas(64) Taker {
    std::atomic<uint64_t> taken{0};
  };

  /// The next block, or nullptr at the end.
  const Block* front(size_t consumer) {
    const uint64_t taken = takers_[consumer].taken.load(std::memory_order_relaxed);
    if (put_.load(std::memory_order_acquire) == taken) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closed_ || put_.load() >= taken + kFew; });
      if (put_.load() == taken) return nullptr;
    }
    return &blocks_[taken % kBlocks];
  }
  void pop(size_t consumer) {
    Taker& taker = takers_[consumer];
    const uint64_t taken = taker.taken.load(std::memory_order_relaxed) + 1;
    taker.taken.store(taken);
    if (put_.load() - taken == kBlocks - kFew) wake();
  }
  uint64_t waiting(uint64_t put) const {
    uint64_t most = 0;
    for (const Taker& taker : takers_) most = std::max(most, put - taker.taken.load());
    return most;
  }

  /// Copies the block into the ring and takes the freed slots of the one that was there.
  void put(Block& full) {
    if (plan_.prepare) plan_.prepare(full);
    const uint64_t put = put_.load(std::memory_order_relaxed);
    if (waiting(put) >= kBlocks) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return waiting(put) <= kBlocks - kFew; });
    }
    Block& place = blocks_[put % kBlocks];
    stream_copy(place.events, full.events, full.count * sizeof(Event));
    place.lists = full.lists;
    place.count = full.count;
    place.freed.swap(full.freed);
    place.text.swap(full.text);
    put_.store(put + 1);
    for (const Taker& taker : takers_) {
      if (put + 1 - taker.taken.load() == kFew) {
        wake();
        break;
      }
    }
  }
  /// A sleeper does not move its own position, so the other side meets the one at which to wake it
  /// exactly; and as all these stores and loads have one order (seq_cst), it cannot miss it. Taking
  /// the lock makes sure that a sleeper either saw the new position or sleeps already.
  void wake() {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  }

  static constexpr uint64_t kBlocks = 16;
  static constexpr uint64_t kFew = 6;  // blocks for which it pays to wake up
  const BlockPlan& plan_;
  Block own_;  // the reading thread's, which stays in its cache
  std::vector<Block> blocks_;
  std::vector<Taker> takers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  alignas(64) std::atomic<uint64_t> put_{0};
  alignas(64) std::atomic<size_t> stopped_{0};
};

}  // namespace

void run_blocks(TraceReader& reader, int threads, const std::function<void(uint64_t)>& progress,
                const BlockPlan& plan) {
  reader.set_progress(progress);
  if (threads <= 1) {
    const auto sink = std::make_unique<DirectSink>(plan);
    reader.read(*sink);
    return;
  }
  const auto ring = std::make_unique<Ring>(plan);
  std::vector<std::thread> others;
  others.emplace_back([&] {
    reader.read(*ring);
    ring->close();
  });
  for (size_t i = 1; i < plan.consumers.size(); ++i)
    others.emplace_back([&ring, i] { ring->serve(i); });
  ring->serve(0);
  for (std::thread& thread : others) thread.join();
}

}  // namespace tracetool
