// Distributions of durations: exact while there are few, then in buckets.
#include "analyses/measure/histogram.h"

#include <catch2/catch.hpp>

namespace tracetool {
namespace {

void add_times(Histogram& h, int64_t value, int times) {
  for (int i = 0; i < times; ++i) h.add(value);
}

}  // namespace

TEST_CASE("histogram: nothing in it is 0") {
  const Histogram h;
  CHECK(h.count() == 0);
  CHECK(h.sum() == 0);
  CHECK(h.min() == 0);
  CHECK(h.max() == 0);
  CHECK(h.mean() == 0);
  CHECK(h.percentile(0.5) == 0);
}

TEST_CASE("histogram: percentiles of few values are values, by nearest rank") {
  Histogram h;
  for (int64_t value = 10; value > 0; --value) h.add(value);
  CHECK(h.exact());
  CHECK(h.count() == 10);
  CHECK(h.sum() == 55);
  CHECK(h.mean() == 5.5);
  CHECK(h.min() == 1);
  CHECK(h.max() == 10);
  CHECK(h.percentile(0) == 1);
  CHECK(h.percentile(0.1) == 1);
  CHECK(h.percentile(0.11) == 2);
  CHECK(h.percentile(0.5) == 5);
  CHECK(h.percentile(0.51) == 6);
  CHECK(h.percentile(1) == 10);
  h.add(0);  // behind a question, which had sorted them
  CHECK(h.percentile(0) == 0);
}

TEST_CASE("histogram: the 1025th value makes buckets of all") {
  Histogram h;
  add_times(h, 1000, 1024);
  CHECK(h.exact());
  CHECK(h.percentile(0.5) == 1000);
  h.add(1'000'000);
  CHECK_FALSE(h.exact());
  CHECK(h.count() == 1025);
  CHECK(h.sum() == 2'024'000);
  CHECK(h.min() == 1000);
  CHECK(h.max() == 1'000'000);
  // [1000, 1008) is a bucket, its middle 1003; that of a million goes beyond it.
  CHECK(h.percentile(0.5) == 1003);
  CHECK(h.percentile(1) == 1'000'000);
}

TEST_CASE("histogram: buckets below 64 hold one value each") {
  Histogram h;
  for (int64_t value = 0; value < 64; ++value) add_times(h, value, 17);
  CHECK_FALSE(h.exact());
  // 17 * 64 = 1088 values, of which 544 are at most 31.
  CHECK(h.percentile(0.5) == 31);
  CHECK(h.percentile(545 / 1088.0) == 32);
  CHECK(h.percentile(1) == 63);
}

TEST_CASE("histogram: a percentile of many values is off by less than 0.8 %") {
  int looked = 0;
  for (int64_t value = 65; value < INT64_MAX / 5000; value = value * 17 / 16 + 1, ++looked) {
    Histogram h;
    h.add(0);
    h.add(2 * value);
    add_times(h, value, 1100);
    const auto got = static_cast<double>(h.percentile(0.5));
    INFO(value);
    CHECK(std::abs(got - static_cast<double>(value)) <= static_cast<double>(value) / 128);
  }
  CHECK(looked == 509);
}

TEST_CASE("histogram: what is less than nothing counts as nothing, and stays the least") {
  Histogram h;
  add_times(h, -5, 1025);
  CHECK(h.min() == -5);
  CHECK(h.max() == -5);
  CHECK(h.percentile(0.5) == -5);
}

TEST_CASE("histogram: two become one") {
  Histogram few, more, many, others;
  few.add(3);
  few.add(1);
  more.add(2);
  few.merge(more);
  few.merge(Histogram());
  CHECK(few.exact());
  CHECK(few.count() == 3);
  CHECK(few.sum() == 6);
  CHECK(few.percentile(0.5) == 2);

  add_times(many, 7, 600);
  add_times(others, 50, 600);
  many.merge(others);  // too many for values, though neither was
  CHECK_FALSE(many.exact());
  CHECK(many.count() == 1200);
  CHECK(many.sum() == 600 * 57);
  CHECK(many.min() == 7);
  CHECK(many.max() == 50);
  CHECK(many.percentile(0.5) == 7);
  CHECK(many.percentile(0.501) == 50);

  Histogram into_few = few, into_many = many;
  into_few.merge(many);
  into_many.merge(few);
  for (const Histogram& h : {into_few, into_many}) {
    CHECK(h.count() == 1203);
    CHECK(h.min() == 1);
    CHECK(h.percentile(3 / 1203.0) == 3);
    CHECK(h.percentile(603 / 1203.0) == 7);
    CHECK(h.percentile(604 / 1203.0) == 50);
  }
}

}  // namespace tracetool
