#include "parser/format1/v1_wire.h"

namespace tracetool::v1 {
namespace {

constexpr WireSpec kUnknown;

constexpr std::array<WireSpec, kCPUSample + 1> kSpecs = {{
    {},
    {"Batch", 5, {"p", "ticks"}},
    {"Frequency", 5, {"frequency"}},
    {"Stack", 5, {"id", "frames"}},
    {"Gomaxprocs", 5, {"procs", "stack"}},
    {"ProcStart", 5, {"thread"}},
    {"ProcStop", 5, {}},
    {"GCStart", 5, {"seq", "stack"}},
    {"GCDone", 5, {}},
    {"STWStart", 5, {"kind"}},
    {"STWDone", 5, {}},
    {"GCSweepStart", 5, {"stack"}},
    {"GCSweepDone", 5, {"swept", "reclaimed"}},
    {"GoCreate", 5, {"g", "new_stack", "stack"}},
    {"GoStart", 5, {"g", "seq"}},
    {"GoEnd", 5, {}},
    {"GoStop", 5, {"stack"}},
    {"GoSched", 5, {"stack"}},
    {"GoPreempt", 5, {"stack"}},
    {"GoSleep", 5, {"stack"}},
    {"GoBlock", 5, {"stack"}},
    {"GoUnblock", 5, {"g", "seq", "stack"}},
    {"GoBlockSend", 5, {"stack"}},
    {"GoBlockRecv", 5, {"stack"}},
    {"GoBlockSelect", 5, {"stack"}},
    {"GoBlockSync", 5, {"stack"}},
    {"GoBlockCond", 5, {"stack"}},
    {"GoBlockNet", 5, {"stack"}},
    {"GoSysCall", 5, {"stack"}},
    {"GoSysExit", 5, {"g", "seq", "ts"}},
    {"GoSysBlock", 5, {}},
    {"GoWaiting", 5, {"g"}},
    {"GoInSyscall", 5, {"g"}},
    {"HeapAlloc", 5, {"bytes"}},
    {"HeapGoal", 5, {"bytes"}},
    {"TimerGoroutine", 5, {"g"}},
    {"FutileWakeup", 5, {}},
    {"String", 7, {"id", "length"}},
    {"GoStartLocal", 7, {"g"}},
    {"GoUnblockLocal", 7, {"g", "stack"}},
    {"GoSysExitLocal", 7, {"g", "ts"}},
    {"GoStartLabel", 8, {"g", "seq", "label"}},
    {"GoBlockGC", 8, {"stack"}},
    {"GCMarkAssistStart", 9, {"stack"}},
    {"GCMarkAssistDone", 9, {}},
    {"UserTaskCreate", 11, {"task", "parent", "name", "stack"}},
    {"UserTaskEnd", 11, {"task", "stack"}},
    {"UserRegion", 11, {"task", "mode", "name", "stack"}},
    {"UserLog", 11, {"task", "key", "stack"}},
    {"CPUSample", 19, {"ticks", "p", "g", "stack"}},
}};

constexpr std::array<Rule, kWireTypes> make_rules() {
  std::array<Rule, kWireTypes> rules;
  rules[kGoCreate] = {Rule::kArgument, Rule::kIs0, Status::kDead, Status::kRunnable, 1};
  for (const Wire type : {kGoWaiting, kGoInSyscall})
    rules[type] = {Rule::kArgument, Rule::kIs1, Status::kRunnable, Status::kWaiting, 1};
  for (const Wire type : {kGoStart, kGoStartLabel})
    rules[type] = {Rule::kArgument, Rule::kIsArgument, Status::kRunnable, Status::kRunning, 1};
  rules[kGoStartLocal] = {Rule::kArgument, Rule::kAny, Status::kRunnable, Status::kRunning, 1};
  for (const Wire type : {kGoBlock, kGoBlockSend, kGoBlockRecv, kGoBlockSelect, kGoBlockSync,
                          kGoBlockCond, kGoBlockNet, kGoBlockGC, kGoSleep, kGoSysBlock})
    rules[type] = {Rule::kCurrent, Rule::kAny, Status::kRunning, Status::kWaiting, 0};
  for (const Wire type : {kGoSched, kGoPreempt})
    rules[type] = {Rule::kCurrent, Rule::kAny, Status::kRunning, Status::kRunnable, 0};
  for (const Wire type : {kGoUnblock, kGoSysExit})
    rules[type] = {Rule::kArgument, Rule::kIsArgument, Status::kWaiting, Status::kRunnable, 1};
  for (const Wire type : {kGoUnblockLocal, kGoSysExitLocal})
    rules[type] = {Rule::kArgument, Rule::kAny, Status::kWaiting, Status::kRunnable, 1};
  rules[kGCStart].who = Rule::kGc;
  return rules;
}

}  // namespace

const std::array<Rule, kWireTypes> kRules = make_rules();

const WireSpec& wire_spec(uint8_t type) { return type < kSpecs.size() ? kSpecs[type] : kUnknown; }

Layout layout_of(int version) {
  Layout layout = {};
  for (uint8_t type = kBatch; type <= kCPUSample; ++type) {
    const WireSpec& spec = kSpecs[type];
    if (spec.since > version) continue;
    layout[type] = 1;  // the tick delta
    for (const char* field : spec.fields)
      if (field != nullptr) ++layout[type];
  }
  // These have no tick delta.
  for (const Wire type : {kBatch, kFrequency, kTimerGoroutine}) --layout[type];
  if (version < 10) layout[kSTWStart] = 1;
  if (version < 9) layout[kGCSweepDone] = 1;
  layout[kStack] = layout[kString] = kOwnLayout;
  return layout;
}

}  // namespace tracetool::v1
