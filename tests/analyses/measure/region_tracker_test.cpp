// Which regions are open, and which time falls into which of them.
#include "analyses/measure/region_tracker.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/analyses/measure/by_hand.h"

namespace tracetool {

using namespace test;

namespace {

struct Nothing {};

/// Writes down what it is told. A region is called by its type, which is one letter's code.
class Log : public RegionTracker<Log, Nothing> {
 public:
  Log(const Goroutines& goroutines, bool older = false)
      : RegionTracker(goroutines.tables, goroutines.index, older) {}

  void opened(GoSlot g, Region& r, const Region* outer, const Event&) {
    tell("open", g, name(r) + (outer == nullptr ? "" : " in " + name(*outer)));
  }
  void spent(GoSlot g, Region& r, const Event& e, int64_t from, int64_t to) {
    tell(e.spent_in() == kRuns ? "runs" : "stays", g, name(r) + span(from, to));
  }
  void ran(GoSlot g, Region& r, int64_t from, int64_t to) {
    tell("runs", g, name(r) + span(from, to));
  }
  void closed(GoSlot g, Region& r, Region*, const Event& e, RegionEnding ending) {
    constexpr const char* kEndings[] = {"ended", "went with its goroutine", "still open"};
    tell("close", g,
         name(r) + span(r.begin, e.time) + ", " + std::to_string(r.nested) + " inside, " +
             kEndings[static_cast<int>(ending)]);
  }
  void ended_unopened(GoSlot g, Region* older, const Event&) {
    tell("unopened", g, older == nullptr ? "" : name(*older));
  }
  void other(const Event&) { lines.emplace_back("other"); }

  std::vector<std::string> lines;

