#include "analyses/passes/threads/thread_usage.h"

namespace tracetool {
namespace {

bool with_p_in(ThreadUse use) { return use == ThreadUse::kWithP; }
bool blocked_in(ThreadUse use) { return use == ThreadUse::kBlocked; }
bool called_in(ThreadUse use) { return use == ThreadUse::kSyscall || use == ThreadUse::kBlocked; }

}  // namespace

void ThreadUsage::begin(int64_t now) {
  for (LoadCurve* curve : {&seen, &with_p, &in_syscall, &blocked, &in_use}) curve->change(now, 0);
}

void ThreadUsage::turn(Thread& t, int64_t now) {
  const ThreadUse before = t.use, after = use_of(t);
  if (before == ThreadUse::kUnseen) {
    seen.change(now, 1);
    if (t.first == kNever) t.first = now;
  } else {
    t.spent[static_cast<size_t>(before)] += now - t.since;
  }
  t.since = t.last = now;
  t.use = after;
  if (before == after) return;
  const auto change = [&](LoadCurve& curve, bool (*in)(ThreadUse)) {
    if (const int by = in(after)-in(before); by != 0) curve.change(now, by);
  };
  change(with_p, with_p_in);
  change(in_syscall, called_in);
  change(blocked, blocked_in);
  change(in_use, [](ThreadUse use) { return use > ThreadUse::kIdle; });
}

void ThreadUsage::take_p(ThreadIndex m, ProcIndex p, int64_t now) {
  if (m == kNoThread) return;
  if (p >= holders_.size()) holders_.resize(p + size_t{1});
  if (const ThreadIndex old = holder(p); old != kNoThread && old != m) lose_p(p, now);
  Thread& t = at(m);
  if (t.p != kNoProc && t.p != p) holders_[t.p].m = kNoThread;
  holders_[p] = {m, part()};
  t.p = p;
  turn(t, now);
}

void ThreadUsage::lose_p(ProcIndex p, int64_t now) {
  const ThreadIndex m = holder(p);
  if (m == kNoThread) return;
  holders_[p].m = kNoThread;
  Thread& t = at(m);
  t.p = kNoProc;
  t.lost_p += t.in_call && counts;
  turn(t, now);
}

ThreadIndex ThreadUsage::enter(ThreadIndex m, int64_t now) {
  if (m == kNoThread || at(m).in_call) {
    unnamed_calls += counts;
    for (LoadCurve* curve : {&in_syscall, &blocked, &in_use}) curve->change(now, 1);
    return kNoThread;
  }
  Thread& t = at(m);
  t.in_call = true;
  t.syscalls += counts;
  turn(t, now);
  return m;
}

void ThreadUsage::leave(ThreadIndex m, int64_t now) {
  if (m == kNoThread) {
    for (LoadCurve* curve : {&in_syscall, &blocked, &in_use}) curve->change(now, -1);
    return;
  }
  Thread& t = at(m);
  t.in_call = false;
  turn(t, now);
}

void ThreadUsage::forget(int64_t now) {
  part_ends_.push_back(now);
  for (LoadCurve* curve : {&seen, &with_p, &in_syscall, &blocked, &in_use}) curve->set(now, 0);
}

void ThreadUsage::renew(Thread& t) {
  t.spent[static_cast<size_t>(t.use)] +=
      t.use == ThreadUse::kUnseen ? 0 : part_ends_[t.part] - t.since;
  t.use = ThreadUse::kUnseen;
  t.p = kNoProc;
  t.in_call = false;
  t.part = part();
}

void ThreadUsage::finish(int64_t now) {
  for (Thread& t : threads_) {
    if (t.part != part()) renew(t);
    if (t.use != ThreadUse::kUnseen) t.spent[static_cast<size_t>(t.use)] += now - t.since;
  }
  for (LoadCurve* curve : {&seen, &with_p, &in_syscall, &blocked, &in_use}) curve->finish(now);
}

}  // namespace tracetool
