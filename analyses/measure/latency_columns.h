// The distribution of durations as columns and as a histogram table: tasks and regions alike.
#pragma once

#include <string>
#include <utility>

#include "analyses/measure/columns.h"
#include "analyses/measure/decades.h"
#include "analyses/measure/histogram.h"

namespace tracetool {

/// Columns of a row with `const Histogram* latency`; `of` says what is measured: "regions".
template <class Row>
void add_latency_columns(Columns<Row>& columns, const std::string& of) {
  const auto add = [&](Column column, Cell (*get)(const Row&)) {
    column.help += " of the complete " + of;
    columns.push_back({std::move(column), get});
  };
  add(least("min_ns", "Min", 3, "shortest"),
      [](const Row& r) { return measured(*r.latency, &Histogram::min); });
  add(level("mean_ns", "Mean", 0, "mean duration"),
      [](const Row& r) { return measured(*r.latency, &Histogram::mean); });
  add(level("p50_ns", "p50", 1, "median duration"),
      [](const Row& r) { return percentile(*r.latency, 0.50); });
  add(level("p95_ns", "p95", 3, "95th percentile of the duration"),
      [](const Row& r) { return percentile(*r.latency, 0.95); });
  add(level("p99_ns", "p99", 0, "99th percentile of the duration"),
      [](const Row& r) { return percentile(*r.latency, 0.99); });
  add(peak("max_ns", "Max", 0, "longest"),
      [](const Row& r) { return measured(*r.latency, &Histogram::max); });
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
  append(columns,
         {{info("from_ns", "From", Unit::kNanoseconds, 0,
                "shortest duration that falls into the bucket", Role::kKey),
           [](const Row& r) { return Cell(Decades::lower(r.bucket)); }},
          {info("below_ns", "Below", Unit::kNanoseconds, 1,
                "shortest duration that is too long for the bucket"),
           [](const Row& r) { return Cell(Decades::lower(r.bucket + 1)); }},
          {count("count", "Count", 0, "complete ones of that duration"), of<&Row::count>},
          {share("share", "Share", 0, "of the complete ones of the group"), of<&Row::share>}});
}

}  // namespace tracetool
