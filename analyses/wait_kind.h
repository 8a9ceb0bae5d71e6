// What a goroutine waited for, as far as the runtime's reason and the stack tell.
#pragma once

#include <string>
#include <string_view>

#include "parser/tables.h"

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
inline constexpr const char* kWaitClassNames[kWaitClasses] = {
    "net", "sync", "chan", "select", "sleep", "gc", "other", "syscall", "sched"};
constexpr const char* name_of(WaitClass c) { return kWaitClassNames[static_cast<size_t>(c)]; }

constexpr uint32_t bit(WaitClass c) { return 1u << static_cast<unsigned>(c); }
/// What a user means by the name of a class, as bits; 0 if there is none of that name. "sync" takes
/// what Go's synchronization blocking profile takes.
constexpr uint32_t class_bits(std::string_view name) {
  if (name == "sync")
    return bit(WaitClass::kSync) | bit(WaitClass::kChan) | bit(WaitClass::kSelect);
  for (size_t c = 0; c < kWaitClasses; ++c)
    if (name == kWaitClassNames[c]) return bit(static_cast<WaitClass>(c));
  return 0;
}

/// Of the reason of a block. "chan", "select" and "sync" anywhere in it decide, as in Go's tools,
/// so that newer reasons of that sort fall where those put them.
constexpr WaitClass wait_class(std::string_view reason) {
  const auto has = [&](std::string_view part) {
    return reason.find(part) != std::string_view::npos;
  };
  if (reason == "network") return WaitClass::kNet;
  if (has("chan")) return WaitClass::kChan;
  if (has("select")) return WaitClass::kSelect;
  if (has("sync")) return WaitClass::kSync;
  if (reason == "sleep") return WaitClass::kSleep;
  if (has("GC")) return WaitClass::kGc;
  return WaitClass::kOther;
}

/// "Mutex", "RWMutex", "WaitGroup", "Cond", "Once", "semaphore", "channel send", "net read", …: of
/// a block for that reason on that stack.
std::string waited_for(const Tables& tables, std::string_view reason, StackId stack);

/// Whether waited_for() says that it was a lock, which somebody holds.
constexpr bool is_lock(std::string_view what) { return what == "Mutex" || what == "RWMutex"; }

/// "read", "openat", "cgo compress", …: the system call made on that stack, from its innermost
/// frames; the innermost function if none of them is a system call's; "" for stack 0.
std::string syscall_name(const Tables& tables, StackId stack);

}  // namespace tracetool
