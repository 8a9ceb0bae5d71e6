#include "analyses/go/wait_kind.h"

#include <algorithm>

#include "analyses/go/stack_place.h"

namespace tracetool {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view function_at(const Tables& tables, FrameId frame) {
  return tables.string(tables.frame(frame).function);
}

/// Locks are built from each other (an RWMutex and a Once hold a Mutex): the outermost one of the
/// frames inside package sync is what the program used.
std::string lock_on(const Tables& tables, StackId stack) {
  constexpr std::string_view kTypes[] = {"Mutex", "RWMutex", "WaitGroup", "Cond", "Once"};
  std::string_view found = "semaphore";
  for (const FrameId id : tables.stack(stack)) {
    const std::string_view function = function_at(tables, id);
    const std::string_view package = package_of(function);
    if (package != "sync" && package != "internal/sync" && package != "runtime") break;
    if (package == "runtime") continue;
    std::string_view name = function.substr(package.size() + 1);
    if (name.starts_with("(*")) {
      name = name.substr(2, name.find(')') - 2);
    } else if (name.starts_with("OnceFunc") || name.starts_with("OnceValue")) {
      name = "Once";
    }
    const auto* const type = std::ranges::find(kTypes, name);
    if (type != std::end(kTypes)) found = *type;
  }
  return std::string(found);
}

std::string poll_on(const Tables& tables, StackId stack) {
  constexpr std::string_view kFd = "internal/poll.(*FD).";
  const std::string_view leaf = tables.string(tables.leaf_function(stack));
  if (!leaf.starts_with(kFd)) return "net";
  const std::string_view method = leaf.substr(kFd.size());
  // Only connecting waits so by itself.
  return "net " + (method == "WaitWrite" ? "connect" : lower(method));
}

}  // namespace

bool waits_for_collector(const Tables& tables, StackId stack) {
  for (const FrameId id : tables.stack(stack)) {
    const std::string_view function = function_at(tables, id);
    if (package_of(function) != "runtime") return false;
    if (function.starts_with("runtime.gc") || function.starts_with("runtime.GC")) return true;
  }
  return false;
}

std::string waited_for(const Tables& tables, std::string_view reason, StackId stack) {
  if (may_be_collectors(reason) && waits_for_collector(tables, stack)) return kGcCycle;
  if (reason == "network") return poll_on(tables, stack);
  if (reason == "sync.(*Cond).Wait") return "Cond";
  if (reason == "sync") return lock_on(tables, stack);
  if (reason == "chan send") return "channel send";
  if (reason == "chan receive") return "channel receive";
  return std::string(reason);
}

std::string syscall_name(const Tables& tables, StackId stack) {
  constexpr std::string_view kCgo = "_Cfunc_";
  const std::span<const FrameId> frames = tables.stack(stack);
  for (const FrameId id : frames) {
    const std::string_view function = function_at(tables, id);
    const std::string_view package = package_of(function);
    if (package == function) break;
    const std::string_view name = function.substr(package.size() + 1);
    if (name.starts_with(kCgo)) return "cgo " + std::string(name.substr(kCgo.size()));
    if (package == "runtime") continue;
    const bool calls = package == "syscall" || package == "internal/syscall/unix" ||
                       package == "internal/runtime/syscall" || package == "golang.org/x/sys/unix";
    if (!calls) {
      // The bare entries tell nothing; who used them does.
      if (id != frames.front() && package_of(function_at(tables, frames.front())) != "runtime")
        return "Syscall in " + std::string(function);
      break;
    }
    const bool bare = name.find("yscall") != std::string_view::npos;  // Syscall6, RawSyscall, …
    if (!bare) return lower(name);
  }
  return frames.empty() ? std::string() : std::string(function_at(tables, frames.front()));
}

}  // namespace tracetool
