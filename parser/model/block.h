// A batch of events on its way from the reader to the passes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/model/event.h"

namespace tracetool {

inline constexpr size_t kLeftStates = 4;       // runnable, running, waiting, syscall
inline constexpr uint32_t kBlockEvents = 512;  // 32 KB of events: fits the first-level cache

/// Positions of some events of a block, in order.
struct Positions {
  uint32_t count = 0;
  uint16_t at[kBlockEvents];

  Positions() = default;
  Positions(const Positions& other) { *this = other; }
  Positions& operator=(const Positions& other) {
    if (this == &other) return *this;
    count = other.count;
    std::copy_n(other.at, count, at);
    return *this;
  }
  void add(uint16_t position) { at[count++] = position; }
  std::span<const uint16_t> all() const { return {at, count}; }
};

/// Which events a pass may want, so that it need not look at all.
struct BlockLists {
  /// All that are neither goroutine nor proc transitions: most passes need only those, and they
  /// are few.
  Positions rare;
  /// Goroutine transitions in which a goroutine comes into the trace, gets its name later than
  /// that, or ends (also with the trace, or before a gap).
  Positions born, named, ended;
  /// Goroutine transitions that foretell in which state a goroutine is.
  Positions foretold;
  /// Goroutine transitions by the state that they end, from kRunnable on: who wants only some kinds
  /// of them, or all in any order, has no branch to mispredict.
  std::array<Positions, kLeftStates> left;
  /// Proc transitions.
  Positions procs;
  /// Bit of each EventKind that is among `rare`.
  uint32_t rare_kinds = 0;

  void clear() {
    for (Positions* list : {&rare, &born, &named, &ended, &foretold, &procs}) list->count = 0;
    for (Positions& list : left) list.count = 0;
    rare_kinds = 0;
  }
};

struct Block {
  alignas(64) Event events[kBlockEvents];
  uint32_t count = 0;
  BlockLists lists;
  /// Slots of goroutines that ended in this block: free again once it was handed back.
  std::vector<GoSlot> freed;
  /// Log messages, which are too many to keep.
  std::string text;

  std::span<const Event> all() const { return {events, count}; }
  std::span<const uint16_t> rare_positions() const { return lists.rare.all(); }
  std::span<const uint16_t> born_positions() const { return lists.born.all(); }
  std::span<const uint16_t> named_positions() const { return lists.named.all(); }
  std::span<const uint16_t> foretold_positions() const { return lists.foretold.all(); }
  std::span<const uint16_t> ended_positions() const { return lists.ended.all(); }
  /// Is any rare event of one of these kinds?
  template <class... Kinds>
  bool has(Kinds... kinds) const {
    return lists.rare_kinds & ((1u << static_cast<unsigned>(kinds)) | ...);
  }
  /// Calls `f` with each event of these three lists once, in order.
  template <class F>
  void each_life(F f) const {
    const auto born = born_positions(), named = named_positions(), ended = ended_positions();
    size_t b = 0, n = 0, e = 0;
    while (b < born.size() || n < named.size() || e < ended.size()) {
      uint16_t at = kBlockEvents;
      if (b < born.size()) at = std::min(at, born[b]);
      if (n < named.size()) at = std::min(at, named[n]);
      if (e < ended.size()) at = std::min(at, ended[e]);
      b += b < born.size() && born[b] == at;
      n += n < named.size() && named[n] == at;
      e += e < ended.size() && ended[e] == at;
      f(events[at]);
    }
  }
  std::span<const uint16_t> proc_positions() const { return lists.procs.all(); }
  /// Calls `f` with each event that is no goroutine transition, in order.
  template <class F>
  void each_other(F f) const {
    const auto rare = rare_positions(), procs = proc_positions();
    size_t r = 0, p = 0;
    while (r < rare.size() || p < procs.size()) {
      const bool is_rare = p == procs.size() || (r < rare.size() && rare[r] < procs[p]);
      f(events[is_rare ? rare[r++] : procs[p++]]);
    }
  }
  /// Goroutine transitions that end a stay in `state`, or close it at the end of the trace; not
  /// those of goroutines that were in no known state before (those are among born_positions()).
  std::span<const uint16_t> left_positions(GoState state) const {
    return lists.left[left_index(state)].all();
  }
  static constexpr size_t left_index(GoState state) {
    return static_cast<size_t>(state) - static_cast<size_t>(GoState::kRunnable);
  }
  /// The message of a kLog event of this block.
  std::string_view message(const Event& log) const {
    return std::string_view(text).substr(log.arg2 >> 32, log.arg2 & 0xFFFFFFFF);
  }
  void clear() {
    count = 0;
    lists.clear();
    freed.clear();
    text.clear();
  }
};

/// Where blocks go.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  /// Takes a filled block and gives an empty one to go on with (perhaps the same); its `freed`
  /// slots may be used again. `nullptr` for `full` asks for the first. A nullptr answer means
  /// "stop reading".
  virtual Block* exchange(Block* full) = 0;
};

}  // namespace tracetool
