#include "parser/model/tables.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace tracetool {
namespace {

/// What an IdSet tells ids apart by.
uint32_t upper(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

}  // namespace

void* Tables::Arena::take(size_t bytes, size_t align) {
  used_ = (used_ + align - 1) & ~(align - 1);
  if (blocks_.empty() || used_ + bytes > size_) {
    size_ = std::max<size_t>(bytes, std::min<size_t>(size_ ? size_ * 2 : 16 << 10, 1 << 20));
    blocks_.push_back(std::make_unique<std::byte[]>(size_));
    used_ = 0;
  }
  void* at = blocks_.back().get() + used_;
  used_ += bytes;
  return at;
}

void Tables::IdSet::grow() {
  const size_t size = cells.empty() ? 1024 : cells.size() * 2;
  std::vector<uint32_t> old_cells(size), old_hashes(size);
  old_cells.swap(cells);
  old_hashes.swap(hashes);
  for (size_t i = 0; i < old_cells.size(); ++i) {
    if (old_cells[i] == 0) continue;
    size_t at = old_hashes[i] & (size - 1);
    while (cells[at] != 0) at = (at + 1) & (size - 1);
    cells[at] = old_cells[i];
    hashes[at] = old_hashes[i];
  }
}

template <class Equal>
uint32_t* Tables::IdSet::find(uint32_t hash, Equal equal) {
  if (count * 2 >= cells.size()) grow();
  size_t at = hash & (cells.size() - 1);
  while (cells[at] != 0 && !(hashes[at] == hash && equal(cells[at] - 1)))
    at = (at + 1) & (cells.size() - 1);
  hashes[at] = hash;
  if (cells[at] == 0) ++count;
  return &cells[at];
}

Tables::Tables(MemoryBudget* budget) : budget_(budget) {
  strings_.push_back(std::string_view());
  *string_set_.find(upper(hash_text("")), [](uint32_t) { return false; }) = 1;
  stacks_.push_back({nullptr, 0});  // 0: none
  stacks_.push_back({nullptr, 0});  // kEmptyStack
}

StringId Tables::intern(std::string_view text) {
  uint32_t* cell =
      string_set_.find(upper(hash_text(text)), [&](uint32_t id) { return strings_[id] == text; });
  if (*cell == 0) {
    char* copy = static_cast<char*>(arena_.take(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    *cell = static_cast<uint32_t>(strings_.size()) + 1;
    strings_.push_back({copy, text.size()});
    take(sizeof(std::string_view) + text.size());
  }
  return *cell - 1;
}

StringId Tables::intern(std::string_view prefix, std::string_view middle, std::string_view suffix) {
  std::string text;
  text.reserve(prefix.size() + middle.size() + suffix.size());
  text.append(prefix).append(middle).append(suffix);
  return intern(text);
}

FrameId Tables::intern(const Frame& frame) {
  uint64_t h = hash_word(kHashKey.start, frame.pc);
  h = hash_word(h, frame.line);
  const uint32_t hash = upper(hash_word(h, uint64_t{frame.function} << 32 | frame.file));
  uint32_t* cell = frame_set_.find(hash, [&](uint32_t id) { return frames_[id] == frame; });
  if (*cell == 0) {
    *cell = static_cast<uint32_t>(frames_.size()) + 1;
    frames_.push_back(frame);
    take(sizeof frame);
  }
  return *cell - 1;
}

StackId Tables::intern(std::span<const FrameId> frames) {
  if (frames.empty()) return 0;
  if (frames.size() == 1 && frames_[frames[0]] == Frame{}) return kEmptyStack;
  uint64_t h = kHashKey.start ^ frames.size();
  for (FrameId f : frames) h = hash_word(h, f);
  uint32_t* cell =
      stack_set_.find(upper(h), [&](uint32_t id) { return std::ranges::equal(stack(id), frames); });
  if (*cell == 0) {
    auto* copy = static_cast<FrameId*>(arena_.take(frames.size_bytes(), alignof(FrameId)));
    std::ranges::copy(frames, copy);
    *cell = static_cast<uint32_t>(stacks_.size()) + 1;
    stacks_.push_back({copy, static_cast<uint32_t>(frames.size())});
    take(sizeof(StackRef) + frames.size_bytes());
  }
  return *cell - 1;
}

ThreadIndex Tables::intern_thread(int64_t id) {
  if (id == -1) return kNoThread;
  const auto key = static_cast<uint64_t>(id);
  if (const auto it = thread_set_.find(key); it != thread_set_.end()) return it->second;
  if (threads_.size() >= kNoThread) return kNoThread;
  const auto index = static_cast<ThreadIndex>(threads_.size());
  threads_.push_back(id);
  thread_set_.emplace(key, index);
  return index;
}

StringId Tables::leaf_function(StackId id) const {
  return id <= kEmptyStack ? 0 : frame(stack(id).front()).function;
}

StringId Tables::root_function(StackId id) const {
  return id <= kEmptyStack ? 0 : frame(stack(id).back()).function;
}

}  // namespace tracetool
