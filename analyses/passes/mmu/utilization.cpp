#include "analyses/passes/mmu/utilization.h"

#include <algorithm>
#include <utility>

#include "analyses/engine/by_id.h"

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
  if (given_up_at_ != kNever) return;
  events_ += block.count - block.foretold_positions().size();
  for (const uint16_t at : block.proc_positions()) events_ -= block.events[at].foretells();
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
    case EventKind::kGap:
      return gap(e.time);
    case EventKind::kMetric:
      // The function begins where the trace tells it.
      return tells_gomaxprocs(e) && !e.foretells() ? gomaxprocs(e) : void();
    case EventKind::kRangeBegin:
    case EventKind::kRangeActive:
    case EventKind::kRangeEnd:
      if (e.foretells()) return foretold_.push_back(e);
      return count_ == 0 ? void() : range(e);
    case EventKind::kLabel:
      return count_ == 0 ? void() : label(e);
    default:
      return;
  }
}

void Utilization::gomaxprocs(const Event& e) {
  const size_t n = e.value(), before = count_;
  if (parts_.per_proc && !has_room_for(std::max(n, before) - std::min(n, before)))
    return give_up(e.time);
  // A P that is gone takes along what was counted on it.
  while (!were_taken_.empty() && were_taken_.front() >= n) {
    Proc& p = procs_[were_taken_.front()];
    std::ranges::pop_heap(were_taken_);
    were_taken_.pop_back();
    taken_procs_ -= p.gc > 0;
    p.gc = 0;
    p.listed = false;
    ++p.life;
  }
  if (n > procs_.size()) procs_.resize(n);
  count_ = n;
  if (parts_.per_proc) {
    for (size_t p = n; p < before; ++p) append(series_[procs_[p].series], e.time, 0);
    for (size_t p = before; p < n; ++p) {
      series_.push_back({{e.time, 1.0}});
      procs_[p].series = static_cast<uint32_t>(series_.size() - 1);
    }
  } else if (before == 0 && n > 0) {
    series_.push_back({{e.time, 1.0}});
  }
  for (Event& active : std::exchange(foretold_, {})) {
    active.time = e.time;
    range(active);
  }
  sample_all(e.time);
}

/// Nothing is known until the next generation tells: windows do not reach across.
void Utilization::gap(int64_t time) {
  finish(time, false);
  for (const ProcIndex p : were_taken_) procs_[p] = {};
  were_taken_.clear();
  count_ = 0;
  for (const GoSlot slot : were_busy_) busy_[slot] = {};
  were_busy_.clear();
  foretold_.clear();
  watched_ = taken_procs_ = 0;
  stopped_ = 0;
}

void Utilization::range(const Event& e) {
  const GcName kind = names_[e.name];
  const bool active = e.kind == EventKind::kRangeActive;
  if (active && e.foretold()) return;
  const bool on = e.kind != EventKind::kRangeEnd;
  if (stops_for_gc(kind) && parts_.stw) {
    stopped_ = std::max(0, stopped_ + (on ? 1 : -1));
    sample_all(e.time);
  } else if (kind == GcName::kSweep && parts_.sweep) {
    change(e.p, on ? 1 : -1);
    sample(e.time, e.p);
  } else if (kind == GcName::kAssist && parts_.assist && e.scope() == RangeScope::kGoroutine) {
    watch(e.subject, &Busy::assist, on, e);
    sample(e.time, busy_[e.subject].p);
  }
}

/// A label counts for the run in which it is given, as every run of a worker is given one.
void Utilization::label(const Event& e) {
  if (!parts_.background || e.g == kNoGo) return;
  const GcName kind = names_[e.name];
  // An idle worker takes nothing from anybody. A dedicated one takes its P from everybody: no
  // goroutine on that P runs slower for it.
  if (!works_for_gc(kind) || kind == GcName::kIdle) return;
  if (kind == GcName::kDedicated && parts_.per_proc) return;
  watch(e.g, &Busy::worker, true, e);
  worker_ran_again_ |= busy_[e.g].worked;
  busy_[e.g].worked = true;
  sample(e.time, busy_[e.g].p);
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
  sample(e.time, busy.p);
}

void Utilization::watch(GoSlot slot, bool Busy::*what, bool on, const Event& e) {
  Busy& busy = by_id(busy_, slot);
  if (!busy.listed) were_busy_.push_back(slot);
  busy.listed = true;
  const bool before = busy.any();
  busy.*what = on;
  if (!on && !busy.any()) uncount(busy);
  if (on && e.g == slot) count(busy, e.p);
  if (busy.any() && !before) ++watched_;
  if (!busy.any() && before) --watched_;
}

void Utilization::count(Busy& busy, ProcIndex p) {
  if (counted(busy) || p >= count_) return;
  busy.counted = true;
  busy.p = p;
  busy.life = procs_[p].life;
  change(p, 1);
}

void Utilization::uncount(Busy& busy) {
  if (counted(busy)) change(busy.p, -1);
  busy.counted = false;
}

void Utilization::change(ProcIndex p, int32_t by) {
  if (p >= count_) return;
  Proc& proc = procs_[p];
  taken_procs_ -= proc.gc > 0;
  proc.gc = std::max(0, proc.gc + by);
  taken_procs_ += proc.gc > 0;
  if (proc.listed) return;
  proc.listed = true;
  were_taken_.push_back(p);
  std::ranges::push_heap(were_taken_);
}

void Utilization::sample(int64_t time, ProcIndex p) {
  if (count_ == 0) return;
  if (parts_.per_proc) {
    if (p < count_) sample_proc(time, procs_[p]);
    return;
  }
  const size_t taken = stopped_ > 0 ? count_ : taken_procs_;
  append(series_.back(), time, 1 - static_cast<double>(taken) / static_cast<double>(count_));
}

void Utilization::sample_all(int64_t time) {
  if (!parts_.per_proc) return sample(time, kNoProc);
  if (!has_room_for(count_)) return give_up(time);
  for (size_t p = 0; p < count_; ++p) sample_proc(time, procs_[p]);
}

void Utilization::sample_proc(int64_t time, const Proc& p) {
  append(series_[p.series], time, stopped_ > 0 || p.gc > 0 ? 0 : 1);
}

/// A stop or a change of GOMAXPROCS concerns many Ps, each of which then has a further point.
bool Utilization::has_room_for(size_t points) {
  constexpr uint64_t kFreePoints = 1 << 16, kPointsAnEvent = 16;
  points_ += points;
  return points_ <= kFreePoints + kPointsAnEvent * events_;
}

void Utilization::give_up(int64_t time) {
  finish(time, false);
  count_ = 0;
  given_up_at_ = time;
}

void Utilization::finish(int64_t end, bool trace_ends) {
  const size_t series = count_ == 0 ? 0 : parts_.per_proc ? count_ : 1;
  for (size_t i = 0; i < series; ++i) {
    UtilizationSeries& s = parts_.per_proc ? series_[procs_[i].series] : series_.back();
    if (s.back().time >= end) continue;
    if (trace_ends && s.back().utilization == 0) continue;
    s.push_back({end, 0});
  }
}

}  // namespace tracetool
