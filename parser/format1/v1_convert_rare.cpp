// Converter's rules for the events that are too rare to matter for speed.
#include <string_view>

#include "parser/format1/v1_convert.h"

namespace tracetool::v1 {
namespace {

constexpr auto kGcProc = static_cast<ProcIndex>(kFirstPseudoProc + 3);  // 1000004

// An unknown kind has no name, and that of the sixth differs from format 2's: so says Go's own
// reader.
constexpr std::string_view kStopKinds[] = {"",
                                           "GC mark termination",
                                           "GC sweep termination",
                                           "write heap dump",
                                           "goroutine profile",
                                           "goroutine profile cleanup",
                                           "all goroutine stack trace",
                                           "read mem stats",
                                           "AllThreadsSyscall",
                                           "GOMAXPROCS",
                                           "start trace",
                                           "stop trace",
                                           "CountPagesInUse (test)",
                                           "ReadMetricsSlow (test)",
                                           "ReadMemStatsSlow (test)",
                                           "PageCachePagesLeaked (test)",
                                           "ResetDebugLog (test)"};

}  // namespace

bool Converter::convert_rare(const Record& r, Proc& p, int64_t time) {
  switch (r.type) {
    case kGomaxprocs:
      return gomaxprocs(r, p, time);
    case kProcStart:
      return proc_start(r, p, time);
    case kProcStop:
      return proc_stop(p, time);
    case kGCStart:
      if (gc_ && !capture_.cut) return bad("a GC begins while one is running");
      if (gc_) recorder_.abandon_range(RangeScope::kNone, 0, gc_name_);
      gc_ = true;
      recorder_.range_begin(time, {kNoThread, kGcProc, context(p).g}, EventKind::kRangeBegin,
                            RangeScope::kNone, 0, gc_name_, stack(r.args[1]));
      return true;
    case kGCDone:
      if (!gc_) return end_without_begin(p, time, gc_name_, "a GC ends that did not begin");
      gc_ = false;
      recorder_.range_end(time, context(p), RangeScope::kNone, 0, gc_name_);
      return true;
    case kSTWStart:
      return stop_the_world(r, p, time);
    case kSTWDone:
      return start_the_world(p, time);
    case kGCSweepStart:
    case kGCSweepDone:
      return sweep(r, p, time);
    case kGCMarkAssistStart:
    case kGCMarkAssistDone:
      return assist(r, p, time);
    case kUserTaskCreate:
    case kUserTaskEnd:
    case kUserRegion:
    case kUserLog:
      return user_event(r, p, time);
    case kFutileWakeup:
      return true;  // of Go 1.7 to 1.10 at most; the wake-up before it stays as it is
    default:
      return bad("this event is not known");
  }
}

/// What was begun on a P whose last events a capture that is cut does not have is no contradiction.
bool Converter::end_without_begin(const Proc& p, int64_t time, StringId range, const char* why) {
  if (!capture_.cut) return bad(why);
  recorder_.unsound(time, context(p), EventKind::kRangeEnd, 0, range, 0);
  return true;
}

bool Converter::gomaxprocs(const Record& r, Proc& p, int64_t time) {
  if (!initialized_) {
    initialized_ = true;
    for (GoSlot slot : unexplained_) {
      const GoRecord& g = recorder_.goroutines()[slot];
      if ((g.flags & kGoAlive) && g.told() == GoState::kUndetermined)
        recorder_.go(time, {}, slot, GoState::kUndetermined, GoState::kRunnable, 0, 0, 0);
    }
    unexplained_ = {};
  }
  recorder_.metric(time, context(p), Metric::kGomaxprocs, r.args[0], stack(r.args[1]));
  return true;
}

bool Converter::proc_start(const Record& r, Proc& p, int64_t time) {
  if (p.index == kNoProc) return bad("a P starts that is none");
  if (p.running) return bad("a P starts that is running");
  const ProcState from = p.known ? ProcState::kIdle : ProcState::kUndetermined;
  p.running = p.known = true;
  p.m = thread(r);
  recorder_.proc(time, context(p), p.index, from, ProcState::kRunning, true);
  return true;
}

bool Converter::proc_stop(Proc& p, int64_t time) {
  if (!p.running) return bad("a P stops that is not running");
  if (p.g != nullptr) return bad("a P stops while a goroutine runs on it");
  recorder_.proc(time, context(p), p.index, ProcState::kRunning, ProcState::kIdle);
  p.running = false;
  p.m = kNoThread;
  return true;
}

bool Converter::stop_the_world(const Record& r, Proc& p, int64_t time) {
  Proc& world = capture_.version < 10 ? p : world_;
  if (world.stopped && !capture_.cut) return bad("the world is stopped twice");
  if (world.stopped) recorder_.abandon_range(world.stop_scope, world.stopper, world.stop_name);
  // Up to 1.20 there are only the two kinds of the GC, counted from 0; up to 1.9 there is none.
  uint64_t kind = capture_.version < 10 ? 0 : r.args[0];
  if (capture_.version < 21) kind = kind > 1 ? ~uint64_t{0} : kind + 1;
  const std::string_view name = kind < std::size(kStopKinds) ? kStopKinds[kind] : "";
  world.stopped = true;
  world.stop_name = tables_.intern("stop-the-world (", name, ")");
  world.stop_scope = p.g == nullptr ? RangeScope::kNone : RangeScope::kGoroutine;
  world.stopper = p.g == nullptr ? 0 : p.g->slot;
  recorder_.range_begin(time, context(p), EventKind::kRangeBegin, world.stop_scope, world.stopper,
                        world.stop_name, 0);
  return true;
}

bool Converter::start_the_world(Proc& p, int64_t time) {
  Proc& world = capture_.version < 10 ? p : world_;
  if (!world.stopped)
    return end_without_begin(p, time, 0, "the world restarts that was not stopped");
  world.stopped = false;
  recorder_.range_end(time, context(p), p.g == nullptr ? RangeScope::kNone : RangeScope::kGoroutine,
                      p.g == nullptr ? 0 : p.g->slot, world.stop_name);
  return true;
}

bool Converter::sweep(const Record& r, Proc& p, int64_t time) {
  const bool begin = r.type == kGCSweepStart;
  if (p.index == kNoProc) return bad("a sweep without a P");
  if (p.sweeping == begin)
    return bad(begin ? "a second sweep on the same P" : "a sweep ends that did not begin");
  p.sweeping = begin;
  if (begin) {
    recorder_.range_begin(time, context(p), EventKind::kRangeBegin, RangeScope::kProc, p.index,
                          sweep_name_, stack(r.args[0]));
  } else {
    const bool counted = capture_.version >= 9;
    recorder_.range_end(time, context(p), RangeScope::kProc, p.index, sweep_name_,
                        counted ? r.args[0] : 0, counted ? r.args[1] : 0);
  }
  return true;
}

bool Converter::assist(const Record& r, Proc& p, int64_t time) {
  if (p.g == nullptr) return bad("an assist by nobody");
  if (r.type == kGCMarkAssistStart) {
    if (recorder_.range_open(RangeScope::kGoroutine, p.g->slot, assist_name_))
      return bad("a second assist of the same goroutine");
    recorder_.range_begin(time, context(p), EventKind::kRangeBegin, RangeScope::kGoroutine,
                          p.g->slot, assist_name_, stack(r.args[0]));
  } else {
    // One without a begin began before the trace.
    recorder_.range_end(time, context(p), RangeScope::kGoroutine, p.g->slot, assist_name_);
  }
  return true;
}

bool Converter::tolerate(const Record& r, AnnotationRule rule, std::string why) {
  if (strict_) return bad(std::move(why));
  if (annotation_faults_.first(rule)) {
    annotation_faults_.add(rule, {.kind = FaultKind::kInvalid,
                                  .message = std::move(why),
                                  .offset = capture_.offset_of(r.at),
                                  .event = wire_spec(r.type).name});
  }
  return true;
}

bool Converter::user_event(const Record& r, Proc& p, int64_t time) {
  switch (r.type) {
    case kUserTaskCreate: {
      const StringId type = string(r.args[2]);
      const StackId where = stack(r.args[3]);
      if (recorder_.task_open(r.args[0])) {
        if (!tolerate(
                r, AnnotationRule::kTaskTwice,
                describe_annotation(tables_, EventKind::kTaskBegin, r.args[0], type) + kWhileOpen))
          return false;
        recorder_.unsound(time, context(p), EventKind::kTaskBegin, r.args[0], type, where);
        return true;
      }
      recorder_.task_begin(time, context(p), r.args[0], r.args[1] == 0 ? kNoTask : r.args[1], type,
                           where);
      return true;
    }
    case kUserTaskEnd:
      recorder_.task_end(time, context(p), r.args[0], stack(r.args[1]));
      return true;
    case kUserRegion:
      return user_region(r, p, time);
    default: {
      const uint8_t* bytes = r.message;
      const uint64_t length = varint_trusted(bytes);
      recorder_.log(time, context(p), r.args[0], string(r.args[1]),
                    {reinterpret_cast<const char*>(bytes), length}, stack(r.args[2]));
      return true;
    }
  }
}

bool Converter::user_region(const Record& r, Proc& p, int64_t time) {
  const uint64_t task = r.args[0], mode = r.args[1];
  if (mode > 1)
    return tolerate(r, AnnotationRule::kMode,
                    "region \"" + std::string(tables_.string(string(r.args[2]))) +
                        "\" neither begins nor ends: mode " + std::to_string(mode) +
                        " does not exist");
  const EventKind kind = mode == 0 ? EventKind::kRegionBegin : EventKind::kRegionEnd;
  const StringId type = string(r.args[2]);
  const StackId where = stack(r.args[3]);
  const auto unsound = [&](AnnotationRule rule, std::string why) {
    if (!tolerate(r, rule, std::move(why))) return false;
    recorder_.unsound(time, context(p), kind, task, type, where);
    return true;
  };
  if (p.g == nullptr)
    return unsound(AnnotationRule::kNobody,
                   describe_annotation(tables_, kind, task, type) + kByNobody);
  if (mode == 0) {
    recorder_.region_begin(time, context(p), task, type, where);
    return true;
  }
  RegionEndJudgement end = judge_region_end(recorder_, tables_, p.g->slot, task, type);
  if (!end.why.empty() && end.rule == AnnotationRule::kRegionEnd)
    return unsound(end.rule, std::move(end.why));
  if (!end.why.empty() && !tolerate(r, end.rule, std::move(end.why))) return false;
  recorder_.region_end(time, context(p), task, type, where);
  return true;
}

}  // namespace tracetool::v1
