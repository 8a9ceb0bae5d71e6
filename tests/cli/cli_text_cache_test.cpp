// Ready texts take no more room than they may, and are right after they had to be made again.
#include <catch2/catch.hpp>

#include "analyses/export/text_cache.h"

using namespace tracetool;

TEST_CASE("A text is made once, until it is forgotten") {
  TextCache cache;
  int made = 0;
  const auto make = [&](uint32_t id) {
    ++made;
    return "text " + std::to_string(id);
  };
  CHECK(cache.get(1000, make) == "text 1000");
  CHECK(cache.get(7, make) == "text 7");
  CHECK(cache.get(1000, make) == "text 1000");
  CHECK(made == 2);
  cache.forget(1000);
  cache.forget(5'000'000);
  CHECK(cache.get(1000, make) == "text 1000");
  CHECK(made == 3);
  CHECK(cache.get(8, [](uint32_t) { return std::string(); }).empty());
}

TEST_CASE("Texts that do not fit side by side take turns") {
  TextCache cache;
  int made = 0;
  const auto get = [&](uint32_t id, size_t length) {
    return cache.get(id, [&](uint32_t i) {
      ++made;
      return std::string(length, static_cast<char>('a' + i % 26));
    });
  };
  constexpr size_t kLong = size_t{1} << 20;
  for (uint32_t id = 0; id < 40; ++id) {
    CHECK(get(id, kLong) == std::string(kLong, static_cast<char>('a' + id % 26)));
    CHECK(cache.bytes() <= TextCache::kMostBytes);
    CHECK(cache.bytes() >= kLong);
  }
  CHECK(made == 40);
  get(39, kLong);
  CHECK(made == 40);
  get(0, kLong);  // went when others came
  CHECK(made == 41);
  // One that is too long by itself is all that is kept.
  CHECK(get(99, TextCache::kMostBytes + 1).size() == TextCache::kMostBytes + 1);
  CHECK(get(99, 1).size() == TextCache::kMostBytes + 1);
  CHECK(get(1, kLong).size() == kLong);
  CHECK(cache.bytes() < 2 * kLong);
}
