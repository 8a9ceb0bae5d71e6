#include "parser/thread_group.h"

#include <atomic>
#include <climits>
#include <new>
#include <system_error>
#include <utility>

namespace tracetool {
namespace {

constexpr int kAny = INT_MAX;
std::atomic<int> more_threads{kAny};

bool may_start() { return more_threads == kAny || more_threads.fetch_sub(1) > 0; }

}  // namespace

void allow_more_threads(int count) { more_threads = count; }

bool ThreadGroup::start(std::function<void()> work) {
  if (!may_start()) return false;
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
