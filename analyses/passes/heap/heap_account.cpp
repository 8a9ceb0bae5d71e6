#include "analyses/passes/heap/heap_account.h"

namespace tracetool {

void HeapAccount::begin(int64_t time) {
  passed_ = time;
  curve.begin(time);
}

void HeapAccount::live(int64_t now, std::optional<int64_t> bytes, bool before) {
  has_pending_ = false;
  if (!bytes) {
    ++nonsense;
    return;
  }
  pass(now);
  curve.live(now, bytes);
  if (!first || before) {
    first = bytes;
    first_at = now;
    peak = least = std::nullopt;
  } else if (known_) {
    pending_ = *bytes - *last;
    has_pending_ = true;
    add_bytes(allocated, pending_);
    curve.allocated(now, pending_);
  } else {
    add_bytes(unknown, *bytes - *last);
  }
  if (!before) ++samples;
  if (!peak || *bytes > *peak) {
    peak = bytes;
    peak_at = now;
  }
  if (!least || *bytes < *least) {
    least = bytes;
    least_at = now;
  }
  last = bytes;
  known_ = true;
}

void HeapAccount::goal(int64_t now, std::optional<int64_t> bytes) {
  pass(now);
  curve.goal(now, bytes);
  last_goal = bytes;
}

void HeapAccount::collected(int64_t now, bool counts) {
  if (has_pending_ && pending_ < 0) {
    add_bytes(allocated, -pending_);
    add_bytes(freed, -pending_);
    curve.allocated(now, -pending_);
  }
  has_pending_ = false;
  if (!counts) return;
  ++collections;
  if (!known_) return;
  if (n_ == 0) {
    origin_time_ = now;
    origin_ = static_cast<double>(*last);
  }
  const double t = static_cast<double>(now - origin_time_) / 1e9;
  const double v = static_cast<double>(*last) - origin_;
  n_ += 1;
  t_ += t;
  v_ += v;
  tt_ += t * t;
  tv_ += t * v;
}

std::optional<double> HeapAccount::growth() const {
  const double spread = n_ * tt_ - t_ * t_;
  if (n_ < 2 || !(spread > 0)) return std::nullopt;
  return (n_ * tv_ - t_ * v_) / spread;
}

void HeapAccount::gap(int64_t now) {
  pass(now);
  curve.live(now, std::nullopt);
  known_ = has_pending_ = false;
}

void HeapAccount::finish(int64_t now) {
  pass(now);
  if (first) observed = now - first_at;
  curve.finish(now);
}

void HeapAccount::pass(int64_t now) {
  if (known_ && last_goal && *last > *last_goal) over_goal += now - passed_;
  passed_ = now;
}

}  // namespace tracetool
