#include "analyses/engine/block_ring.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "analyses/engine/stream_copy.h"
#include "parser/threads/thread_group.h"

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
/// Taker 0 is the calling thread; takers share the consumers out among them.
class Ring final : public BlockSink {
 public:
  explicit Ring(const BlockPlan& plan)
      : plan_(plan), blocks_(kBlocks), takers_(plan.consumers.size()), active_(takers_.size()) {}

  Block* exchange(Block* full) override {
    if (full != nullptr) put(*full);
    return stopped_.load(std::memory_order_relaxed) >= active_ ? nullptr : &own_;
  }
  /// Before reading begins: there are only so many takers.
  void limit_takers(size_t count) { active_ = count; }
  size_t takers() const { return takers_.size(); }
  /// No more blocks will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  /// Hands all blocks to a taker's consumers, on the calling thread. If one of them throws, nobody
  /// gets any more, and it is thrown on when the reading thread has noticed.
  void serve(size_t taker) {
    bool wanted = true;
    std::exception_ptr failure;
    while (const Block* block = front(taker)) {
      if (wanted) {
        try {
          wanted = offer(taker, *block);
          if (!wanted) ++stopped_;
        } catch (...) {
          failure = std::current_exception();
          wanted = false;
          stopped_ = takers_.size();
        }
      }
      pop(taker);
    }
    if (failure != nullptr) std::rethrow_exception(failure);
  }

 private:
  struct alignas(64) Taker {
    std::atomic<uint64_t> taken{0};
  };

  std::span<const Taker> active() const { return std::span(takers_).first(active_); }

  bool offer(size_t taker, const Block& block) {
    bool wanted = false;
    for (size_t i = taker; i < plan_.consumers.size(); i += active_)
      wanted |= plan_.consumers[i](block);
    return wanted;
  }
  /// The next block, or nullptr at the end.
  const Block* front(size_t taker) {
    const uint64_t taken = takers_[taker].taken.load(std::memory_order_relaxed);
    if (put_.load(std::memory_order_acquire) == taken) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closed_ || put_.load() >= taken + kFew; });
      if (put_.load() == taken) return nullptr;
    }
    return &blocks_[taken % kBlocks];
  }
  void pop(size_t taker) {
    std::atomic<uint64_t>& position = takers_[taker].taken;
    const uint64_t taken = position.load(std::memory_order_relaxed) + 1;
    position.store(taken);
    if (put_.load() - taken == kBlocks - kFew) wake();
  }
  uint64_t waiting(uint64_t put) const {
    uint64_t most = 0;
    for (const Taker& taker : active()) most = std::max(most, put - taker.taken.load());
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
    for (const Taker& taker : active()) {
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
  size_t active_;
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
  const auto in_turns = [&] {
    const auto sink = std::make_unique<DirectSink>(plan);
    reader.read(*sink);
  };
  if (threads <= 1) return in_turns();
  const auto ring = std::make_unique<Ring>(plan);
  ThreadGroup others;
  size_t takers = 1;
  while (takers < ring->takers() && others.start([&ring, takers] { ring->serve(takers); }))
    ++takers;
  ring->limit_takers(takers);
  const bool reads = others.start([&] {
    // Whoever waits for blocks has to hear of the end, however it comes.
    struct Closer {
      Ring& ring;
      ~Closer() { ring.close(); }
    } closer{*ring};
    reader.read(*ring);
  });
  if (!reads) {
    ring->close();
    others.join();
    return in_turns();
  }
  ring->serve(0);
  others.join();
}

}  // namespace tracetool
