#include "analyses/passes/stw/stop_watch.h"

#include <algorithm>

#include "analyses/engine/by_id.h"

namespace tracetool {

/// Only called while a stop is requested.
void StopWatch::go(const Event& e) {
  if (e.open_end() || request_.told || e.p == request_.p || e.p >= running_.size()) return;
  if (e.spent_in() != GoState::kRunning || e.to() == GoState::kRunning) return;
  const Goroutine& g = goroutines_[e.subject];
  by_id(left_, e.p) = {{g.id, g.name, e.stack, true}, requests_};
}

void StopWatch::proc(const Event& e) {
  if (e.subject >= kFirstPseudoProc || e.open_end()) return;
  if (e.subject >= running_.size()) running_.resize(e.subject + size_t{1});
  const bool before = running_[e.subject], now = e.proc_to() == ProcState::kRunning;
  if (before == now) return;
  running_[e.subject] = now;
  now ? ++busy_ : --busy_;
  if (!request_.on) return;
  if (request_.told) {
    if (now && request_.resumed_at == kNever) request_.resumed_at = e.time;
    return;
  }
  request_.alone_since = alone() ? e.time : kNever;
  if (now) return;
  const bool left = e.subject < left_.size() && left_[e.subject].request == requests_;
  request_.candidate = left ? left_[e.subject].who : LastRunner{};
}

/// The one who restarts the world writes GOMAXPROCS just before: nobody else runs then.
void StopWatch::metric(const Event& e) {
  if (!request_.on || request_.told || e.metric() != Metric::kGomaxprocs) return;
  if (e.p != request_.p) return;
  request_.told = true;
  if (!alone()) return;
  request_.stopped_at = request_.alone_since;
  request_.last = request_.candidate;
}

void StopWatch::range_begin(const Event& e) {
  if (!is_stop(names_[e.name])) return;
  // What goes on in a later generation is announced again, but begins only once.
  if (request_.on && e.kind == EventKind::kRangeActive) return;
  request_ = {};
  request_.on = true;
  request_.begin = e.time;
  request_.p = e.p;
  if (e.kind == EventKind::kRangeActive || begins_stopped(e.name)) request_.told = true;
  if (alone()) request_.alone_since = e.time;
  ++requests_;
}

bool StopWatch::range_end(const Event& e, Stop& stop) {
  if (!is_stop(names_[e.name]) || !request_.on) return false;
  const Request r = request_;
  request_ = {};
  if (e.time == r.begin) return false;
  stop = {};
  stop.begin = r.begin;
  stop.duration = e.time - r.begin;
  stop.kind = e.name;
  if (e.scope() == RangeScope::kGoroutine) stop.requester = e.subject;
  stop.stack = e.since_stack;
  stop.open = e.open_end();
  if (r.stopped_at == kNever || stop.open) return true;
  stop.spread_known = true;
  stop.stopping = r.stopped_at - r.begin;
  stop.resuming = r.resumed_at == kNever ? 0 : e.time - r.resumed_at;
  if (stop.stopping > 0) stop.last = r.last;
  return true;
}

void StopWatch::forget() {
  running_.clear();
  busy_ = 0;
  request_ = {};
}

}  // namespace tracetool
