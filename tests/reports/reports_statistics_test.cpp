#include <catch2/catch.hpp>

#include "reports/compare/statistics.h"

using namespace tracetool;

TEST_CASE("medians") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 2.5);
  CHECK(median({7}) == 7);
}

TEST_CASE("confidence intervals of medians come from order statistics") {
  // Both ends of n values miss the median with 2 * (1/2)^n: 6.25 % for 5, 3.1 % for 6.
  CHECK_FALSE(median_interval({1, 2, 3, 4, 5}, 0.95));
  const auto six = median_interval({6, 5, 4, 3, 2, 1}, 0.95);
  REQUIRE(six);
  CHECK(six->low == 1);
  CHECK(six->high == 6);
  // Of 10 values the second from each end: 2 * (1 + 10) / 1024 = 2.1 %; the third would be 10.9 %.
  const auto ten = median_interval({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.95);
  REQUIRE(ten);
  CHECK(ten->low == 2);
  CHECK(ten->high == 9);
}

TEST_CASE("Mann-Whitney, by hand") {
  // 3 + 3 values apart: 2 of the C(6,3) = 20 orders are as extreme.
  CHECK(mann_whitney({1, 2, 3}, {4, 5, 6}) == Approx(0.1));
  CHECK(mann_whitney({4, 5, 6}, {1, 2, 3}) == Approx(0.1));
  // 4 + 4: 2 of 70. One swap of neighbours: 2 orders on each side, 4 of 70.
  CHECK(mann_whitney({1, 2, 3, 4}, {5, 6, 7, 8}) == Approx(2.0 / 70));
  CHECK(mann_whitney({1, 2, 3, 5}, {4, 6, 7, 8}) == Approx(4.0 / 70));
  // Interleaved: rank sum 16 of {1,3,5,7}; 24 of the 70 choices sum to no more, twice that is 48.
  CHECK(mann_whitney({1, 3, 5, 7}, {2, 4, 6, 8}) == Approx(48.0 / 70));
}

TEST_CASE("Mann-Whitney with ties") {
  CHECK(mann_whitney({5, 5, 5}, {5, 5, 5}) == 1);
  // Ranks 1.5, 1.5, 3 | 4, 5, 6 are the lowest of 20 choices: as without ties.
  CHECK(mann_whitney({1, 1, 2}, {3, 4, 5}) == Approx(0.1));
  // {1,2} | {2,3}: ranks 1, 2.5, 2.5, 4. Sums of pairs: 3.5 3.5 5 5 6.5 6.5; the first has 3.5.
  CHECK(mann_whitney({1, 2}, {2, 3}) == Approx(2.0 * 2 / 6));
  CHECK(mann_whitney({}, {1}) == 1);
}

TEST_CASE("large samples take the normal approximation") {
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    a.push_back(i);
    b.push_back(i + 10);
  }
  // U = 10 * 11 / 2 - … by ranks: pairs with a > b are 190, ties 20: U = 190 + 10 = 200, mean 450.
  // Variance 900/12 * (61 - 20*6/(60*59)) = 4572.46; z = 249.5 / 67.62 = 3.6898, p = 0.000224.
  CHECK(mann_whitney(a, b) == Approx(0.000224).epsilon(0.01));
  CHECK(mann_whitney(a, a) == Approx(1));
}

TEST_CASE("what sample sizes can show at all") {
  CHECK(smallest_p(1, 1) == 1);
  CHECK(smallest_p(3, 3) == Approx(0.1));
  CHECK(smallest_p(4, 4) == Approx(2.0 / 70));
  CHECK(smallest_p(6, 6) == Approx(2.0 / 924));
  CHECK(smallest_p(3000, 3000) == 0);  // more ways than a number can hold
}

TEST_CASE("false discovery rates, by hand") {
  // Sorted: .01 * 4/1 = .04, .03 * 4/2 = .06, .04 * 4/3 = .0533, .5 * 4/4 = .5; none may be larger
  // than one behind it, so .06 becomes .0533.
  const auto q = false_discovery_rates({0.01, 0.04, 0.03, 0.5});
  REQUIRE(q.size() == 4);
  CHECK(q[0] == Approx(0.04));
  CHECK(q[1] == Approx(0.16 / 3));
  CHECK(q[2] == Approx(0.16 / 3));
  CHECK(q[3] == Approx(0.5));
  // Half of ten at .02: .02 * 10 / 5; the others at 1.
  const auto half = false_discovery_rates({0.02, 0.02, 0.02, 0.02, 0.02, 1, 1, 1, 1, 1});
  CHECK(half[0] == Approx(0.04));
  CHECK(half[4] == Approx(0.04));
  CHECK(half[9] == 1);
  CHECK(false_discovery_rates({}).empty());
}

static std::optional<double> geometric_mean_of(const std::vector<double>& values) {
  GeometricMean mean;
  for (const double value : values) mean.add(value);
  return mean.value();
}

TEST_CASE("geometric means") {
  CHECK(*geometric_mean_of({0.5, 2}) == Approx(1));
  CHECK(*geometric_mean_of({1, 10, 100}) == Approx(10));
  CHECK_FALSE(geometric_mean_of({1, 0}));
  CHECK_FALSE(geometric_mean_of({}));
}
