// Sums over small numbers, of which each may change at any time: both in logarithmic time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracetool {

class PrefixSums {
 public:
  void add(size_t number, int64_t by) {
    while (number >= size()) double_size();
    for (size_t node = number + 1; node < nodes_.size(); node += node & (0 - node))
      nodes_[node] += by;
  }
  /// Of all numbers smaller than `end`.
  int64_t below(size_t end) const {
    int64_t sum = 0;
    for (size_t node = end < size() ? end : size(); node > 0; node &= node - 1) sum += nodes_[node];
    return sum;
  }

 private:
  size_t size() const { return nodes_.size() - 1; }
  void double_size() {
    const int64_t all = nodes_.back();
    nodes_.resize(2 * size() + 1);
    nodes_.back() = all;
  }
  /// Node k holds the sum of as many numbers before k as its lowest bit says. Their count is a
  /// power of two, so that the last one holds all.
  std::vector<int64_t> nodes_ = {0, 0};
};

}  // namespace tracetool
