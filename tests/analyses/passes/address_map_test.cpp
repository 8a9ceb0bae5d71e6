// The map of live objects against the one of the standard library.
#include "analyses/passes/allocs/address_map.h"

#include <catch2/catch.hpp>
#include <random>
#include <unordered_map>

#include "analyses/go/size_classes.h"

using namespace tracetool;

TEST_CASE("AddressMap does what std::unordered_map does", "[allocs]") {
  std::mt19937_64 random(1);
  AddressMap<uint32_t> map;
  std::unordered_map<uint64_t, uint32_t> other;
  for (uint32_t i = 0; i < 200'000; ++i) {
    const uint64_t key = random() % 5000 * (i % 3 == 0 ? 1024 : 1);
    const uint32_t* found = map.find(key);
    const auto it = other.find(key);
    REQUIRE((found != nullptr) == (it != other.end()));
    if (found == nullptr) {
      map.insert(key, i);
      other.emplace(key, i);
    } else {
      REQUIRE(*found == it->second);
      map.erase(key);
      other.erase(it);
    }
    REQUIRE(map.size() == other.size());
  }
}

TEST_CASE("the classes of sizes are those of Go's allocator", "[allocs]") {
  uint64_t sum = 0, weighted = 0;
  for (size_t i = 0; i < kSizeClasses.size(); ++i) {
    sum += kSizeClasses[i];
    weighted += i * kSizeClasses[i];
  }
  CHECK(sum == 372'768);
  CHECK(weighted == 21'281'984);
}
