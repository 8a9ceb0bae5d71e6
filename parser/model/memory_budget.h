// What a reader keeps of a whole capture, counted: strings and stacks, open goroutines, tasks and
// regions, and all of a capture of format 1. Whoever lets it grow takes from it, off the hot path;
// whoever reads on looks whether it is used up.
#pragma once

#include <cstdint>

namespace tracetool {

/// Unless the user says otherwise: field captures of format 1 of hundreds of megabytes are kept as
/// a whole.
inline constexpr uint64_t kDefaultMemory = uint64_t{2} << 30;

class MemoryBudget {
 public:
  explicit MemoryBudget(uint64_t bytes = UINT64_MAX) : most_(bytes) {}
  void take(uint64_t bytes) {
    used_ += bytes;
    over_ = used_ > most_;
  }
  void give(uint64_t bytes) {
    used_ -= bytes;
    over_ = used_ > most_;
  }
  bool over() const { return over_; }
  /// There is no room for so many more.
  bool lacks(uint64_t bytes) const { return used_ > most_ || bytes > most_ - used_; }
  uint64_t most() const { return most_; }
  uint64_t used() const { return used_; }

 private:
  uint64_t most_, used_ = 0;
  bool over_ = false;
};

}  // namespace tracetool
