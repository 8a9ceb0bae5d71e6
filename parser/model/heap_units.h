// What allocation events (GODEBUG=traceallocfree=1) need beside themselves.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "parser/model/event.h"

namespace tracetool {

/// How numbers of spans and objects stand for addresses; told once in a capture. 0: not told here.
struct HeapUnits {
  uint32_t page_bytes = 0;    // of a span's number
  uint32_t object_align = 0;  // of an object's number

  /// As Event::subject of a kSync has it: they are powers of two, and what is not is not told.
  constexpr uint32_t packed() const {
    if (!std::has_single_bit(page_bytes) || !std::has_single_bit(object_align)) return 0;
    return static_cast<uint32_t>(std::countr_zero(page_bytes) << 8 |
                                 std::countr_zero(object_align)) +
           1;
  }
  static constexpr HeapUnits unpacked(uint32_t subject) {
    if (subject == 0) return {};
    return {uint32_t{1} << ((subject - 1) >> 8), uint32_t{1} << ((subject - 1) & 31)};
  }
};
/// More than any system has.
inline constexpr uint64_t kMostHeapPage = uint64_t{1} << 30;

/// Event::aux of kExperimental: what happened. "There is" tells of what existed when the trace
/// began.
enum class AllocEvent : uint8_t {
  kSpan = 128,  // there is
  kSpanAlloc,
  kSpanFree,
  kObject,  // there is
  kObjectAlloc,
  kObjectFree,
  kStack,  // there is
  kStackAlloc,
  kStackFree,
};

/// Of an object; of one that holds several, as the array of a slice does, of one of them.
struct ObjectType {
  StringId name = 0;
  uint32_t bytes = 0;
  /// What is larger than fits does not occur.
  static constexpr uint32_t bytes_of(uint64_t value) {
    return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX));
  }
};

}  // namespace tracetool
