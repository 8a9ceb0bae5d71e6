#include "parser/library/block_reader.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "parser/threads/thread_group.h"

namespace tracetool {

/// A ring of blocks between two threads, which are filled and read in place. Positions only grow,
/// and whoever has to wait sleeps until there is work for a while: to wake a thread for each block
/// costs more than the block.
class BlockReader::Handover final : public BlockSink {
 public:
  explicit Handover(TraceReader& reader) : reader_(reader), blocks_(kBlocks) {}
  ~Handover() override { want_no_more(); }  // thread_ goes first, and waits

  // On the reading thread.
  Block* exchange(Block* full) override {
    std::unique_lock lock(mutex_);
    if (stopped_) return nullptr;
    if (full != nullptr && full->count != 0) {
      const Tables& tables = reader_.tables();
      known_of_[filled_ % kBlocks] = {.strings = tables.string_count(),
                                      .stacks = tables.stack_count(),
                                      .threads = tables.thread_count()};
      ++filled_;
      if (filled_ - returned_ == kFew) changed_.notify_all();
    }
    if (filled_ - returned_ == kBlocks)
      changed_.wait(lock, [&] { return stopped_ || filled_ - returned_ <= kBlocks - kFew; });
    return stopped_ ? nullptr : &blocks_[filled_ % kBlocks];
  }

  // All else is the user's.
  const Block* next() {
    if (!begun_) begin();
    std::unique_lock lock(mutex_);
    give_back();
    if (filled_ == returned_)
      changed_.wait(lock, [&] { return closed_ || filled_ - returned_ >= kFew; });
    if (filled_ == returned_) {
      lock.unlock();
      thread_.join();
      known_ = {.strings = reader_.tables().string_count(),
                .stacks = reader_.tables().stack_count(),
                .threads = reader_.tables().thread_count()};
      return nullptr;
    }
    holds_ = true;
    known_ = known_of_[returned_ % kBlocks];
    return &blocks_[returned_ % kBlocks];
  }
  void stop() {
    want_no_more();
    thread_.join();
  }
  Known known() const { return known_; }

 private:
  void begin() {
    begun_ = true;
    const bool runs = thread_.start([this] {
      // The user waits for the end, however it comes.
      struct Closer {
        Handover& handover;
        ~Closer() {
          const std::lock_guard lock(handover.mutex_);
          handover.closed_ = true;
          handover.changed_.notify_all();
        }
      } closer{*this};
      reader_.read(*this);
    });
    if (runs) return;
    closed_ = true;
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "no thread can be had to read the trace");
  }
  void want_no_more() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    holds_ = false;
    returned_ = filled_;
    closed_ |= !std::exchange(begun_, true);
    changed_.notify_all();
  }
  void give_back() {
    if (!std::exchange(holds_, false)) return;
    ++returned_;
    if (filled_ - returned_ == kBlocks - kFew) changed_.notify_all();
  }

  static constexpr size_t kFew = kBlocks / 2;  // blocks for which it pays to wake up
  TraceReader& reader_;
  std::vector<Block> blocks_;
  std::array<Known, kBlocks> known_of_{};  // beside each block
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t filled_ = 0, returned_ = 0;  // blocks so far
  bool closed_ = false;               // nothing more will be filled
  bool stopped_ = false;              // nothing more is wanted
  // The user's alone.
  bool begun_ = false, holds_ = false;
  Known known_;
  ThreadGroup thread_;
};

BlockReader::BlockReader(TraceReader& reader) : handover_(std::make_unique<Handover>(reader)) {}
BlockReader::~BlockReader() = default;
const Block* BlockReader::next() { return handover_->next(); }
void BlockReader::stop() { handover_->stop(); }
BlockReader::Known BlockReader::known() const { return handover_->known(); }

}  // namespace tracetool
