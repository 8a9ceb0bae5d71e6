#include "analyses/engine/stack_cell.h"

#include <string>
#include <utility>

#include "analyses/engine/by_id.h"
#include "parser/model/hash.h"

namespace tracetool {

size_t StackCells::PlaceHash::operator()(const Place& place) const noexcept {
  const auto [function, file, line] = place;
  return hash_word(hash_word(hash_word(kHashKey.start, function), file), line);
}

const SharedText& StackCells::text(StringId id) {
  SharedText& text = texts_[id];
  if (text == nullptr) text = std::make_shared<const std::string>(tables_.string(id));
  return text;
}

const StackCell::Frames::value_type& StackCells::frame(FrameId id) {
  auto& cell = by_id(frames_, id);
  if (cell != nullptr) return cell;
  const Frame& frame = tables_.frame(id);
  auto& same = by_place_[{frame.function, frame.file, frame.line}];
  if (same == nullptr) {
    same = std::make_shared<const FrameCell>(text(frame.function), text(frame.file), frame.line);
  }
  return cell = same;
}

const StackCell& StackCells::operator()(StackId stack) {
  const auto [it, fresh] = stacks_.try_emplace(stack);
  if (fresh) {
    StackCell::Frames frames;
    frames.reserve(tables_.stack(stack).size());
    for (const FrameId id : tables_.stack(stack)) frames.push_back(frame(id));
    it->second = StackCell(std::move(frames));
  }
  return it->second;
}

}  // namespace tracetool