 private:
  static std::string span(int64_t from, int64_t to) {
    return ' ' + std::to_string(from) + '-' + std::to_string(to);
  }
  static std::string name(const Region& r) {
    if (r.origin == RegionOrigin::kInherited) return "task" + std::to_string(r.task);
    if (r.origin == RegionOrigin::kOlder) return "older";
    return {static_cast<char>(r.type)};
  }
  void tell(const char* what, GoSlot g, const std::string& of) {
    lines.push_back(std::to_string(g) + ' ' + what + (of.empty() ? "" : ' ' + of));
  }
};

constexpr uint64_t kTask = 5;

/// By goroutine 0, which runs since `since`.
Event begin(char type, int64_t since, int64_t time) {
  Event e = made_by(0, transition(0, kOld, kOld, since, time));
  e.kind = EventKind::kRegionBegin;
  e.arg = kTask;
  e.name = static_cast<StringId>(type);
  return e;
}
Event end(char type, int64_t since, int64_t time) {
  Event e = begin(type, since, time);
  e.kind = EventKind::kRegionEnd;
  e.arg2 = static_cast<uint64_t>(since);
  return e;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("region tracker: each moment belongs to the innermost region") {
  const Goroutines one(1);
  Log log(one);
  log.block(block_of({begin('a', 0, 10), begin('b', 0, 20), transition(0, kRuns, kWaits, 0, 25),
                      transition(0, kWaits, kReady, 25, 40), transition(0, kReady, kRuns, 40, 45),
                      end('b', 45, 50), end('a', 45, 60)}));
  CHECK(log.lines == Lines{"0 open a", "0 runs a 10-20", "0 open b in a", "0 runs b 20-25",
                           "0 stays b 25-40", "0 stays b 40-45", "0 runs b 45-50",
                           "0 close b 20-50, 0 inside, ended", "0 runs a 50-60",
                           "0 close a 10-60, 30 inside, ended"});
  CHECK(log.innermost(0) == nullptr);
}

TEST_CASE("region tracker: one may end around others that go on") {
  const Goroutines one(1);
  Log log(one);
  log.block(block_of({begin('a', 0, 10), begin('b', 0, 20), end('a', 0, 50)}));
  REQUIRE(log.innermost(0) != nullptr);
  CHECK(log.outer_of(*log.innermost(0)) == nullptr);
  log.block(block_of({end('b', 0, 70)}));
  // b was inside of a from 20 to 50 only.
  CHECK(log.lines == Lines{"0 open a", "0 runs a 10-20", "0 open b in a", "0 runs b 20-50",
                           "0 close a 10-50, 30 inside, ended", "0 runs b 50-70",
                           "0 close b 20-70, 0 inside, ended"});
}

TEST_CASE("region tracker: what goes on is from then on inside of the next one outside") {
  const Goroutines one(1);
  Log log(one);
  log.block(block_of({begin('a', 0, 10), begin('b', 0, 20), begin('c', 0, 30), end('b', 0, 50),
                      end('c', 0, 70), end('a', 0, 80)}));
  // In a were b from 20 to 50 and c from 50 to 70, in b c from 30 to 50.
  CHECK(log.lines.at(6) == "0 close b 20-50, 20 inside, ended");
  CHECK(log.lines.at(8) == "0 close c 30-70, 0 inside, ended");
  CHECK(log.lines.back() == "0 close a 10-80, 50 inside, ended");
}

TEST_CASE("region tracker: a name that is not open ends the innermost, and nothing without one") {
  const Goroutines one(1);
  Log log(one);
  log.block(block_of(
      {begin('a', 0, 10), begin('b', 0, 20), end('c', 0, 30), end('c', 0, 40), end('c', 0, 50)}));
  CHECK(log.lines == Lines{"0 open a", "0 runs a 10-20", "0 open b in a", "0 runs b 20-30",
                           "0 close b 20-30, 0 inside, ended", "0 runs a 30-40",
                           "0 close a 10-40, 10 inside, ended", "0 unopened"});
}

TEST_CASE("region tracker: a goroutine created in a region has its task until it ends") {
  const Goroutines two(2);
  Log log(two);
  log.block(block_of({begin('a', 0, 10), made_by(0, transition(1, kNew, kReady, 15, 15)),
                      transition(1, kReady, kRuns, 15, 20), transition(1, kRuns, kNew, 20, 35)}));
  CHECK(log.lines == Lines{"0 open a", "1 open task5", "1 stays task5 15-20", "1 runs task5 20-35",
                           "1 close task5 15-35, 0 inside, went with its goroutine"});
}

TEST_CASE("region tracker: what is open goes with its goroutine, or stays open at the end") {
  Goroutines one(1);
  Log log(one);
  Event forever = transition(0, kRuns, kWaits, 0, 30);
  forever.name = one.tables.intern("forever");
  log.block(block_of({begin('a', 0, 10), begin('b', 0, 20), forever}));
  CHECK(log.lines == Lines{"0 open a", "0 runs a 10-20", "0 open b in a", "0 runs b 20-30",
                           "0 close b 20-30, 0 inside, went with its goroutine",
                           "0 close a 10-30, 10 inside, went with its goroutine"});
  log.lines.clear();
  Event last = transition(0, kRuns, kRuns, 40, 60);
  last.flags = kFlagOpenEnd;
  log.block(block_of({begin('c', 40, 50), last}));
  CHECK(log.lines == Lines{"0 open c", "0 runs c 50-60", "0 close c 50-60, 0 inside, still open"});
}

TEST_CASE("region tracker: older goroutines are regions of their own where that is asked for") {
  for (const bool older : {false, true}) {
    INFO(older);
    const Goroutines one(1);
    Log log(one, older);
    log.block(block_of(
        {transition(0, kOld, kRuns, 0, 10), end('a', 0, 20), begin('b', 0, 30), end('b', 0, 40)}));
    const Lines without = {"0 unopened", "0 open b", "0 runs b 30-40",
                           "0 close b 30-40, 0 inside, ended"};
    const Lines with = {"0 open older",       "0 runs older 0-10",
                        "0 runs older 10-20", "0 unopened older",
                        "0 runs older 20-30", "0 open b in older",
                        "0 runs b 30-40",     "0 close b 30-40, 0 inside, ended"};
    CHECK(log.lines == (older ? with : without));
  }
}

TEST_CASE("region tracker: every other rare event is handed on") {
  const Goroutines one(1);
  Log log(one);
  Event label = begin('a', 0, 5);
  label.kind = EventKind::kLabel;
  log.block(block_of({label}));  // while nothing is open, and beside what opens
  log.block(block_of({begin('a', 0, 10), label}));
  CHECK(log.lines == Lines{"other", "0 open a", "other"});
}

}  // namespace tracetool
