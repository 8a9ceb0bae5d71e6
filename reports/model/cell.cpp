#include "reports/model/cell.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tracetool {
namespace {

SharedText shared(std::string_view text) { return std::make_shared<const std::string>(text); }

/// What is shared is told equal at once, as most is.
int compare(const SharedText& a, const SharedText& b) {
  if (a == b) return 0;
  if (a == nullptr || b == nullptr) return a == nullptr ? -1 : 1;
  return a->compare(*b);
}

int compare(const FrameCell& a, const FrameCell& b) {
  if (&a == &b) return 0;
  if (const int order = compare(a.function, b.function); order != 0) return order;
  if (const int order = compare(a.file, b.file); order != 0) return order;
  return a.line < b.line ? -1 : a.line > b.line ? 1 : 0;
}

}  // namespace

std::optional<FrameParts> frame_parts(std::string_view text) {
  const size_t colon = text.rfind(':');
  const size_t space = text.rfind(' ');
  if (colon == std::string_view::npos || space == std::string_view::npos || space > colon)
    return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return FrameParts{text.substr(0, space), text.substr(space + 1, colon - space - 1), digits};
}

FrameCell::FrameCell(std::string_view text) {
  const auto parts = frame_parts(text);
  if (parts) {
    const std::string_view digits = parts->digits;
    const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), line).ec;
    // A number that would be written otherwise is none, so that text() gives the same again.
    if (error == std::errc() && (digits.size() == 1 || digits.front() != '0')) {
      function = shared(parts->function);
      file = shared(parts->file);
      return;
    }
    line = 0;
  }
  function = shared(text);
}

std::string FrameCell::text() const {
  if (file == nullptr) return *function;
  std::string text;
  const std::string number = std::to_string(line);
  text.reserve(function->size() + file->size() + number.size() + 2);
  return text.append(*function).append(" ").append(*file).append(":").append(number);
}

bool operator==(const FrameCell& a, const FrameCell& b) { return compare(a, b) == 0; }
bool operator<(const FrameCell& a, const FrameCell& b) { return compare(a, b) < 0; }

StackCell::StackCell(Frames frames) {
  if (!frames.empty()) frames_ = std::make_shared<const Frames>(std::move(frames));
}

StackCell::StackCell(std::initializer_list<std::string_view> frames) {
  Frames list;
  for (const std::string_view frame : frames)
    list.push_back(std::make_shared<const FrameCell>(frame));
  *this = StackCell(std::move(list));
}

const StackCell::Frames& StackCell::list() const {
  static const Frames kNone;
  return frames_ == nullptr ? kNone : *frames_;
}

bool operator==(const StackCell& a, const StackCell& b) {
  return &a.list() == &b.list() || std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool operator<(const StackCell& a, const StackCell& b) {
  return &a.list() != &b.list() &&
         std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace tracetool
