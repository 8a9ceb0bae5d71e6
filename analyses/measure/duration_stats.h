// A distribution of intervals that also knows the longest one, and the columns that show it.
#pragma once

#include "analyses/engine/goroutine_index.h"
#include "analyses/measure/histogram.h"
#include "reports/model/table.h"

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

inline Cell count_cell(uint64_t n) { return number_cell(n); }
/// By its id, which is never 0.
inline Cell goroutine_cell(uint64_t id) { return id == 0 ? Cell() : count_cell(id); }
inline Cell time_cell(int64_t time) { return time == kNever ? Cell() : Cell(time); }
inline Cell text_cell(std::string_view text) {
  return text.empty() ? Cell() : Cell(std::string(text));
}
inline Cell ratio_cell(double part, double whole) {
  return whole <= 0 ? Cell() : Cell(part / whole);
}
/// Value of `get`, or none where nothing was measured.
template <class Get>
Cell measured(const DurationStats& s, Get get) {
  return s.durations.count() == 0 ? Cell() : Cell(get(s.durations));
}

/// Of rows with a member `stats`. Count and total are the columns that always show.
template <class Row>
void add_sum_columns(Columns<Row>& c, const char* what) {
  c.push_back({{.id = "count",
                .heading = "Count",
                .unit = Unit::kCount,
                .role = Role::kSum,
                .grows = true,
                .help = what},
               [](const Row& r) { return count_cell(r.stats.durations.count()); }});
  c.push_back({{.id = "total_ns",
                .heading = "Total",
                .unit = Unit::kNanoseconds,
                .role = Role::kSum,
                .better = Better::kLower,
                .grows = true,
                .help = "Their time in all."},
               [](const Row& r) -> Cell { return r.stats.durations.sum(); }});
}

template <class Row>
void add_distribution_columns(Columns<Row>& c, bool detailed = false) {
  const auto add = [&](const char* id, const char* heading, Role role, int rank, const char* help,
                       Cell (*get)(const Row&)) {
    c.push_back({{.id = id,
                  .heading = heading,
                  .unit = Unit::kNanoseconds,
                  .role = role,
                  .better = Better::kLower,
                  .rank = rank,
                  .help = help},
                 get});
  };
  if (detailed) {
    add("min_ns", "Min", Role::kMin, 6, "The shortest.",
        [](const Row& r) { return measured(r.stats, [](const Histogram& h) { return h.min(); }); });
  }
  add("mean_ns", "Mean", Role::kStat, 2, "Time each.",
      [](const Row& r) { return measured(r.stats, [](const Histogram& h) { return h.mean(); }); });
  add("p50_ns", "p50", Role::kStat, 3, "Half of them took no longer.", [](const Row& r) {
    return measured(r.stats, [](const Histogram& h) { return h.percentile(0.50); });
  });
  if (detailed) {
    add("p95_ns", "p95", Role::kStat, 4, "95 % of them took no longer.", [](const Row& r) {
      return measured(r.stats, [](const Histogram& h) { return h.percentile(0.95); });
    });
  }
  add("p99_ns", "p99", Role::kStat, 2, "99 % of them took no longer.", [](const Row& r) {
    return measured(r.stats, [](const Histogram& h) { return h.percentile(0.99); });
  });
  if (detailed) {
    add("p999_ns", "p99.9", Role::kStat, 5, "99.9 % of them took no longer.", [](const Row& r) {
      return measured(r.stats, [](const Histogram& h) { return h.percentile(0.999); });
    });
  }
  add("longest_ns", "Longest", Role::kMax, 1, "The longest one.",
      [](const Row& r) { return measured(r.stats, [](const Histogram& h) { return h.max(); }); });
  c.push_back({{.id = "longest_at_ns",
                .heading = "Longest at",
                .unit = Unit::kTime,
                .rank = 4,
                .help = "When the longest one began."},
               [](const Row& r) { return time_cell(r.stats.longest_begin); }});
  c.push_back({{.id = "longest_goroutine",
                .heading = "Goroutine",
                .unit = Unit::kId,
                .rank = 4,
                .help = "Goroutine of the longest one."},
               [](const Row& r) { return goroutine_cell(r.stats.longest_goroutine); }});
}

/// What the ends of the trace cut off: of rows with a member `open`.
template <class Row>
void add_open_columns(Columns<Row>& c, int rank) {
  c.push_back({{.id = "open_count",
                .heading = "Open",
                .unit = Unit::kCount,
                .role = Role::kSum,
                .rank = rank,
                .help = "Cut off: still going on at the end, or begun before the trace without "
                        "a known reason. Not in the other columns."},
               [](const Row& r) { return count_cell(r.open.count); }});
  c.push_back({{.id = "open_ns",
                .heading = "Open time",
                .unit = Unit::kNanoseconds,
                .role = Role::kSum,
                .rank = rank,
                .help = "Time of those that were cut off, as far as it lies in the trace."},
               [](const Row& r) -> Cell { return r.open.time; }});
}

}  // namespace tracetool
