// Ready texts of ids, made when they are first asked for. Texts of stacks can be a thousand times
// what the input spent on them, and so only so many bytes are kept: then all begins anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tracetool {

class TextCache {
 public:
  static constexpr size_t kMostBytes = size_t{16} << 20;

  /// The text that `make(id)` gives, which holds until the next call. Empty ones are not kept.
  template <class Make>
  std::string_view get(uint32_t id, const Make& make) {
    if (id >= texts_.size()) texts_.resize(id + id / 2 + 64);
    if (texts_[id].empty()) keep(id, make(id));
    return texts_[id];
  }
  /// Its room counts until all begins anew.
  void forget(uint32_t id) {
    if (id < texts_.size()) texts_[id].clear();
  }
  /// What the texts take.
  size_t bytes() const { return bytes_; }

 private:
  void keep(uint32_t id, std::string text) {
    text.shrink_to_fit();
    if (bytes_ + text.capacity() > kMostBytes) drop();
    if (text.empty()) return;
    bytes_ += text.capacity();
    kept_.push_back(id);
    texts_[id] = std::move(text);
  }
  void drop() {
    for (const uint32_t id : kept_) texts_[id] = std::string();
    kept_.clear();
    bytes_ = 0;
  }

  std::vector<std::string> texts_;
  std::vector<uint32_t> kept_;
  size_t bytes_ = 0;
};

}  // namespace tracetool
