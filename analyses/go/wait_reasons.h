// The reasons for which Go's runtimes block goroutines, and what each of them means: the one place
// that knows them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracetool {

/// net, sync + chan + select, syscall and sched are the four profiles of `go tool trace`.
enum class WaitClass : uint8_t {
  kNet,
  kSync,
  kChan,
  kSelect,
  kSleep,
  kGc,
  kOther,
  kSyscall,
  kSched
};
inline constexpr size_t kWaitClasses = 9;
/// The first of them: those of blocked goroutines.
inline constexpr size_t kBlockClasses = 7;
inline constexpr std::array<const char*, kWaitClasses> kWaitClassNames = {
    "net", "sync", "chan", "select", "sleep", "gc", "other", "syscall", "sched"};
constexpr const char* name_of(WaitClass c) { return kWaitClassNames[static_cast<size_t>(c)]; }
constexpr uint32_t bit(WaitClass c) { return 1u << static_cast<unsigned>(c); }
/// What a user means by the name of a class, as bits; 0 if there is none of that name. "sync" takes
/// what Go's synchronization blocking profile takes.
constexpr uint32_t class_bits(std::string_view name) {
  if (name == name_of(WaitClass::kSync))
    return bit(WaitClass::kSync) | bit(WaitClass::kChan) | bit(WaitClass::kSelect);
  for (size_t c = 0; c < kWaitClasses; ++c)
    if (name == kWaitClassNames[c]) return bit(static_cast<WaitClass>(c));
  return 0;
}
/// As the columns of goroutines, tasks and regions are called.
constexpr const char* heading_of(WaitClass c) {
  return c == WaitClass::kNet ? "network" : c == WaitClass::kGc ? "GC" : name_of(c);
}

/// Who ended a wait: a goroutine, or which part of the runtime.
enum class WakerClass : uint8_t { kGoroutine, kNetpoller, kTimer, kGc, kRuntime };
constexpr const char* name_of(WakerClass c) {
  constexpr const char* kNames[] = {"goroutine", "(netpoller)", "(timer)", "(GC)", "(runtime)"};
  return kNames[static_cast<int>(c)];
}

struct WaitReason {
  std::string_view text;
  WaitClass cls;
  WakerClass waker;  // who ends the wait where no goroutine does
};

/// Of format 2 from Go 1.22 on; of format 1 what its events are translated to.
inline constexpr std::array kWaitReasons = {
    WaitReason{"network", WaitClass::kNet, WakerClass::kNetpoller},
    WaitReason{"sync", WaitClass::kSync, WakerClass::kRuntime},
    WaitReason{"sync.(*Cond).Wait", WaitClass::kSync, WakerClass::kRuntime},
    WaitReason{"synctest", WaitClass::kSync, WakerClass::kRuntime},  // 1.24
    WaitReason{"chan send", WaitClass::kChan, WakerClass::kTimer},
    WaitReason{"chan receive", WaitClass::kChan, WakerClass::kTimer},
    WaitReason{"select", WaitClass::kSelect, WakerClass::kTimer},
    WaitReason{"sleep", WaitClass::kSleep, WakerClass::kTimer},
    WaitReason{"GC mark assist wait for work", WaitClass::kGc, WakerClass::kGc},
    WaitReason{"GC background sweeper wait", WaitClass::kGc, WakerClass::kGc},
    WaitReason{"GC weak to strong wait", WaitClass::kGc, WakerClass::kGc},  // 1.23
    WaitReason{"wait until GC ends", WaitClass::kGc, WakerClass::kGc},
    WaitReason{"system goroutine wait", WaitClass::kOther, WakerClass::kGc},
    WaitReason{"forever", WaitClass::kOther, WakerClass::kRuntime},
    WaitReason{"preempted", WaitClass::kOther, WakerClass::kRuntime},
    WaitReason{"wait for debug call", WaitClass::kOther, WakerClass::kRuntime},
    WaitReason{"unspecified", WaitClass::kOther, WakerClass::kRuntime},
    WaitReason{"", WaitClass::kOther, WakerClass::kRuntime},  // a coroutine's, or not known
};

/// Of a reason that is not in the table: newer ones fall where Go's own tools put them, for which
/// "chan", "select" and "sync" anywhere in it decide.
constexpr WaitReason reason_like(std::string_view text) {
  const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
  if (has("chan")) return {text, WaitClass::kChan, WakerClass::kTimer};
  if (has("select")) return {text, WaitClass::kSelect, WakerClass::kTimer};
  if (has("sync")) return {text, WaitClass::kSync, WakerClass::kRuntime};
  if (has("GC")) return {text, WaitClass::kGc, WakerClass::kGc};
  return {text, WaitClass::kOther, WakerClass::kRuntime};
}

constexpr WaitReason wait_reason(std::string_view text) {
  for (const WaitReason& known : kWaitReasons) {
    if (known.text == text) return known;
  }
  return reason_like(text);
}

}  // namespace tracetool
