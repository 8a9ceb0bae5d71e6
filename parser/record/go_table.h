// Goroutine ids to dense slots, and the record behind each slot.
//
// Ids grow without bound and come in runs, so a sparse directory of small pages stays in the cache
// whatever their size, and its memory follows the live goroutines. Slots are reused after death,
// but only when the block in which the goroutine died was handed back (Recorder).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "parser/model/event.h"
#include "parser/model/hash.h"
#include "parser/model/memory_budget.h"

namespace tracetool {

/// Bits of GoRecord::flags beside those of EventFlag.
inline constexpr uint8_t kGoAlive = 128;
inline constexpr uint8_t kGoBorn = 64;      // within the trace, and behind its last gap
inline constexpr uint8_t kGoForetold = 32;  // the trace has yet to tell of it
static_assert(kGoForetold > kFlagOpenStart && kGoForetold > kFlagNames);

/// What the reader knows about one goroutine: one cache line.
struct GoRecord {
  uint64_t id = 0;
  uint64_t seq = 0;         // format 2: last sequence number, valid in `generation` only
  uint64_t generation = 0;  // format 2: in which its status was announced last
  int64_t since = kNever;   // when its state began (Event::time)
  int64_t p_lost = kNever;  // in a syscall: when its P was taken away
  /// Began as one number: a load of both cannot be served from two small stores that are still in
  /// the store buffer.
  uint64_t began_bits = 0;
  uint32_t sides = 0;             // 1 + index of its open regions and ranges, 0 none yet
  ProcIndex syscall_p = kNoProc;  // the P it entered its syscall with
  GoState state = GoState::kUndetermined;
  /// kGoAlive, kGoBorn, kGoForetold; kFlagNames: it has its name; kFlagOpenStart, which its next
  /// event gets: of its state.
  uint8_t flags = 0;
  GoSlot slot = kNoGo;   // where it stands, for ever
  StackId named_by = 0;  // the stack whose outermost function is its name

  bool born_in_trace() const { return flags & kGoBorn; }
  /// Its state, as far as the trace has told.
  GoState told() const { return flags & kGoForetold ? GoState::kUndetermined : state; }

  /// Event stack and reason of the transition into its state, as they stand in an Event.
  struct Began {
    StackId stack;
    StringId name;
  };
  Began began() const { return std::bit_cast<Began>(began_bits); }
  void set_began(StackId stack, StringId name) {
    began_bits = std::bit_cast<uint64_t>(Began{stack, name});
  }
};
static_assert(sizeof(GoRecord) <= 64);

class GoTable {
 public:
  /// Records and pages are taken from `budget`, if there is one.
  explicit GoTable(MemoryBudget* budget = nullptr) : budget_(budget), directory_(256) {
    cache_.fill(&none_);
  }
  GoTable(const GoTable&) = delete;
  GoTable& operator=(const GoTable&) = delete;

  /// nullptr if there is no live goroutine of that id.
  GoRecord* record(uint64_t id) {
    const Page* page = page_of(id >> kPageBits);
    return page == nullptr ? nullptr : page->records[id & kPageMask];
  }
  /// kNoGo if there is no live goroutine of that id.
  GoSlot find(uint64_t id) {
    const GoRecord* g = record(id);
    return g == nullptr ? kNoGo : g->slot;
  }
  /// kNoGo also where the trace has not told yet that it is alive.
  GoSlot find_told(uint64_t id) {
    const GoRecord* g = record(id);
    return g == nullptr || g->told() == GoState::kUndetermined ? kNoGo : g->slot;
  }
  GoRecord& operator[](GoSlot slot) { return chunks_[slot / kChunk][slot % kChunk]; }
  const GoRecord& operator[](GoSlot slot) const { return chunks_[slot / kChunk][slot % kChunk]; }

  /// `id` must not be alive.
  [[gnu::always_inline]] GoRecord& insert(uint64_t id) {
    GoSlot slot;
    if (free_.empty()) {
      slot = static_cast<GoSlot>(used_++);
      if (slot % kChunk == 0) add_chunk();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    GoRecord& g = (*this)[slot];
    g = {};
    g.id = id;
    g.flags = kGoAlive;
    g.slot = slot;
    Page* page = page_of(id >> kPageBits);
    if (page == nullptr) [[unlikely]]
      page = &make_page(id >> kPageBits);
    page->records[id & kPageMask] = &g;
    ++page->count;
    return g;
  }

  /// Forgets the id; the slot stays out of use until recycle().
  [[gnu::always_inline]] void erase(GoRecord& g) {
    g.flags = 0;
    Page* page = page_of(g.id >> kPageBits);
    page->records[g.id & kPageMask] = nullptr;
    if (--page->count == 0) [[unlikely]]
      drop_page(g.id >> kPageBits);
  }
  void recycle(GoSlot slot) { free_.push_back(slot); }

  /// Live goroutines by ascending id, found by as many steps as there are.
  std::vector<GoSlot> live() const;
  /// Slots ever used: what an array indexed by slot needs.
  size_t slots() const { return used_; }

 private:
  static constexpr int kPageBits = 6;
  static constexpr uint64_t kPageMask = (1 << kPageBits) - 1;
  static constexpr size_t kCached = 512;
  static constexpr size_t kChunk = 1024;

  struct Page {
    uint64_t number = 0;
    uint32_t count = 0;
    std::array<GoRecord*, 1 << kPageBits> records{};
  };

  Page* page_of(uint64_t number) {
    Page*& cached = cache_[number % kCached];
    if (cached->number == number) [[likely]]
      return cached;
    return find_page(number);
  }
  [[gnu::noinline]] void add_chunk();
  [[gnu::noinline]] Page* find_page(uint64_t number);
  /// A page that is not there yet.
  [[gnu::noinline]] Page& make_page(uint64_t number);
  [[gnu::noinline]] void drop_page(uint64_t number);

  MemoryBudget* budget_;
  std::vector<std::unique_ptr<GoRecord[]>> chunks_;
  size_t used_ = 0;
  std::vector<GoSlot> free_;
  Page none_{.number = ~uint64_t{0}};  // stands in the cache where no page does: no id is on it
  std::array<Page*, kCached> cache_{};
  std::unordered_map<uint64_t, std::unique_ptr<Page>, IdHash> directory_;
  std::vector<std::unique_ptr<Page>> spare_;
};

}  // namespace tracetool
