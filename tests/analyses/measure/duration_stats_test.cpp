// Distributions that know the longest interval, and sums of intervals.
#include "analyses/measure/duration_stats.h"

#include <catch2/catch.hpp>

#include "tests/analyses/measure/by_hand.h"

namespace tracetool {

using namespace test;

TEST_CASE("duration stats: the longest is known with its begin and its goroutine") {
  const Goroutines three(3);
  DurationStats stats;
  CHECK(stats.longest_begin == kNever);
  stats.add(20, 1000, 0, three.index);
  CHECK(stats.longest_begin == 1000);
  CHECK(stats.longest_goroutine == 101);
  stats.add(30, 2000, 2, three.index);
  stats.add(30, 3000, 1, three.index);  // as long, but later
  stats.add(10, 4000, 1, three.index);
  CHECK(stats.longest_begin == 2000);
  CHECK(stats.longest_goroutine == 103);
  CHECK(stats.durations.count() == 4);
  CHECK(stats.durations.sum() == 90);
  stats.add(31, 5000, kNoGo, three.index);
  CHECK(stats.longest_begin == 5000);
  CHECK(stats.longest_goroutine == 0);
}

TEST_CASE("duration stats: of two that become one the longer interval is told") {
  const Goroutines two(2);
  DurationStats shorter, longer;
  shorter.add(5, 100, 0, two.index);
  longer.add(9, 200, 1, two.index);
  DurationStats both = shorter;
  both.merge(longer);
  longer.merge(shorter);
  for (const DurationStats& stats : {both, longer}) {
    CHECK(stats.longest_begin == 200);
    CHECK(stats.longest_goroutine == 102);
    CHECK(stats.durations.count() == 2);
    CHECK(stats.durations.sum() == 14);
  }
}

TEST_CASE("duration stats: what is first seen in a state is counted only behind the window") {
  CountTime sum;
  sum.add(7);
  CHECK(sum.count == 1);
  CHECK(sum.time == 7);
  Event first = transition(0, kOld, kWaits, 100, 150);
  sum.add_first(first);
  CHECK(sum.count == 1);
  CHECK(sum.time == 57);
  first.flags = kFlagOutside;
  sum.add_first(first);
  CHECK(sum.count == 2);
  CHECK(sum.time == 107);
  CountTime all;
  all.add(3);
  all.merge(sum);
  CHECK(all.count == 3);
  CHECK(all.time == 110);
}

TEST_CASE("duration stats: cells are empty where there is nothing to tell") {
  CHECK(goroutine_cell(0) == Cell());
  CHECK(goroutine_cell(7) == Cell(int64_t{7}));
  CHECK(time_cell(kNever) == Cell());
  CHECK(time_cell(0) == Cell(int64_t{0}));
  CHECK(text_cell("") == Cell());
  CHECK(text_cell("x") == Cell(std::string("x")));
  CHECK(ratio_cell(1, 4) == Cell(0.25));
  CHECK(ratio_cell(1, 0) == Cell());
  DurationStats stats;
  CHECK(measured(stats.durations, &Histogram::max) == Cell());
  stats.durations.add(0);
  CHECK(measured(stats.durations, &Histogram::max) == Cell(int64_t{0}));
}

}  // namespace tracetool
