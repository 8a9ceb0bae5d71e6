#include "parser/wire/go_heap.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tracetool;

namespace {

struct Item {
  int key;
  char name;
};
using Heap = GoHeap<Item, &Item::key>;

std::string names(const Heap& heap) {
  std::string out;
  for (const Item& item : heap) out += item.name;
  return out;
}

}  // namespace

TEST_CASE("the heap has the shape of the reference's, of equal keys too", "[heap]") {
  Heap heap;
  for (const Item item : {Item{5, 'a'}, {5, 'b'}, {3, 'c'}, {5, 'd'}, {3, 'e'}}) heap.push(item);
  // c rose above a; e rose above b and stands below c, which it equals.
  CHECK(names(heap) == "ceadb");
  heap.pop();  // b goes down from the root: e is the lesser child
  CHECK(names(heap) == "ebad");
  heap[0].key = 9;
  heap.fix(0);  // b and a are equal: the left one rises, and then d
  CHECK(names(heap) == "bdae");
  heap[3].key = 1;
  heap.fix(3);
  CHECK(names(heap) == "ebad");
  heap.remove(2);  // by way of the root: what was there sinks, and rises again
  CHECK(names(heap) == "ebd");
  heap.pop();
  heap.pop();
  heap.pop();
  CHECK(heap.empty());
}
