// A vector whose elements never move, so that a second thread may read elements that were published
// to it while the first appends. Chunks double in size; the directory is fixed.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace tracetool {

template <class T>
class StableVector {
  static constexpr size_t kFirst = 1024;  // elements in the first chunk, a power of two
  static constexpr size_t kFirstBits = 10;

 public:
  size_t size() const { return size_; }
  T& operator[](size_t i) { return *at(i); }
  const T& operator[](size_t i) const { return *const_cast<StableVector*>(this)->at(i); }
  T& back() { return (*this)[size_ - 1]; }

  T& push_back(T value) {
    const size_t biased = size_ + kFirst;
    const auto chunk = static_cast<size_t>(std::bit_width(biased)) - 1 - kFirstBits;
    auto& place = chunks_[chunk];
    if (!place) place = std::make_unique<T[]>(kFirst << chunk);
    T& slot = place[biased - (kFirst << chunk)];
    slot = std::move(value);
    ++size_;
    return slot;
  }

 private:
  T* at(size_t i) {
    const size_t biased = i + kFirst;
    const auto chunk = static_cast<size_t>(std::bit_width(biased)) - 1 - kFirstBits;
    // `biased` has at least kFirstBits + 1 bits.
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    return &chunks_[chunk][biased - (kFirst << chunk)];
  }

  std::array<std::unique_ptr<T[]>, 32> chunks_;
  size_t size_ = 0;
};

}  // namespace tracetool
