// What a goroutine waited for, as far as the runtime's reason and the stack tell.
#pragma once

#include <string>
#include <string_view>

#include "parser/model/tables.h"

namespace tracetool {

/// What the waits of waits_for_collector() are for.
inline constexpr const char* kGcCycle = "GC cycle";

/// Whether a wait for that reason may be the collector's own, which the stack then tells:
/// semaphores and channels of the runtime have the reasons of the program's.
constexpr bool may_be_collectors(std::string_view reason) {
  return reason == "sync" || reason == "chan receive";
}
/// Whether such a wait on that stack is the collector's: to begin or end a cycle, which another
/// goroutine does just then, or for its workers to be there.
bool waits_for_collector(const Tables& tables, StackId stack);

/// "Mutex", "RWMutex", "WaitGroup", "Cond", "Once", "semaphore", "channel send", "net read", …: of
/// a block for that reason on that stack.
std::string waited_for(const Tables& tables, std::string_view reason, StackId stack);

/// Whether waited_for() says that it was a lock, which somebody holds.
constexpr bool is_lock(std::string_view what) { return what == "Mutex" || what == "RWMutex"; }

/// "read", "openat", "cgo compress", …: the system call made on that stack, from its innermost
/// frames; the innermost function if none of them is a system call's; "" for stack 0.
std::string syscall_name(const Tables& tables, StackId stack);

}  // namespace tracetool
