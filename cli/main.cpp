#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.h"
#include "cli/fd_stream.h"
#include "cli/output_file.h"

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

/// The stack of the main thread grows as long as there is memory, and where there is none the
/// program ends without a word: what it takes at most is taken at the begin.
[[gnu::noinline]] void take_stack() {
  constexpr size_t kMost = size_t{512} << 10, kPage = 4096;
  void* const room = ::mmap(nullptr, kMost, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  ::munmap(room, kMost);
  std::array<volatile std::byte, kMost> stack;
  for (size_t above = kPage; above <= kMost; above += kPage) stack[kMost - above] = std::byte{0};
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(end_at_once);
  take_stack();
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
