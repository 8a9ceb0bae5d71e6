#include "reports/words/suggest.h"

#include <algorithm>
#include <utility>

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return out;
}

// Insertions, deletions, replacements, and swaps of neighbours count one each.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

}  // namespace

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (&word != &words.front()) out += between;
    out += word;
  }
  return out;
}

std::vector<std::string> closest(std::string_view word,
                                 const std::vector<std::string>& candidates) {
  constexpr size_t kMost = 3, kLongest = 200;
  const std::string typed = lower(word.substr(0, kLongest));
  if (typed.empty()) return {};
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    const std::string name = lower(candidate);
    const size_t away = distance(typed, name);
    // Part of a name is a likely abbreviation, however much is missing.
    const bool part = typed.size() >= 3 && name.find(typed) != std::string::npos;
    if (away <= std::max<size_t>(1, typed.size() / 3) || part) near.emplace_back(away, candidate);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& entry : near) {
    if (out.size() == kMost) break;
    // Two tables may go by one short name.
    if (!std::ranges::count(out, entry.second)) out.push_back(entry.second);
  }
  return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::vector<std::string> names = closest(word, candidates);
  if (names.empty()) return {};
  constexpr size_t kWidth = 200;
  std::string out = "; did you mean ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += '"' + shorten(clean(names[i]), kWidth) + '"';
  }
  return out + "?";
}

}  // namespace tracetool
