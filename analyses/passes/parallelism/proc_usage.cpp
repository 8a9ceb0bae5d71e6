#include "analyses/passes/parallelism/proc_usage.h"

#include <algorithm>

namespace tracetool {

void ProcUsage::begin(int64_t now) {
  if (first_ == kNever) {
    first_ = cut_ = now;
  } else {
    cut(0, now, lost_stopped_);
  }
}

/// Those that were not heard of before were absent so far, and no GOMAXPROCS was larger.
void ProcUsage::add(size_t n) {
  for (size_t p = procs_.size(); p < n; ++p) {
    Proc& proc = procs_.emplace_back();
    proc.since = std::max<int64_t>(first_, 0);
    asleep_.add(p, 1);
  }
}

/// From the last cut until now GOMAXPROCS was `n`.
void ProcUsage::cut(size_t n, int64_t now, int64_t stopped) {
  if (first_ == kNever) return;
  time_.add(n, now - cut_);
  stopped_time_.add(n, stopped - cut_stopped_);
  cut_ = now;
  cut_stopped_ = stopped;
}

/// It has been closed at the last cut.
void ProcUsage::sleep(size_t p) {
  Proc& proc = procs_[p];
  proc.asleep = true;
  proc.absent = time_.below(p + 1);
  proc.absent_stopped = stopped_time_.below(p + 1);
  asleep_.add(p, 1);
}

/// Accounts what it slept until the last cut.
void ProcUsage::count_sleep(size_t p) {
  Proc& proc = procs_[p];
  const int64_t absent = time_.below(p + 1) - proc.absent;
  const int64_t absent_stopped = stopped_time_.below(p + 1) - proc.absent_stopped;
  spend(proc, ProcUse::kAbsent, absent, 0);
  spend(proc, ProcUse::kIdle, cut_ - proc.since - absent,
        cut_stopped_ - proc.stopped - absent_stopped);
  proc.since = cut_;
  proc.stopped = cut_stopped_;
}

void ProcUsage::wake(ProcIndex p) {
  add(p + size_t{1});
  Proc& proc = procs_[p];
  proc.fresh = true;
  fresh_.push_back(p);
  if (!proc.asleep) return;
  count_sleep(p);
  proc.asleep = false;
  proc.use = p < count_ ? ProcUse::kIdle : ProcUse::kAbsent;
  asleep_.add(p, -1);
  awake_.push_back(p);
}

/// Those that look for a goroutine on a P that is there no more are gone.
void ProcUsage::limit_schedulers(size_t n, int64_t now, int64_t stopped) {
  while (!schedulers_.empty() && schedulers_.front() >= n) {
    const ProcIndex p = schedulers_.front();
    std::ranges::pop_heap(schedulers_);
    schedulers_.pop_back();
    Proc& proc = procs_[p];
    proc.queued = false;
    if (proc.asleep || proc.use != ProcUse::kSchedule) continue;
    close(proc, now, stopped);
    sleep(p);
  }
}

void ProcUsage::resize(size_t n, int64_t now, int64_t stopped) {
  cut(count_, now, stopped);
  count_ = n;
  add(n);
  for (const ProcIndex p : fresh_) {
    Proc& proc = procs_[p];
    proc.fresh = false;
    if (proc.use == ProcUse::kSchedule && p < n) {
      if (!proc.queued) {
        proc.queued = true;
        schedulers_.push_back(p);
        std::ranges::push_heap(schedulers_);
      }
    } else if (proc.use >= ProcUse::kSchedule) {
      close(proc, now, stopped);
      sleep(p);
    }
  }
  fresh_.clear();
  limit_schedulers(n, now, stopped);
  idle_ = static_cast<int>(asleep_.below(n));
}

void ProcUsage::forget(int64_t now, int64_t stopped) {
  cut(count_, now, stopped);
  for (const ProcIndex p : fresh_) procs_[p].fresh = false;
  for (const ProcIndex p : schedulers_) procs_[p].queued = false;
  for (const ProcIndex p : awake_) {
    Proc& proc = procs_[p];
    if (proc.asleep) continue;
    close(proc, now, stopped);
    proc.g = kNoGo;
    sleep(p);
  }
  awake_.clear();
  fresh_.clear();
  schedulers_.clear();
  lost_stopped_ = stopped;
  count_ = 0;
  idle_ = 0;
}

void ProcUsage::finish(int64_t now, int64_t stopped) {
  cut(count_, now, stopped);
  for (size_t p = 0; p < procs_.size(); ++p) {
    if (procs_[p].asleep) {
      count_sleep(p);
    } else {
      close(procs_[p], now, stopped);
    }
  }
}

}  // namespace tracetool
