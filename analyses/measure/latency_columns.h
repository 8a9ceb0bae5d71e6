// The distribution of durations as columns and as a histogram table: tasks and regions alike.
#pragma once

#include <string>

#include "analyses/measure/decades.h"
#include "analyses/measure/histogram.h"
#include "reports/model/table.h"

namespace tracetool {

/// Columns of a row with `const Histogram* latency`; `of` says what is measured: "regions".
template <class Row>
void add_latency_columns(Columns<Row>& columns, const std::string& of) {
  const auto add = [&](const char* id, const char* heading, Role role, int rank,
                       const std::string& what, Cell (*get)(const Row&)) {
    columns.push_back({{id, heading, Unit::kNanoseconds, role, Better::kLower, false, rank,
                        what + " of the complete " + of},
                       get});
  };
  add("min_ns", "Min", Role::kMin, 3, "shortest",
      [](const Row& r) { return r.latency->count() == 0 ? Cell() : Cell(r.latency->min()); });
  add("mean_ns", "Mean", Role::kStat, 0, "mean duration",
      [](const Row& r) { return r.latency->count() == 0 ? Cell() : Cell(r.latency->mean()); });
  add("p50_ns", "p50", Role::kStat, 1, "median duration", [](const Row& r) {
    return r.latency->count() == 0 ? Cell() : Cell(r.latency->percentile(0.50));
  });
  add("p95_ns", "p95", Role::kStat, 3, "95th percentile of the duration", [](const Row& r) {
    return r.latency->count() == 0 ? Cell() : Cell(r.latency->percentile(0.95));
  });
  add("p99_ns", "p99", Role::kStat, 0, "99th percentile of the duration", [](const Row& r) {
    return r.latency->count() == 0 ? Cell() : Cell(r.latency->percentile(0.99));
  });
  add("max_ns", "Max", Role::kMax, 0, "longest",
      [](const Row& r) { return r.latency->count() == 0 ? Cell() : Cell(r.latency->max()); });
}

/// A bucket of one group's histogram.
struct BucketRow {
  std::string group, detail;
  int bucket = 0;
  int64_t count = 0;
  double share = 0;
};

/// Appends the buckets of a group, from its first to its last one with a count.
template <class Rows>
void add_buckets(Rows& rows, const std::string& group, const std::string& detail,
                 const Decades& decades, uint64_t count) {
  int first = 0, last = Decades::kBuckets - 1;
  while (first <= last && decades[first] == 0) ++first;
  while (last >= first && decades[last] == 0) --last;
  for (int b = first; b <= last; ++b) {
    rows.push_back({group, detail, b, decades[b],
                    static_cast<double>(decades[b]) / static_cast<double>(count)});
  }
}

inline void add_bucket_columns(Columns<BucketRow>& columns) {
  using Row = BucketRow;
  columns.push_back({{"from_ns", "From", Unit::kNanoseconds, Role::kKey, Better::kNeither, false, 0,
                      "shortest duration that falls into the bucket"},
                     [](const Row& r) { return Cell(Decades::lower(r.bucket)); }});
  columns.push_back({{"below_ns", "Below", Unit::kNanoseconds, Role::kInfo, Better::kNeither, false,
                      1, "shortest duration that is too long for the bucket"},
                     [](const Row& r) { return Cell(Decades::lower(r.bucket + 1)); }});
  columns.push_back({{"count", "Count", Unit::kCount, Role::kSum, Better::kNeither, true, 0,
                      "complete ones of that duration"},
                     [](const Row& r) { return Cell(r.count); }});
  columns.push_back({{"share", "Share", Unit::kRatio, Role::kStat, Better::kNeither, false, 0,
                      "of the complete ones of the group"},
                     [](const Row& r) { return Cell(r.share); }});
}

}  // namespace tracetool
