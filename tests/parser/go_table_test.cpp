#include "parser/record/go_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace tracetool;

TEST_CASE("Goroutine ids find their slots, whatever the ids") {
  GoTable t;
  const uint64_t ids[] = {0, 1, 63, 64, 65, 4096, uint64_t{1} << 40, ~uint64_t{0}};
  std::vector<GoSlot> slots;
  for (uint64_t id : ids) {
    CHECK(t.find(id) == kNoGo);
    slots.push_back(t.insert(id).slot);
  }
  for (size_t i = 0; i < std::size(ids); ++i) {
    CHECK(t.find(ids[i]) == slots[i]);
    CHECK(t[slots[i]].id == ids[i]);
    CHECK(t[slots[i]].flags == kGoAlive);
  }
  CHECK(t.find(2) == kNoGo);
  CHECK(t.slots() == std::size(ids));
}

TEST_CASE("A slot is not used again before it is recycled") {
  GoTable t;
  const GoSlot a = t.insert(1).slot;
  t.erase(t[a]);
  CHECK(t.find(1) == kNoGo);
  const GoSlot b = t.insert(1).slot;
  CHECK(b != a);
  CHECK(t.find(1) == b);
  t.recycle(a);
  t[a].since = 5;
  const GoSlot c = t.insert(2).slot;
  CHECK(c == a);
  CHECK(t[c].since == kNever);  // nothing of its former owner
  CHECK(t.slots() == 2);
}

TEST_CASE("Live goroutines come by ascending id") {
  GoTable t;
  for (uint64_t id : {500, 3, 77, 4, 1'000'000}) t.insert(id);
  t.erase(t[t.find(77)]);
  std::vector<uint64_t> ids;
  for (GoSlot s : t.live()) ids.push_back(t[s].id);
  CHECK(ids == std::vector<uint64_t>{3, 4, 500, 1'000'000});
}

TEST_CASE("A random life of goroutines agrees with a plain map") {
  GoTable t;
  std::map<uint64_t, GoSlot> model;
  std::vector<GoSlot> dead;
  std::mt19937_64 random(1);
  uint64_t next = 1;
  for (int step = 0; step < 200'000; ++step) {
    if (model.size() < 50 || (random() % 2 == 0 && model.size() < 3000)) {
      // Runs of new ids, now and then a jump, now and then an old one again.
      const uint64_t dice = random() % 100;
      const uint64_t id = dice == 0 ? next += random() % 100'000 : dice == 1 ? next / 2 : next++;
      if (!model.contains(id)) {
        REQUIRE(t.find(id) == kNoGo);
        model[id] = t.insert(id).slot;
      }
    } else {
      auto it = model.lower_bound(random() % next);
      if (it == model.end()) it = model.begin();
      REQUIRE(t.find(it->first) == it->second);
      t.erase(t[it->second]);
      dead.push_back(it->second);
      model.erase(it);
      if (dead.size() > 100) {
        for (GoSlot s : dead) t.recycle(s);
        dead.clear();
      }
    }
  }
  REQUIRE(t.live().size() == model.size());
  for (const auto& [id, slot] : model) REQUIRE(t.find(id) == slot);
  CHECK(t.slots() < 4000);  // slots were reused
}
