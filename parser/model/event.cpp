#include "parser/model/event.h"

namespace tracetool {

const char* name_of(EventKind kind) {
  switch (kind) {
    case EventKind::kSync:
      return "Sync";
    case EventKind::kMetric:
      return "Metric";
    case EventKind::kLabel:
      return "Label";
    case EventKind::kStackSample:
      return "StackSample";
    case EventKind::kRangeBegin:
      return "RangeBegin";
    case EventKind::kRangeActive:
      return "RangeActive";
    case EventKind::kRangeEnd:
      return "RangeEnd";
    case EventKind::kTaskBegin:
      return "TaskBegin";
    case EventKind::kTaskEnd:
      return "TaskEnd";
    case EventKind::kRegionBegin:
      return "RegionBegin";
    case EventKind::kRegionEnd:
      return "RegionEnd";
    case EventKind::kLog:
      return "Log";
    case EventKind::kGoTransition:
    case EventKind::kProcTransition:
      return "StateTransition";
    case EventKind::kExperimental:
      return "Experimental";
    case EventKind::kGap:
      return "Gap";
  }
  return "Unknown";
}

const char* name_of(GoState state) {
  switch (state) {
    case GoState::kUndetermined:
      return "Undetermined";
    case GoState::kNotExist:
      return "NotExist";
    case GoState::kRunnable:
      return "Runnable";
    case GoState::kRunning:
      return "Running";
    case GoState::kWaiting:
      return "Waiting";
    case GoState::kSyscall:
      return "Syscall";
  }
  return "Unknown";
}

const char* name_of(ProcState state) {
  switch (state) {
    case ProcState::kUndetermined:
      return "Undetermined";
    case ProcState::kNotExist:
      return "NotExist";
    case ProcState::kRunning:
      return "Running";
    case ProcState::kIdle:
      return "Idle";
  }
  return "Unknown";
}

const char* name_of(Metric metric) {
  switch (metric) {
    case Metric::kGomaxprocs:
      return "/sched/gomaxprocs:threads";
    case Metric::kHeapAlloc:
      return "/memory/classes/heap/objects:bytes";
    case Metric::kHeapGoal:
      return "/gc/heap/goal:bytes";
  }
  return "unknown";
}

}  // namespace tracetool
