// A distribution of intervals that also knows the longest one, and the columns that show it.
#pragma once

#include "analyses/engine/goroutine_index.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/histogram.h"

namespace tracetool {

/// Intervals that goroutines spent in some state.
struct DurationStats {
  Histogram durations;
  int64_t longest_begin = kNever;
  uint64_t longest_goroutine = 0;  // 0: none, or it is not known

  void add(int64_t duration, int64_t begin, GoSlot slot, const GoroutineIndex& goroutines) {
    if (duration > durations.max()) [[unlikely]] {
      longest_begin = begin;
      longest_goroutine = slot == kNoGo ? 0 : goroutines[slot].id;
    }
    durations.add(duration);
  }
  void merge(const DurationStats& other) {
    if (other.durations.max() > durations.max()) {
      longest_begin = other.longest_begin;
      longest_goroutine = other.longest_goroutine;
    }
    durations.merge(other.durations);
  }
};

/// How many intervals there were and how long they lasted in all.
struct CountTime {
  uint64_t count = 0;
  int64_t time = 0;
  void add(int64_t duration) {
    ++count;
    time += duration;
  }
  /// What is first seen in a state is counted when that ends, if not behind the time window.
  void add_first(const Event& first) {
    count += first.first_seen_behind();
    time += first.time - first.since;
  }
  void merge(const CountTime& other) {
    count += other.count;
    time += other.time;
  }
};

/// Of rows with a member `stats`. Count and total are the columns that always show.
template <class Row>
void add_sum_columns(Columns<Row>& c, const char* what) {
  append(c, {{count("count", "Count", 0, what),
              [](const Row& r) { return count_cell(r.stats.durations.count()); }},
             {cost("total_ns", "Total", 0, "Their time in all."),
              [](const Row& r) -> Cell { return r.stats.durations.sum(); }}});
}

template <class Row>
void add_distribution_columns(Columns<Row>& c, bool detailed = false) {
  const auto add = [&](const Column& column, Cell (*get)(const Row&)) {
    c.push_back({column, get});
  };
  if (detailed) {
    add(least("min_ns", "Min", 6, "The shortest."),
        [](const Row& r) { return measured(r.stats.durations, &Histogram::min); });
  }
  add(level("mean_ns", "Mean", 2, "Time each."),
      [](const Row& r) { return measured(r.stats.durations, &Histogram::mean); });
  add(level("p50_ns", "p50", 3, "Half of them took no longer."),
      [](const Row& r) { return percentile(r.stats.durations, 0.50); });
  if (detailed) {
    add(level("p95_ns", "p95", 4, "95 % of them took no longer."),
        [](const Row& r) { return percentile(r.stats.durations, 0.95); });
  }
  add(level("p99_ns", "p99", 2, "99 % of them took no longer."),
      [](const Row& r) { return percentile(r.stats.durations, 0.99); });
  if (detailed) {
    add(level("p999_ns", "p99.9", 5, "99.9 % of them took no longer."),
        [](const Row& r) { return percentile(r.stats.durations, 0.999); });
  }
  add(peak("longest_ns", "Longest", 1, "The longest one."),
      [](const Row& r) { return measured(r.stats.durations, &Histogram::max); });
  add(moment("longest_at_ns", "Longest at", 4, "When the longest one began."),
      [](const Row& r) { return time_cell(r.stats.longest_begin); });
  add(info("longest_goroutine", "Goroutine", Unit::kId, 4, "Goroutine of the longest one."),
      [](const Row& r) { return goroutine_cell(r.stats.longest_goroutine); });
}

/// What the ends of the trace cut off: of rows with a member `open`.
template <class Row>
void add_open_columns(Columns<Row>& c, int rank) {
  append(c, {{standing(count("open_count", "Open", rank,
                             "Cut off: still going on at the end, or begun before the trace "
                             "without a known reason. Not in the other columns.")),
              [](const Row& r) { return count_cell(r.open.count); }},
             {standing(amount("open_ns", "Open time", rank,
                              "Time of those that were cut off, as far as it lies in the trace.")),
              [](const Row& r) -> Cell { return r.open.time; }}});
}

}  // namespace tracetool
