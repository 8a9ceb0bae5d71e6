#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/fd_stream.h"

int main(int argc, char** argv) {
  // A closed pipe is then an error of write(), which is dealt with where it occurs.
  std::signal(SIGPIPE, SIG_IGN);
  tracetool::FdBuf out_buffer(STDOUT_FILENO), err_buffer(STDERR_FILENO);
  std::ostream out(&out_buffer), err(&err_buffer);
  err << std::unitbuf;
  return tracetool::run(std::vector<std::string>(argv + 1, argv + argc), out, err,
                        tracetool::detect_terminal());
}
