#include "reports/formats/text_layout.h"

#include <algorithm>
#include <utility>

namespace tracetool {
namespace {

// A long name alone is no reason to drop a column: it may be cut to this much first.
size_t comfortable(const ColumnSpace& column, size_t width, size_t flexible) {
  if (!column.flexible) return column.natural;
  const size_t share = std::clamp<size_t>(width / 2 / std::max<size_t>(flexible, 1), 16, 40);
  return std::min(column.natural, std::max(column.heading, share));
}

size_t smallest(const ColumnSpace& column) {
  constexpr size_t kLeast = 8;
  return column.flexible ? std::min(column.natural, kLeast) : column.natural;
}

template <class WidthOf>
size_t total(const std::vector<size_t>& shown, const WidthOf& width_of) {
  size_t sum = shown.empty() ? 0 : kColumnGap * (shown.size() - 1);
  for (const size_t c : shown) sum += width_of(c);
  return sum;
}

}  // namespace

TextLayout lay_out(const std::vector<ColumnSpace>& columns, size_t width) {
  TextLayout out;
  for (size_t c = 0; c < columns.size(); ++c) out.shown.push_back(c);
  const auto natural = [&](size_t c) { return columns[c].natural; };
  if (width == 0 || total(out.shown, natural) <= width) {
    for (const size_t c : out.shown) out.widths.push_back(natural(c));
    return out;
  }

  const auto is_flexible = [&](size_t c) { return columns[c].flexible; };
  const auto wanted = [&](size_t c) {
    const auto flexible = std::count_if(out.shown.begin(), out.shown.end(), is_flexible);
    return comfortable(columns[c], width, static_cast<size_t>(flexible));
  };
  const auto order = [&](size_t c) { return std::pair(columns[c].idle, columns[c].rank); };
  while (total(out.shown, wanted) > width) {
    auto last = out.shown.end();
    for (auto it = out.shown.begin(); it != out.shown.end(); ++it) {
      if (columns[*it].rank <= 0) continue;
      if (last == out.shown.end() || order(*it) >= order(*last)) last = it;
    }
    if (last == out.shown.end()) break;
    out.dropped.push_back(*last);
    out.shown.erase(last);
  }
  std::sort(out.dropped.begin(), out.dropped.end());

  const auto least = [&](size_t c) { return smallest(columns[c]); };
  size_t used = total(out.shown, least);
  out.fits = used <= width;
  for (const size_t c : out.shown) out.widths.push_back(least(c));
  // Room that is left goes to the narrowest texts first.
  while (used < width) {
    size_t* narrowest = nullptr;
    for (size_t i = 0; i < out.shown.size(); ++i) {
      if (out.widths[i] >= natural(out.shown[i])) continue;
      if (narrowest == nullptr || out.widths[i] < *narrowest) narrowest = &out.widths[i];
    }
    if (narrowest == nullptr) break;
    ++*narrowest;
    ++used;
  }
  return out;
}

}  // namespace tracetool
