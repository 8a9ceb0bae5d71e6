// What belongs to a stack and a key.
#include "analyses/measure/stack_chains.h"

#include <catch2/catch.hpp>

namespace tracetool {

TEST_CASE("stack chains: what was set is found, whatever the order and however many there are") {
  // 7 keys of a stack are looked up in its list, 8 and more in the table of all.
  for (const uint32_t keys : {1U, 7U, 8U, 9U, 40U}) {
    INFO(keys);
    StackChains<2> chains;
    constexpr StackId kStacks = 3;
    for (uint32_t key = 0; key < keys; ++key)
      for (StackId stack = 0; stack < kStacks; ++stack) {
        uint32_t& value = chains.find(stack, {key, 1});
        CHECK(value == 0);
        value = 1 + key * kStacks + stack;
      }
    // Each look-up moves what it finds to the front.
    for (uint32_t i = 0; i < 5 * keys; ++i) {
      const uint32_t key = i * 7 % keys;
      const StackId stack = i % kStacks;
      CHECK(chains.find(stack, {key, 1}) == 1 + key * kStacks + stack);
    }
    CHECK(chains.find(0, {0, 2}) == 0);
    CHECK(chains.find(kStacks, {0, 1}) == 0);
  }
}

}  // namespace tracetool
