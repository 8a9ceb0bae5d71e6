// The spans of the heap as allocation events tell them: which one an address lies in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "analyses/go/size_classes.h"

namespace tracetool {

/// Numbers count pages. Threads' clocks run ahead a little where they write many events, so that a
/// span may seem to be made before the one that was there is freed: frees then end the older one.
class HeapSpans {
 public:
  struct Span {
    uint64_t first = 0, pages = 0;
    SpanKind kind;
  };
  static constexpr uint64_t kMostPages = uint64_t{1} << 36;

  void add(const Span& span) {
    retire(span);
    last_ = &spans_.insert_or_assign(span.first, span).first->second;
  }
  /// The span that begins there; none if there is none.
  std::optional<Span> free(uint64_t first) {
    // Of several that begin there, the oldest comes first.
    const auto oldest = retired_.lower_bound(first);
    if (oldest != retired_.end() && oldest->first == first) {
      const Span span = oldest->second;
      retired_.erase(oldest);
      return span;
    }
    const auto it = spans_.find(first);
    if (it == spans_.end()) return std::nullopt;
    const Span span = it->second;
    last_ = nullptr;
    spans_.erase(it);
    return span;
  }
  /// The newest one that has this page, or nullptr. Valid until the next change.
  const Span* find(uint64_t page) {
    // Objects come and go span by span.
    if (last_ != nullptr && page - last_->first < last_->pages) return last_;
    auto it = spans_.upper_bound(page);
    if (it == spans_.begin()) return nullptr;
    const Span& span = (--it)->second;
    if (page - span.first >= span.pages) return nullptr;
    return last_ = &span;
  }
  /// Calls `f` with each span that was not freed.
  template <class F>
  void each(F f) const {
    for (const auto& [first, span] : spans_) f(span);
    for (const auto& [first, span] : retired_) f(span);
  }
  void clear() {
    spans_.clear();
    retired_.clear();
    last_ = nullptr;
  }

 private:
  /// Takes aside what lies where `span` does.
  void retire(const Span& span) {
    auto it = spans_.lower_bound(span.first);
    if (it != spans_.begin()) {
      const auto before = std::prev(it);
      if (span.first - before->first < before->second.pages) it = before;
    }
    while (it != spans_.end() && (it->first <= span.first || it->first - span.first < span.pages)) {
      retired_.emplace(it->first, it->second);
      it = spans_.erase(it);
    }
  }

  std::map<uint64_t, Span> spans_;
  std::multimap<uint64_t, Span> retired_;
  const Span* last_ = nullptr;
};

}  // namespace tracetool
