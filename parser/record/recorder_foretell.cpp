// What the Recorder tells before the trace does, and what becomes of it where that never does.
#include <utility>

#include "parser/record/recorder.h"

namespace tracetool {

void Recorder::foretell(Context ctx, GoRecord& g, GoState state, StackId stack) {
  Event& e = extra(EventKind::kGoTransition, kFlagForetells);
  mark_foretold(e);
  e.since = e.time;
  e.arg = g.id;
  e.arg2 = stack;
  e.subject = g.slot;
  e.stack = stack;
  e.m = ctx.m;
  e.p = ctx.p;
  e.from_to = pack_states(GoState::kUndetermined, state);
  if (stack > kEmptyStack) e.flags |= kFlagNames;
  g.flags |= kGoForetold;
  g.since = e.time;
  g.set_began(stack == kEmptyStack ? 0 : stack, 0);
  g.state = state;
}

/// What was foretold of `g`, in place of the trace, which is damaged before it tells.
void Recorder::tell(GoRecord& g) {
  Event& e = extra(EventKind::kGoTransition, kFlagForetells);
  mark_born(e);
  e.flags |= kFlagForetold | kFlagOpenStart;
  e.since = std::exchange(g.since, e.time);
  e.arg = g.id;
  e.arg2 = e.stack = g.began().stack;
  if (e.stack > kEmptyStack) e.flags |= kFlagNames;
  e.subject = g.slot;
  e.from_to = pack_states(GoState::kUndetermined, g.state);
  g.flags |= kFlagOpenStart;
}

/// The trace tells otherwise of it: it is forgotten.
void Recorder::take_back(GoRecord& g) {
  close(g);
  if (g.sides != 0) drop_sides(g);
  block_->freed.push_back(g.slot);
  goroutines_.erase(g);
}

void Recorder::foretell(Context ctx, ProcIndex index, ProcState state) {
  ProcRecord& p = proc_record(index);
  Event& e = extra(EventKind::kProcTransition, kFlagForetells);
  e.since = e.time;
  e.subject = index;
  e.m = ctx.m;
  e.p = ctx.p;
  e.from_to = pack_states(ProcState::kUndetermined, state);
  p.foretold = true;
}

void Recorder::foretell(Context ctx, RangeScope scope, uint32_t subject, StringId range) {
  if (scope == RangeScope::kGoroutine) make_sides(subject);
  Event& e = extra(EventKind::kRangeActive, kFlagForetells);
  e.g = ctx.g;
  e.m = ctx.m;
  e.p = ctx.p;
  e.aux = static_cast<uint8_t>(scope);
  e.subject = subject;
  e.name = range;
  append(*ranges_of(scope, subject), {range, 0, e.time, kFlagOpenStart | kFlagForetold});
}

void Recorder::foretell_gomaxprocs(Context ctx, uint64_t count) {
  Event& e = extra(EventKind::kMetric, kFlagForetells);
  e.m = ctx.m;
  e.p = ctx.p;
  e.aux = static_cast<uint8_t>(Metric::kGomaxprocs);
  e.arg = count;
}

}  // namespace tracetool
