// What a table holds: a number, a text, a stack, or nothing.
#pragma once

#include <boost/iterator/indirect_iterator.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tracetool {

/// A text that many cells show.
using SharedText = std::shared_ptr<const std::string>;

/// The text of a frame with a place behind its function: "main.f dir/file.go:12".
struct FrameParts {
  std::string_view function, file, digits;
};
std::optional<FrameParts> frame_parts(std::string_view text);

/// A frame of a stack, "function file:line". Text without a place is all function.
struct FrameCell {
  FrameCell() = default;
  FrameCell(SharedText function, SharedText file, uint64_t line)
      : function(std::move(function)), file(std::move(file)), line(line) {}
  /// Reads such a text.
  explicit FrameCell(std::string_view text);
  /// As it is shown and saved.
  std::string text() const;

  SharedText function;  // never null
  SharedText file;      // null without a place
  uint64_t line = 0;
};
bool operator==(const FrameCell& a, const FrameCell& b);
bool operator<(const FrameCell& a, const FrameCell& b);

/// A stack, innermost frame first. Frames and their texts are shared: a copy costs a pointer, and a
/// deep stack of long names is in memory once, however many rows show it.
class StackCell {
 public:
  using Frames = std::vector<std::shared_ptr<const FrameCell>>;
  using Iterator = boost::indirect_iterator<Frames::const_iterator>;

  StackCell() = default;
  StackCell(std::initializer_list<std::string_view> frames);
  /// None of the frames may be null.
  explicit StackCell(Frames frames);

  bool empty() const { return frames_ == nullptr; }
  size_t size() const { return list().size(); }
  const FrameCell& operator[](size_t i) const { return *list()[i]; }
  const FrameCell& front() const { return *list().front(); }
  Iterator begin() const { return Iterator(list().begin()); }
  Iterator end() const { return Iterator(list().end()); }
  const Frames& list() const;

 private:
  std::shared_ptr<const Frames> frames_;  // null for no frames
};
bool operator==(const StackCell& a, const StackCell& b);
bool operator<(const StackCell& a, const StackCell& b);

/// monostate is "no value": "-" in text, null in JSON, empty in CSV, never 0.
using Cell = std::variant<std::monostate, int64_t, double, std::string, StackCell>;

/// A count or an id; no value for what only a lie makes larger than a cell can hold.
inline Cell number_cell(uint64_t n) {
  return n > static_cast<uint64_t>(INT64_MAX) ? Cell() : Cell(static_cast<int64_t>(n));
}

template <class T>
Cell optional_cell(const std::optional<T>& value) {
  return value ? Cell(*value) : Cell();
}

}  // namespace tracetool
