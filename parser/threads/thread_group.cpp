#include "parser/threads/thread_group.h"

#include <pthread.h>

#include <atomic>
#include <climits>
#include <csignal>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <system_error>
#include <utility>

#include "parser/threads/signals_held.h"

namespace tracetool {
namespace {

constexpr int kAny = INT_MAX;
std::atomic<int> more_threads{kAny};

/// The default is the limit of the main thread's stack, which may be too low for the work.
void give_stack() {
  constexpr size_t kLeast = size_t{512} << 10;
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return;
  size_t size = 0;
  if (::pthread_attr_getstacksize(&attributes, &size) == 0 && size < kLeast &&
      ::pthread_attr_setstacksize(&attributes, kLeast) == 0)
    ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

/// All signals that come from outside: the main thread handles these, and may hold them. What a
/// thread brings on itself (a fault) still ends it.
sigset_t signals_for_main() {
  sigset_t others;
  ::sigfillset(&others);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
    ::sigdelset(&others, own);
  return others;
}

bool may_start() { return more_threads == kAny || more_threads.fetch_sub(1) > 0; }

}  // namespace

void allow_more_threads(int count) { more_threads = count; }

bool ThreadGroup::start(std::function<void()> work) {
  if (!may_start()) return false;
  give_stack();
  const SignalsHeld held(signals_for_main());
  try {
    threads_.reserve(threads_.size() + 1);
    threads_.emplace_back([this, work = std::move(work)] {
      try {
        work();
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (failure_ == nullptr) failure_ = std::current_exception();
      }
    });
    return true;
  } catch (const std::system_error&) {  // their number or the address space has a limit
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void ThreadGroup::wait() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadGroup::join() {
  wait();
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace tracetool
