// A batch of events on its way from the reader to the passes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/event.h"

namespace tracetool {

inline constexpr uint32_t kBlockEvents = 512;  // 32 KB of events: fits the first-level cache

struct Block {
  alignas(64) Event events[kBlockEvents];
  /// Positions of all events that are neither goroutine nor proc transitions: most passes need
  /// only those, and they are few.
  uint16_t rare[kBlockEvents];
  /// Positions of goroutine transitions that create, name or end a goroutine.
  uint16_t life[kBlockEvents];
  uint32_t count = 0, rare_count = 0, life_count = 0;
  /// Slots of goroutines that ended in this block: free again once it was handed back.
  std::vector<GoSlot> freed;
  /// Log messages, which are too many to keep.
  std::string text;

  std::span<const Event> all() const { return {events, count}; }
  std::span<const uint16_t> rare_positions() const { return {rare, rare_count}; }
  std::span<const uint16_t> life_positions() const { return {life, life_count}; }
  /// The message of a kLog event of this block.
  std::string_view message(const Event& log) const {
    return std::string_view(text).substr(log.arg2 >> 32, log.arg2 & 0xFFFFFFFF);
  }
  void clear() {
    count = rare_count = life_count = 0;
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
