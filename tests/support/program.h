// The program as a process of its own, for what cannot be tried in the tests' process: limits,
// signals, descriptors.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/cli_run.h"
#include "tests/support/temporary.h"

namespace tracetool::test {

struct Limit {
  int resource = RLIMIT_NOFILE;
  rlim_t value = RLIM_INFINITY;
};

/// Where the program that is tested lies.
std::string program_path();

class Program {
 public:
  explicit Program(const std::vector<std::string>& args, std::optional<Limit> limit = {},
                   const std::string& input = "/dev/null");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  pid_t pid() const { return pid_; }
  /// Waits for its end. The code of a process that was killed is minus the signal; -1000 if it took
  /// longer than any of these should, when it is killed.
  CliResult wait();

 private:
  pid_t pid_ = -1;
  std::string out_, err_;  // files
};

/// AddressSanitizer and ThreadSanitizer need terabytes of address space.
constexpr bool can_limit_memory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
  return !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
  return true;
#endif
}

}  // namespace tracetool::test
