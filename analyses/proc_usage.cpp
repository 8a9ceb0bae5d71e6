#include "analyses/proc_usage.h"

namespace tracetool {

void ProcUsage::begin(int64_t now) {
  if (first_ == kNever) first_ = now;
  begin_ = now;
  for (Proc& p : procs_) {
    close(p, now, p.stopped);
    p.untouched = true;
  }
}

void ProcUsage::add(size_t n) {
  for (size_t p = procs_.size(); p < n; ++p) {
    Proc proc;
    proc.since = first_ == kNever ? begin_ : first_;
    proc.stopped = stopped_;
    close(proc, begin_, stopped_);
    procs_.push_back(proc);
  }
}

void ProcUsage::resize(size_t n, int64_t now, int64_t stopped) {
  const bool first = count_ == 0;
  count_ = n;
  add(n);
  for (size_t i = 0; i < procs_.size(); ++i) {
    Proc& p = procs_[i];
    if (i < n && p.use == ProcUse::kAbsent) {
      if (!first) close(p, now, stopped);
      set(p, ProcUse::kIdle);
    } else if (i >= n && (p.use == ProcUse::kIdle || p.use == ProcUse::kSchedule)) {
      close(p, now, stopped);
      set(p, ProcUse::kAbsent);
    }
  }
}

void ProcUsage::forget(int64_t now, int64_t stopped) {
  for (Proc& p : procs_) {
    close(p, now, stopped);
    set(p, ProcUse::kAbsent);
    p.g = kNoGo;
  }
  stopped_ = stopped;
  count_ = 0;
}

}  // namespace tracetool
