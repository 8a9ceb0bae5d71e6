// The whole program on any bytes: every command in every format, chosen by the last two bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <sstream>

#include "cli/app.h"
#include "cli/commands.h"
#include "tests/fuzz/check.h"

using namespace tracetool;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 18) return 0;
  const std::vector<Command>& commands = all_commands();
  const Command& command = commands[data[size - 1] % commands.size()];
  const int file = memfd_create("trace", 0);
  TT_MUST(file >= 0);
  TT_MUST(write(file, data, size - 2) == static_cast<ssize_t>(size - 2));
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  std::vector<std::string> args = {command.name, path, "--no-progress"};
  if (!command.formats.empty()) {
    args.insert(args.end(), {"--format", command.formats[data[size - 2] % command.formats.size()]});
  }
  std::ostringstream out, err;
  const int code = run(args, out, err, Terminal{});
  TT_MUST(code >= kExitOk && code <= kExitDamaged);
  // Whatever is wrong is said.
  if (code == kExitUnusable || code == kExitDamaged) TT_MUST(!err.str().empty());
  close(file);
  return 0;
}
