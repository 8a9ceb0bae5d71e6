// Finds what belongs to a stack and a key without hashing: a stack has few keys, and the one found
// last stands in front. Only where there are many of them a hash table takes over, so that no input
// makes the walk long.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "parser/model/event.h"
#include "parser/model/hash.h"

namespace tracetool {

template <size_t kNumbers>
class StackChains {
 public:
  using Key = std::array<uint32_t, kNumbers>;

  /// 0 where nothing was found: set it to what is to be found from then on.
  uint32_t& find(StackId stack, const Key& key) {
    if (stack >= first_.size()) [[unlikely]]
      first_.resize(stack + size_t{1});
    uint32_t at = first_[stack];
    for (int near = 0; at != 0; at = links_[at - 1].next) {
      if (links_[at - 1].key == key) return to_front(stack, at);
      if (++near == kNear) return find_far(stack, key);
    }
    return add(stack, key);
  }

 private:
  static constexpr int kNear = 8;

  struct Link {
    Key key;
    uint32_t next, previous;  // 1 + index
    uint32_t value;
  };
  struct Place {
    StackId stack;
    Key key;
    bool operator==(const Place&) const = default;
  };
  struct Hash {
    size_t operator()(const Place& place) const {
      uint64_t hash = hash_word(kHashKey.start, place.stack);
      for (const uint32_t number : place.key) hash = hash_word(hash, number);
      return hash;
    }
  };

  uint32_t& to_front(StackId stack, uint32_t at) {
    Link& link = links_[at - 1];
    if (link.previous == 0) return link.value;
    links_[link.previous - 1].next = link.next;
    if (link.next != 0) links_[link.next - 1].previous = link.previous;
    put_in_front(stack, at);
    return link.value;
  }
  void put_in_front(StackId stack, uint32_t at) {
    uint32_t& first = first_[stack];
    links_[at - 1].previous = 0;
    links_[at - 1].next = first;
    if (first != 0) links_[first - 1].previous = at;
    first = at;
  }
  uint32_t& find_far(StackId stack, const Key& key) {
    const auto it = all_.find({stack, key});
    return it == all_.end() ? add(stack, key) : to_front(stack, it->second);
  }
  uint32_t& add(StackId stack, const Key& key) {
    links_.push_back({key, 0, 0, 0});
    const auto at = static_cast<uint32_t>(links_.size());
    all_.emplace(Place{stack, key}, at);
    put_in_front(stack, at);
    return links_.back().value;
  }

  std::vector<uint32_t> first_;  // by stack: 1 + index
  std::vector<Link> links_;
  std::unordered_map<Place, uint32_t, Hash> all_;
};

}  // namespace tracetool
