#include "analyses/utilization.h"

#include <algorithm>

namespace tracetool {
namespace {

bool executes(GoState s) { return s == GoState::kRunning || s == GoState::kSyscall; }

void append(UtilizationSeries& series, int64_t time, double utilization) {
  if (!series.empty()) {
    if (series.back().utilization == utilization) return;
    // Only what the first event, the last one or the window's border sets at once: the last counts.
    if (series.back().time == time) {
      series.back().utilization = utilization;
      return;
    }
  }
  series.push_back({time, utilization});
}

}  // namespace

/// While nobody works for the collector, transitions are of no interest.
void Utilization::block(const Block& block) {
  const auto rare = block.rare_positions();
  size_t next_rare = 0;
  for (uint32_t i = 0; i < block.count; ++i) {
    if (watched_ == 0) {
      while (next_rare < rare.size() && rare[next_rare] < i) ++next_rare;
      if (next_rare == rare.size()) break;
      i = rare[next_rare];
    }
    const Event& e = block.events[i];
    if (e.kind == EventKind::kGoTransition) {
      if (e.subject < busy_.size() && busy_[e.subject].any()) transition(e);
    } else if (e.kind != EventKind::kProcTransition) {
      event(e);
    }
  }
}

void Utilization::event(const Event& e) {
  if (e.open_end()) return;
  switch (e.kind) {
    case EventKind::kSync:
      ++syncs_;
      return;
    case EventKind::kGap:
      return gap(e.time);
    case EventKind::kMetric:
      return e.metric() == Metric::kGomaxprocs ? gomaxprocs(e) : void();
    case EventKind::kRangeBegin:
    case EventKind::kRangeActive:
    case EventKind::kRangeEnd:
      return procs_.empty() ? void() : range(e);
    case EventKind::kLabel:
      return procs_.empty() ? void() : label(e);
    default:
      return;
  }
}

void Utilization::gomaxprocs(const Event& e) {
  const size_t n = std::min<size_t>(e.arg, kMaxProcs);
  for (size_t p = n; p < procs_.size(); ++p) {
    taken_procs_ -= procs_[p].gc > 0;
    if (parts_.per_proc) append(series_[procs_[p].series], e.time, 0);
  }
  const size_t before = procs_.size();
  const bool first = before == 0;
  procs_.resize(n);
  for (size_t p = before; p < n; ++p) {
    if (parts_.per_proc || (first && p == 0)) {
      series_.push_back({{e.time, 1.0}});
      procs_[p].series = static_cast<uint32_t>(series_.size() - 1);
    } else {
      procs_[p].series = procs_[0].series;
    }
  }
  if (syncs_ <= 1 && (changes_.empty() || changes_.back().procs != n))
    changes_.push_back({e.time, n});
  if (n < before) {
    // A P that is gone takes along what was counted on it.
    for (Busy& busy : busy_) busy.counted = busy.counted && busy.p < n;
  }
  sample(e.time);
}

/// Nothing is known until the next generation tells: windows do not reach across.
void Utilization::gap(int64_t time) {
  finish(time, false);
  procs_.clear();
  busy_.clear();
  changes_.clear();
  watched_ = taken_procs_ = 0;
  stopped_ = 0;
  syncs_ = 0;
}

void Utilization::range(const Event& e) {
  const Name kind = name(e.name);
  const bool active = e.kind == EventKind::kRangeActive;
  // Only the first generation announces what was not seen to begin.
  if (active && syncs_ > 1) return;
  const bool on = e.kind != EventKind::kRangeEnd;
  if (kind == Name::kStw && parts_.stw) {
    stopped_ = std::max(0, stopped_ + (on ? 1 : -1));
    sample(e.time);
  } else if (kind == Name::kSweep && parts_.sweep) {
    if (active) was_busy_from_the_start();
    change(e.p, on ? 1 : -1);
    sample(e.time);
  } else if (kind == Name::kAssist && parts_.assist && e.scope() == RangeScope::kGoroutine) {
    // Announced by somebody else, the goroutine does not execute, and its assist costs nothing.
    if (active && e.g == e.subject && e.p != kNoProc) was_busy_from_the_start();
    watch(e.subject, &Busy::assist, on, e);
    sample(e.time);
  }
}

/// A label counts for the run in which it is given, as every run of a worker is given one.
void Utilization::label(const Event& e) {
  if (!parts_.background || e.g == kNoGo) return;
  const Name kind = name(e.name);
  // A dedicated worker takes its P from everybody: no goroutine on that P runs slower for it.
  if (kind != Name::kWorker && (kind != Name::kDedicated || parts_.per_proc)) return;
  watch(e.g, &Busy::worker, true, e);
  worker_ran_again_ |= busy_[e.g].worked;
  busy_[e.g].worked = true;
  sample(e.time);
}

void Utilization::transition(const Event& e) {
  if (e.open_end()) return;
  Busy& busy = busy_[e.subject];
  const bool before = executes(e.from()), now = executes(e.to());
  if (before == now) return;
  if (now) {
    count(busy, e.p);
  } else {
    uncount(busy);
    busy.worker = false;
    if (e.to() == GoState::kNotExist) busy.assist = false;
    if (!busy.any()) --watched_;
  }
  sample(e.time);
}

void Utilization::watch(GoSlot slot, bool Busy::*what, bool on, const Event& e) {
  if (slot >= busy_.size()) busy_.resize(slot + size_t{1});
  Busy& busy = busy_[slot];
  const bool before = busy.any();
  busy.*what = on;
  if (!on && !busy.any()) uncount(busy);
  if (on && e.g == slot) count(busy, e.p);
  if (busy.any() && !before) ++watched_;
  if (!busy.any() && before) --watched_;
}

void Utilization::count(Busy& busy, ProcIndex p) {
  if (busy.counted || p >= procs_.size()) return;
  busy.counted = true;
  busy.p = p;
  change(p, 1);
}

void Utilization::uncount(Busy& busy) {
  if (!busy.counted) return;
  busy.counted = false;
  change(busy.p, -1);
}

void Utilization::change(ProcIndex p, int32_t by) {
  if (p >= procs_.size()) return;
  int32_t& gc = procs_[p].gc;
  taken_procs_ -= gc > 0;
  gc = std::max(0, gc + by);
  taken_procs_ += gc > 0;
}

/// An activity turns out to be older than the trace: a P was taken in all points so far. For a
/// single P nothing is to be done, as it is announced when the P is first heard of.
void Utilization::was_busy_from_the_start() {
  if (parts_.per_proc) return;
  size_t change = 0;
  for (UtilizationPoint& point : series_[procs_[0].series]) {
    while (change + 1 < changes_.size() && changes_[change + 1].time < point.time) ++change;
    const auto procs = static_cast<double>(changes_[change].procs);
    point.utilization = std::max(0.0, point.utilization - 1 / procs);
  }
}

void Utilization::sample(int64_t time) {
  if (parts_.per_proc) {
    for (const Proc& p : procs_) append(series_[p.series], time, stopped_ > 0 || p.gc > 0 ? 0 : 1);
  } else if (!procs_.empty()) {
    const size_t taken = stopped_ > 0 ? procs_.size() : taken_procs_;
    append(series_[procs_[0].series], time,
           1 - static_cast<double>(taken) / static_cast<double>(procs_.size()));
  }
}

void Utilization::finish(int64_t end, bool trace_ends) {
  for (const Proc& p : procs_) {
    UtilizationSeries& series = series_[p.series];
    if (series.back().time >= end) continue;
    if (trace_ends && series.back().utilization == 0) continue;
    series.push_back({end, 0});
  }
}

Utilization::Name Utilization::name(StringId id) {
  if (id >= names_.size()) names_.resize(id + size_t{1}, Name::kUnknown);
  Name& known = names_[id];
  if (known != Name::kUnknown) return known;
  const std::string_view text = tables_.string(id);
  known = Name::kOther;
  if (text.starts_with("stop-the-world") && text.find("GC") != text.npos) known = Name::kStw;
  if (text == "GC mark assist") known = Name::kAssist;
  if (text == "GC incremental sweep") known = Name::kSweep;
  if (text.starts_with("GC (") && text != "GC (idle)") known = Name::kWorker;
  if (text == "GC (dedicated)") known = Name::kDedicated;
  return known;
}

}  // namespace tracetool
