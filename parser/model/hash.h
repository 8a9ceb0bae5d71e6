// Hashes of what stands in an input. They depend on numbers that are drawn when the program starts,
// so that nobody can write an input whose ids or strings all fall together. Only for looking up:
// no output may depend on an order that they make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tracetool {

struct HashKey {
  uint64_t start, factor;  // the factor is odd
};
/// Drawn once a run.
extern const HashKey kHashKey;

/// Both halves of the product: any bit of either may change all of the result.
inline uint64_t fold_product(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// `hash` with one more word in it; begin with kHashKey.start.
inline uint64_t hash_word(uint64_t hash, uint64_t word) {
  return fold_product(hash ^ word, kHashKey.factor);
}

inline uint64_t hash_text(std::string_view text) {
  uint64_t hash = kHashKey.start ^ text.size();
  uint64_t word;
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    hash = hash_word(hash, word);
  }
  word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return hash_word(hash, word);
}

/// For containers by id.
struct IdHash {
  size_t operator()(uint64_t id) const noexcept { return hash_word(kHashKey.start, id); }
};

/// For containers by text.
struct TextHash {
  size_t operator()(std::string_view text) const noexcept { return hash_text(text); }
};

}  // namespace tracetool
