// Stacks as table cells.
#pragma once

#include <tuple>
#include <unordered_map>

#include "parser/model/tables.h"
#include "reports/model/cell.h"

namespace tracetool {

/// Makes the cells of one capture's stacks, each stack and each text of a frame once: rows times
/// depth times the length of names would be out of all proportion to the capture.
class StackCells {
 public:
  explicit StackCells(const Tables& tables) : tables_(tables) {}
  /// "function file:line" a frame, innermost first; no frames for stack 0.
  const StackCell& operator()(StackId stack);
  const Tables& tables() const { return tables_; }

 private:
  using Place = std::tuple<StringId, StringId, uint64_t>;
  struct PlaceHash {
    size_t operator()(const Place& place) const noexcept;
  };
  const SharedText& text(StringId id);
  const StackCell::Frames::value_type& frame(FrameId id);

  const Tables& tables_;
  std::unordered_map<StackId, StackCell> stacks_;
  std::unordered_map<StringId, SharedText> texts_;
  StackCell::Frames frames_;  // by id, as far as they were asked for
  /// Frames that differ in nothing but their addresses are one.
  std::unordered_map<Place, StackCell::Frames::value_type, PlaceHash> by_place_;
};

}  // namespace tracetool
