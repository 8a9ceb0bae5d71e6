// A batch of events on its way from the reader to the passes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/event.h"

namespace tracetool {

inline constexpr size_t kLeftStates = 4;       // runnable, running, waiting, syscall
inline constexpr uint32_t kBlockEvents = 512;  // 32 KB of events: fits the first-level cache

struct Block {
  alignas(64) Event events[kBlockEvents];
  /// Positions of all events that are neither goroutine nor proc transitions: most passes need
  /// only those, and they are few.
  uint16_t rare[kBlockEvents];
  /// Positions of goroutine transitions in which a goroutine comes into the trace, gets its name
  /// later than that, or ends (also with the trace, or before a gap).
  uint16_t born[kBlockEvents], named[kBlockEvents], ended[kBlockEvents];
  /// Positions of goroutine transitions by the state that they end, from kRunnable on: who wants
  /// only some kinds of them, or all in any order, has no branch to mispredict.
  uint16_t left[kLeftStates][kBlockEvents];
  /// Positions of proc transitions.
  uint16_t procs[kBlockEvents];
  uint32_t count = 0, rare_count = 0, procs_count = 0;
  uint32_t born_count = 0, named_count = 0, ended_count = 0;
  uint32_t left_count[kLeftStates] = {};
  /// Bit of each EventKind that is among `rare`.
  uint32_t rare_kinds = 0;
  /// Slots of goroutines that ended in this block: free again once it was handed back.
  std::vector<GoSlot> freed;
  /// Log messages, which are too many to keep.
  std::string text;

  std::span<const Event> all() const { return {events, count}; }
  std::span<const uint16_t> rare_positions() const { return {rare, rare_count}; }
  std::span<const uint16_t> born_positions() const { return {born, born_count}; }
  std::span<const uint16_t> named_positions() const { return {named, named_count}; }
  std::span<const uint16_t> ended_positions() const { return {ended, ended_count}; }
  /// Is any rare event of one of these kinds?
  template <class... Kinds>
  bool has(Kinds... kinds) const {
    return rare_kinds & ((1u << static_cast<unsigned>(kinds)) | ...);
  }
  /// Calls `f` with each event of these three lists once, in order.
  template <class F>
  void each_life(F f) const {
    uint32_t b = 0, n = 0, e = 0;
    while (b < born_count || n < named_count || e < ended_count) {
      uint16_t at = kBlockEvents;
      if (b < born_count) at = std::min(at, born[b]);
      if (n < named_count) at = std::min(at, named[n]);
      if (e < ended_count) at = std::min(at, ended[e]);
      b += b < born_count && born[b] == at;
      n += n < named_count && named[n] == at;
      e += e < ended_count && ended[e] == at;
      f(events[at]);
    }
  }
  std::span<const uint16_t> proc_positions() const { return {procs, procs_count}; }
  /// Calls `f` with each event that is no goroutine transition, in order.
  template <class F>
  void each_other(F f) const {
    uint32_t r = 0, p = 0;
    while (r < rare_count || p < procs_count) {
      const bool is_rare = p == procs_count || (r < rare_count && rare[r] < procs[p]);
      f(events[is_rare ? rare[r++] : procs[p++]]);
    }
  }
  /// Goroutine transitions that end a stay in `state`, or close it at the end of the trace; not
  /// those of goroutines that were in no known state before (those are among born_positions()).
  std::span<const uint16_t> left_positions(GoState state) const {
    const size_t i = left_index(state);
    return {left[i], left_count[i]};
  }
  static constexpr size_t left_index(GoState state) {
    return static_cast<size_t>(state) - static_cast<size_t>(GoState::kRunnable);
  }
  /// The message of a kLog event of this block.
  std::string_view message(const Event& log) const {
    return std::string_view(text).substr(log.arg2 >> 32, log.arg2 & 0xFFFFFFFF);
  }
  void clear() {
    count = rare_count = procs_count = rare_kinds = 0;
    born_count = named_count = ended_count = 0;
    std::fill_n(left_count, kLeftStates, 0);
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
