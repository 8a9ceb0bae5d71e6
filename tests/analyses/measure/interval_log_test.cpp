// What goroutines did in the recent past, and who ended it.
#include "analyses/measure/interval_log.h"

#include <catch2/catch.hpp>

#include "tests/analyses/measure/by_hand.h"

namespace tracetool {

using namespace test;

namespace {

constexpr StringId kLock = 7, kYield = 8;
constexpr StackId kPlace = 70, kCreator = 71;
constexpr uint64_t kPlenty = 64 << 20;

/// Goroutine 0 runs and creates 1, which runs, waits from 40 on and is woken by 0 at 60.
void record(IntervalLog& log) {
  log.start(0);
  log.transition(transition(0, kOld, kRuns, 0, 10));
  Event created = made_by(0, transition(1, kNew, kReady, 20, 20));
  created.stack = kCreator;
  log.transition(created);
  log.transition(transition(1, kReady, kRuns, 20, 25));
  Event blocks = transition(1, kRuns, kWaits, 25, 40);
  blocks.name = kLock;
  blocks.stack = kPlace;
  log.transition(blocks);
  Event woken = made_by(0, transition(1, kWaits, kReady, 40, 60));
  woken.since_name = kLock;
  woken.since_stack = kPlace;
  log.transition(woken);
}

}  // namespace

TEST_CASE("interval log: a goroutine's intervals lead from its last one to its creation") {
  const Goroutines two(2);
  IntervalLog log(two.index, kPlenty);
  record(log);

  const Interval* waited = log.find(log.last_of(1));
  REQUIRE(waited != nullptr);
  CHECK(waited->state() == IntervalState::kWaiting);
  CHECK(log.begin_of(*waited) == 40);
  CHECK(waited->end == 60);
  CHECK(waited->reason() == kLock);
  CHECK(waited->stack == kPlace);

  const Interval* ran = log.find(waited->previous);
  REQUIRE(ran != nullptr);
  CHECK(ran->state() == IntervalState::kRunning);
  CHECK(log.begin_of(*ran) == 25);
  CHECK(ran->end == 40);
  CHECK(ran->reason() == kLock);
  CHECK(ran->stack == kPlace);
  CHECK(ran->waker == 0);

  const Interval* was_ready = log.find(ran->previous);
  REQUIRE(was_ready != nullptr);
  CHECK(was_ready->state() == IntervalState::kRunnable);
  CHECK(log.begin_of(*was_ready) == 20);
  CHECK(was_ready->end == 25);

  const Interval* created = log.find(was_ready->previous);
  REQUIRE(created != nullptr);
  CHECK(created->state() == IntervalState::kUnknown);
  CHECK(created->end == 20);
  CHECK(created->stack == kCreator);
  CHECK(created->previous == 0);
  CHECK(log.begin_of(*created) == kNever);
}

TEST_CASE("interval log: who woke or created a goroutine is known with what it did before") {
  const Goroutines two(2);
  IntervalLog log(two.index, kPlenty);
  record(log);
  const IntervalId id = log.last_of(1);
  CHECK(log.who(id).id == 102);
  CHECK(log.waker(id).id == 101);
  CHECK(log.find(id)->waker == log.last_of(0));
  // It has run from the begin of the log, and the log knows nothing before.
  const Interval* waker = log.find(log.last_of(0));
  CHECK(waker->state() == IntervalState::kRunning);
  CHECK(waker->end == 10);
  CHECK(log.begin_of(*waker) == 0);
  const IntervalId ran = log.find(id)->previous;
  CHECK(log.waker(ran).id == 0);
  const IntervalId created = log.find(log.find(ran)->previous)->previous;
  CHECK(log.waker(created).id == 101);
}

TEST_CASE("interval log: of one that did nothing yet the log knows nothing before its own begin") {
  const Goroutines one(1);
  IntervalLog log(one.index, kPlenty);
  log.start(50);
  const Interval* unknown = log.find(log.last_of(0));
  REQUIRE(unknown != nullptr);
  CHECK(unknown->state() == IntervalState::kUnknown);
  CHECK(unknown->end == 50);
  CHECK(log.begin_of(*unknown) == kNever);
}

TEST_CASE("interval log: states that are only repeated are no intervals") {
  const Goroutines two(2);
  IntervalLog log(two.index, kPlenty);
  record(log);
  const uint64_t before = log.position();
  log.transition(transition(1, kReady, kReady, 60, 70));
  CHECK(log.position() == before);
  Event last = transition(1, kReady, kReady, 60, 70);
  last.flags = kFlagOpenEnd;
  log.transition(last);
  CHECK(log.position() == before + 1);
  CHECK(log.find(log.last_of(1))->end == 70);
}

TEST_CASE("interval log: what is needed no more is not found") {
  const Goroutines two(2);
  IntervalLog log(two.index, kPlenty);
  record(log);
  const IntervalId waited = log.last_of(1);
  const IntervalId ran = log.find(waited)->previous;
  log.forget_before(waited);
  CHECK(log.find(ran) == nullptr);
  CHECK(log.find(waited) != nullptr);
  CHECK_FALSE(log.overflowed());
  CHECK(log.recording());
  log.stop();
  CHECK(log.find(waited) == nullptr);
  CHECK_FALSE(log.recording());
}

TEST_CASE("interval log: without room the oldest are dropped, and that is told") {
  const Goroutines two(2);
  IntervalLog log(two.index, 0);  // two chunks of 16,384 are the least
  record(log);
  const IntervalId first = log.last_of(1);
  IntervalId second = 0;
  // Goroutine 0 goes on alone: it runs at even times, and waits to run at odd ones.
  constexpr int64_t kSteps = 3 * 16'384;
  for (int64_t i = 0; i < kSteps; ++i) {
    Event e = i % 2 == 0 ? transition(0, kRuns, kReady, 100 + i, 101 + i)
                         : transition(0, kReady, kRuns, 100 + i, 101 + i);
    e.name = kYield;
    log.transition(e);
    if (i == 0) second = log.last_of(0);
  }
  CHECK(log.overflowed());
  CHECK(log.lossy());
  CHECK(log.find(first) == nullptr);
  CHECK(log.find(second) == nullptr);

  const IntervalId last = log.last_of(0);
  int64_t found = 0, end = 100 + kSteps, begin = 0;
  for (const Interval* i = log.find(last); i != nullptr; i = log.find(i->previous)) {
    CHECK(i->end == end);
    --end;
    ++found;
    begin = log.begin_of(*i);
    CHECK(log.who(last).id == 101);
  }
  // Of the third and the fourth chunk, but for the places that stay free at their ends.
  CHECK(found > 16'384);
  CHECK(found < 2 * 16'384);
  // What came before the oldest is lost: of that only its end is known.
  CHECK(begin == end + 1);

  // Of who did nothing since, a new interval tells that the log knows no more.
  const Interval* other = log.find(log.last_of(1));
  CHECK(other->state() == IntervalState::kUnknown);
  CHECK(other->end == end + 1);
}

}  // namespace tracetool
