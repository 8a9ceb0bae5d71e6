// Threads that somebody waits for, whatever happens.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tracetool {

/// They are joined at the latest when the group goes away, and what one of them throws comes out
/// of join(). Whoever leaves a group by an exception has to see to it that its threads end.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ~ThreadGroup() { wait(); }

  /// False if no more threads can be had: the work then has to be done without.
  bool start(std::function<void()> work);
  /// Waits for all of them, and throws the first exception that left one.
  void join();

 private:
  void wait();

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// For tests: from now on it is as if only so many more threads could be had.
void allow_more_threads(int count);

}  // namespace tracetool
