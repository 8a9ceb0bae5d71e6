// Converter's rules for the events that are too rare to matter for speed.
#include <string_view>

#include "parser/v1_convert.h"

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
      if (gc_) return bad("a GC begins while one is running");
      gc_ = true;
      recorder_.range_begin(time, {kNoThread, kGcProc, context(p).g}, EventKind::kRangeBegin,
                            RangeScope::kNone, 0, gc_name_, stack(r.args[1]));
      return true;
    case kGCDone:
      if (!gc_) return bad("a GC ends that did not begin");
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
      if (recorder_.task_open(r.args[0]))
        return bad("task " + std::to_string(r.args[0]) + " begins twice");
      recorder_.task_begin(time, context(p), r.args[0], r.args[1] == 0 ? kNoTask : r.args[1],
                           string(r.args[2]), stack(r.args[3]));
      return true;
    case kUserTaskEnd:
      recorder_.task_end(time, context(p), r.args[0], stack(r.args[1]));
      return true;
    case kUserRegion:
      return user_region(r, p, time);
    case kUserLog: {
      const uint8_t* bytes = r.message;
      const uint64_t length = varint_trusted(bytes);
      recorder_.log(time, context(p), r.args[0], string(r.args[1]),
                    {reinterpret_cast<const char*>(bytes), length}, stack(r.args[2]));
      return true;
    }
    case kFutileWakeup:
      return true;  // of Go 1.7 to 1.10 at most; the wake-up before it stays as it is
    default:
      return bad("this event is not known");
  }
}

bool Converter::gomaxprocs(const Record& r, Proc& p, int64_t time) {
  if (!initialized_) {
    initialized_ = true;
    for (GoSlot slot : unexplained_) {
      const GoRecord& g = recorder_.goroutines()[slot];
      if ((g.flags & kGoAlive) && g.state == GoState::kUndetermined)
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
  p.m = tables_.intern_thread(static_cast<int64_t>(r.args[0]));
  recorder_.proc(time, context(p), p.index, from, ProcState::kRunning);
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
  if (world.stopped) return bad("the world is stopped twice");
  // Up to 1.20 there are only the two kinds of the GC, counted from 0; up to 1.9 there is none.
  uint64_t kind = capture_.version < 10 ? 0 : r.args[0];
  if (capture_.version < 21) kind = kind > 1 ? ~uint64_t{0} : kind + 1;
  const std::string_view name = kind < std::size(kStopKinds) ? kStopKinds[kind] : "";
  world.stopped = true;
  world.stop_name = tables_.intern("stop-the-world (", name, ")");
  recorder_.range_begin(time, context(p), EventKind::kRangeBegin,
                        p.g == nullptr ? RangeScope::kNone : RangeScope::kGoroutine,
                        p.g == nullptr ? 0 : p.g->slot, world.stop_name, 0);
  return true;
}

bool Converter::start_the_world(Proc& p, int64_t time) {
  Proc& world = capture_.version < 10 ? p : world_;
  if (!world.stopped) return bad("the world restarts that was not stopped");
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

bool Converter::user_region(const Record& r, Proc& p, int64_t time) {
  const uint64_t task = r.args[0], mode = r.args[1];
  const StringId type = string(r.args[2]);
  if (p.g == nullptr) return bad("a region of nobody");
  if (mode > 1) return bad("region mode " + std::to_string(mode) + " does not exist");
  if (mode == 0) {
    recorder_.region_begin(time, context(p), task, type, stack(r.args[3]));
    return true;
  }
  const OpenRegion* open = recorder_.innermost_region(p.g->slot);
  if (open != nullptr && (open->task != task || open->type != type))
    return bad("region \"" + std::string(tables_.string(type)) + "\" ends, but \"" +
               std::string(tables_.string(open->type)) + "\" is the innermost one open");
  recorder_.region_end(time, context(p), task, type, stack(r.args[3]));
  return true;
}

}  // namespace tracetool::v1
