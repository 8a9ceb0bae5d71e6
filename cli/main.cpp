#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.h"
#include "cli/io/fd_stream.h"
#include "cli/io/output_file.h"

namespace {

void end_with(std::string_view line) {
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // nobody to tell
}

/// Where an exception cannot be caught, as in a destructor that needs memory, the program still
/// ends with a message and an exit code.
[[noreturn]] void end_at_once() {
  tracetool::remove_unfinished_output();
  try {
    if (std::current_exception() != nullptr) std::rethrow_exception(std::current_exception());
    end_with("tracetool: internal error\n");
  } catch (const std::bad_alloc&) {
    end_with("tracetool: out of memory\n");
  } catch (...) {
    end_with("tracetool: internal error\n");
  }
  ::_exit(tracetool::kExitUnusable);
}

/// How far the stack may still grow: what its limit leaves below the arguments and the environment,
/// above which stands nothing but the program's name.
size_t stack_left() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  const auto top = static_cast<size_t>(::getauxval(AT_EXECFN));
  const auto here = reinterpret_cast<size_t>(__builtin_frame_address(0));
  const size_t used = top > here ? top - here : 0;
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

/// A page a call, so that no more is touched than is asked for.
[[gnu::noinline]] void touch_stack(size_t bytes) {
  constexpr size_t kPage = 4096, kFrame = kPage + 64;
  std::array<volatile std::byte, kPage> page;
  page[0] = std::byte{0};
  if (bytes > 2 * kFrame) touch_stack(bytes - kFrame);
  page[1] = std::byte{0};  // so the call is no jump
}

/// The stack of the main thread grows as long as there is memory, and where there is none the
/// program ends without a word: what it takes at most is taken at the begin. False if its limit
/// is too low.
bool take_stack() {
  constexpr size_t kMost = size_t{512} << 10, kLeast = size_t{256} << 10;
  const size_t left = stack_left();
  if (left < kLeast) return false;
  const size_t wanted = std::min(left - (size_t{16} << 10), kMost);
  void* const room = ::mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  ::munmap(room, wanted);
  touch_stack(wanted);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(end_at_once);
  if (!take_stack()) {
    end_with("tracetool: the limit of the stack is too low (ulimit -s): 320 KiB are needed\n");
    return tracetool::kExitUnusable;
  }
  // A closed pipe is then an error of write(), which is dealt with where it occurs; and so is a
  // file that reaches the limit of its size.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  tracetool::FdBuf out_buffer(STDOUT_FILENO), err_buffer(STDERR_FILENO);
  std::ostream out(&out_buffer), err(&err_buffer);
  err << std::unitbuf;
  return tracetool::run(std::vector<std::string>(argv + 1, argv + argc), out, err,
                        tracetool::detect_terminal());
}
