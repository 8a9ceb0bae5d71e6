#include "parser/model/tables.h"

#include <catch2/catch.hpp>
#include <string>

#include "parser/model/stable_vector.h"

using namespace tracetool;

TEST_CASE("Equal strings have one id, and ids outlive growth") {
  Tables t;
  CHECK(t.intern("") == 0);
  CHECK(t.string(0).empty());
  std::vector<StringId> ids;
  for (int i = 0; i < 20'000; ++i) ids.push_back(t.intern("name " + std::to_string(i)));
  for (int i = 0; i < 20'000; ++i) {
    REQUIRE(t.string(ids[static_cast<size_t>(i)]) == "name " + std::to_string(i));
    REQUIRE(t.intern("name " + std::to_string(i)) == ids[static_cast<size_t>(i)]);
  }
  CHECK(t.string_count() == 20'001);
  const std::string_view early = t.string(ids[0]);
  CHECK(early.data() == t.string(t.intern("name 0")).data());
}

TEST_CASE("Strings that differ only past a word, in length or by a zero byte are different") {
  Tables t;
  using std::literals::operator""sv;
  const std::string_view texts[] = {
      "a",        "a\0"sv,        "a\0\0"sv,          "abcdefgh",        "abcdefghi",
      "abcdefgi", "abcdefgh\0"sv, "abcdefghabcdefgh", "abcdefghabcdefgi"};
  for (const std::string_view a : texts)
    for (const std::string_view b : texts) CHECK((t.intern(a) == t.intern(b)) == (a == b));
  CHECK(t.string_count() == 1 + std::size(texts));
  const std::string big(5'000'000, 'x');  // larger than any block of the arena
  CHECK(t.string(t.intern(big)) == big);
  CHECK(t.intern(big) == t.intern(big));
}

TEST_CASE("A string of three parts is interned as their sum") {
  Tables t;
  CHECK(t.intern("stop-the-world (", "GOMAXPROCS", ")") == t.intern("stop-the-world (GOMAXPROCS)"));
}

TEST_CASE("Frames and stacks are interned whole") {
  Tables t;
  const size_t none = t.stack_count();  // the ways to say that there is no stack
  const StringId f = t.intern("main.f"), g = t.intern("main.g"), file = t.intern("m.go");
  const FrameId a = t.intern(Frame{0x1000, f, file, 10});
  CHECK(t.intern(Frame{0x1000, f, file, 10}) == a);
  // The same pc may stand for another line: generations of different programs, or damage.
  const FrameId b = t.intern(Frame{0x1000, f, file, 11});
  const FrameId c = t.intern(Frame{0x2000, g, file, 10});
  CHECK(b != a);
  CHECK(t.frame(b).line == 11);
  const FrameId ac[] = {a, c}, ca[] = {c, a}, only[] = {a};
  const StackId s = t.intern(ac);
  CHECK(s != 0);
  CHECK(t.intern(ac) == s);
  CHECK(t.intern(ca) != s);
  CHECK(t.intern(only) != s);
  CHECK(t.string(t.leaf_function(s)) == "main.f");
  CHECK(t.string(t.root_function(s)) == "main.g");
  CHECK(t.stack(s).size() == 2);
  CHECK(t.stack_count() == none + 3);
  CHECK(t.leaf_function(0) == 0);
  CHECK(t.root_function(0) == 0);
  CHECK(t.intern(std::span<const FrameId>()) == 0);
}

TEST_CASE("Many stacks of the same frames stay apart") {
  Tables t;
  const size_t none = t.stack_count();
  std::vector<FrameId> frames;
  for (uint64_t i = 0; i < 128; ++i) frames.push_back(t.intern(Frame{i + 1, 0, 0, i}));
  std::vector<StackId> ids;
  for (size_t from = 0; from < 128; ++from)
    for (size_t to = from + 1; to <= 128; ++to)
      ids.push_back(t.intern(std::span(frames).subspan(from, to - from)));
  CHECK(t.stack_count() == none + 128 * 129 / 2);
  size_t i = 0;
  for (size_t from = 0; from < 128; ++from)
    for (size_t to = from + 1; to <= 128; ++to, ++i) {
      REQUIRE(t.stack(ids[i]).size() == to - from);
      REQUIRE(t.stack(ids[i]).front() == frames[from]);
    }
}

TEST_CASE("Threads are numbered as they appear, up to the last index but one") {
  Tables t;
  CHECK(t.intern_thread(-1) == kNoThread);
  CHECK(t.thread_id(kNoThread) == -1);
  CHECK(t.intern_thread(4711) == 0);
  CHECK(t.intern_thread(INT64_MIN) == 1);
  CHECK(t.intern_thread(4711) == 0);
  CHECK(t.thread_id(1) == INT64_MIN);
  for (int64_t i = 2; i < kNoThread; ++i) REQUIRE(t.intern_thread(i + 10'000) == i);
  CHECK(t.thread_count() == kNoThread);
  CHECK(t.intern_thread(1) == kNoThread);  // no room
  CHECK(t.intern_thread(4711) == 0);
}

TEST_CASE("Elements of a stable vector never move") {
  StableVector<int> v;
  v.push_back(0);
  const int* first = &v[0];
  for (int i = 1; i < 100'000; ++i) CHECK_FALSE(v.push_back(i) != i);
  CHECK(v.size() == 100'000);
  CHECK(&v[0] == first);
  for (size_t i = 0; i < v.size(); ++i) REQUIRE(v[i] == static_cast<int>(i));
  CHECK(v.back() == 99'999);
}
