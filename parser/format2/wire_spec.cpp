#include "parser/format2/wire_spec.h"

namespace tracetool {
namespace {

constexpr std::array<WireSpec, 256> make_specs() {
  std::array<WireSpec, 256> s{};
  const auto section = [&](uint8_t type, std::string_view name, int since,
                           std::array<std::string_view, 5> args = {}) {
    s[type] = {name, false, since, args};
  };
  const auto timed = [&](uint8_t type, std::string_view name, int since,
                         std::array<std::string_view, 5> args = {}) {
    s[type] = {name, true, since, args};
  };
  section(kWireBatch, "EventBatch", 22, {"gen", "m", "time", "size"});
  section(kWireStacks, "Stacks", 22);
  section(kWireStack, "Stack", 22, {"id", "nframes"});
  section(kWireStrings, "Strings", 22);
  section(kWireString, "String", 22, {"id"});
  section(kWireCpuSamples, "CPUSamples", 22);
  section(kWireCpuSample, "CPUSample", 22, {"time", "m", "p", "g", "stack"});
  section(kWireFrequency, "Frequency", 22, {"freq"});
  section(kWireExperimentalBatch, "ExperimentalBatch", 23, {"exp", "gen", "m", "time", "size"});
  section(kWireSync, "Sync", 25);
  section(kWireClockSnapshot, "ClockSnapshot", 25, {"dt", "mono", "sec", "nsec"});
  section(kWireEndOfGeneration, "EndOfGeneration", 26);

  timed(kWireProcsChange, "ProcsChange", 22, {"procs_value", "stack"});
  timed(kWireProcStart, "ProcStart", 22, {"p", "p_seq"});
  timed(kWireProcStop, "ProcStop", 22);
  timed(kWireProcSteal, "ProcSteal", 22, {"p", "p_seq", "m"});
  timed(kWireProcStatus, "ProcStatus", 22, {"p", "pstatus"});
  timed(kWireGoCreate, "GoCreate", 22, {"new_g", "new_stack", "stack"});
  timed(kWireGoCreateSyscall, "GoCreateSyscall", 22, {"new_g"});
  timed(kWireGoStart, "GoStart", 22, {"g", "g_seq"});
  timed(kWireGoDestroy, "GoDestroy", 22);
  timed(kWireGoDestroySyscall, "GoDestroySyscall", 22);
  timed(kWireGoStop, "GoStop", 22, {"reason_string", "stack"});
  timed(kWireGoBlock, "GoBlock", 22, {"reason_string", "stack"});
  timed(kWireGoUnblock, "GoUnblock", 22, {"g", "g_seq", "stack"});
  timed(kWireGoSyscallBegin, "GoSyscallBegin", 22, {"p_seq", "stack"});
  timed(kWireGoSyscallEnd, "GoSyscallEnd", 22);
  timed(kWireGoSyscallEndBlocked, "GoSyscallEndBlocked", 22);
  timed(kWireGoStatus, "GoStatus", 22, {"g", "m", "gstatus"});
  timed(kWireSTWBegin, "STWBegin", 22, {"kind_string", "stack"});
  timed(kWireSTWEnd, "STWEnd", 22);
  timed(kWireGCActive, "GCActive", 22, {"gc_seq"});
  timed(kWireGCBegin, "GCBegin", 22, {"gc_seq", "stack"});
  timed(kWireGCEnd, "GCEnd", 22, {"gc_seq"});
  timed(kWireGCSweepActive, "GCSweepActive", 22, {"p"});
  timed(kWireGCSweepBegin, "GCSweepBegin", 22, {"stack"});
  timed(kWireGCSweepEnd, "GCSweepEnd", 22, {"swept_value", "reclaimed_value"});
  timed(kWireGCMarkAssistActive, "GCMarkAssistActive", 22, {"g"});
  timed(kWireGCMarkAssistBegin, "GCMarkAssistBegin", 22, {"stack"});
  timed(kWireGCMarkAssistEnd, "GCMarkAssistEnd", 22);
  timed(kWireHeapAlloc, "HeapAlloc", 22, {"heapalloc_value"});
  timed(kWireHeapGoal, "HeapGoal", 22, {"heapgoal_value"});
  timed(kWireGoLabel, "GoLabel", 22, {"label_string"});
  timed(kWireUserTaskBegin, "UserTaskBegin", 22, {"task", "parent_task", "name_string", "stack"});
  timed(kWireUserTaskEnd, "UserTaskEnd", 22, {"task", "stack"});
  timed(kWireUserRegionBegin, "UserRegionBegin", 22, {"task", "name_string", "stack"});
  timed(kWireUserRegionEnd, "UserRegionEnd", 22, {"task", "name_string", "stack"});
  timed(kWireUserLog, "UserLog", 22, {"task", "key_string", "value_string", "stack"});
  timed(kWireGoSwitch, "GoSwitch", 23, {"g", "g_seq"});
  timed(kWireGoSwitchDestroy, "GoSwitchDestroy", 23, {"g", "g_seq"});
  timed(kWireGoCreateBlocked, "GoCreateBlocked", 23, {"new_g", "new_stack", "stack"});
  timed(kWireGoStatusStack, "GoStatusStack", 23, {"g", "m", "gstatus", "stack"});

  timed(kWireSpan, "Span", 23, {"id", "npages_value", "kindclass"});
  timed(kWireSpanAlloc, "SpanAlloc", 23, {"id", "npages_value", "kindclass"});
  timed(kWireSpanFree, "SpanFree", 23, {"id"});
  timed(kWireHeapObject, "HeapObject", 23, {"id", "type"});
  timed(kWireHeapObjectAlloc, "HeapObjectAlloc", 23, {"id", "type"});
  timed(kWireHeapObjectFree, "HeapObjectFree", 23, {"id"});
  timed(kWireGoroutineStack, "GoroutineStack", 23, {"id", "order"});
  timed(kWireGoroutineStackAlloc, "GoroutineStackAlloc", 23, {"id", "order"});
  timed(kWireGoroutineStackFree, "GoroutineStackFree", 23, {"id"});
  return s;
}

constexpr std::array<WireSpec, 256> kSpecs = make_specs();

constexpr std::array<int8_t, 256> make_timed_args() {
  std::array<int8_t, 256> counts{};
  for (size_t i = 0; i < 256; ++i)
    counts[i] = kSpecs[i].timed ? static_cast<int8_t>(kSpecs[i].arg_count()) : int8_t{-1};
  return counts;
}

}  // namespace

const WireSpec& wire_spec(uint8_t type) { return kSpecs[type]; }
constinit const std::array<int8_t, 256> kTimedArgs = make_timed_args();

}  // namespace tracetool
