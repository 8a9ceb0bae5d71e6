// Histograms of five buckets a decade, and their rows.
#include "analyses/measure/decades.h"

#include <catch2/catch.hpp>
#include <vector>

#include "analyses/measure/latency_columns.h"

namespace tracetool {

TEST_CASE("decades: five buckets each, at fifth powers of ten rounded up") {
  // 10^0.2 = 1.58, 10^0.4 = 2.51, 10^0.6 = 3.98, 10^0.8 = 6.31
  const std::vector<int64_t> first = {0, 2, 3, 4, 7, 10, 16, 26, 40, 64, 100};
  for (size_t b = 0; b < first.size(); ++b) CHECK(Decades::lower(static_cast<int>(b)) == first[b]);
  CHECK(Decades::lower(15) == 1000);
  CHECK(Decades::lower(45) == 1'000'000'000);
  CHECK(Decades::lower(90) == 1'000'000'000'000'000'000);
}

TEST_CASE("decades: each bucket holds what is between its borders") {
  for (int b = 1; b < Decades::kBuckets; ++b) {
    INFO(b);
    CHECK(Decades::bucket_of(Decades::lower(b)) == b);
    CHECK(Decades::bucket_of(Decades::lower(b) - 1) == b - 1);
  }
  CHECK(Decades::bucket_of(0) == 0);
  CHECK(Decades::bucket_of(-1) == 0);
  CHECK(Decades::bucket_of(INT64_MAX) == Decades::kBuckets - 1);
}

TEST_CASE("decades: rows go from the first bucket with a count to the last one") {
  Decades decades;
  std::vector<BucketRow> rows;
  add_buckets(rows, "g", "d", decades, 1);
  CHECK(rows.empty());

  for (const int64_t ns : {5, 20, 4, 25}) decades.add(ns);  // [4, 7) twice, [16, 26) twice
  add_buckets(rows, "g", "d", decades, 4);
  REQUIRE(rows.size() == 4);
  const std::vector<int64_t> counts = {2, 0, 0, 2};
  for (size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].bucket == static_cast<int>(3 + i));
    CHECK(rows[i].count == counts[i]);
    CHECK(rows[i].share == static_cast<double>(counts[i]) / 4);
    CHECK(rows[i].group == "g");
    CHECK(rows[i].detail == "d");
  }
}

}  // namespace tracetool
