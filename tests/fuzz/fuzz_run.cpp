// The whole program on any bytes: every command in every format, chosen by the last two bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/app.h"
#include "cli/commands/commands.h"
#include "tests/fuzz/check.h"

using namespace tracetool;

/// Sums of such times overflow, as a fault says; here the sum itself would be reported.
static bool has_absurd_times(std::span<const uint8_t> bytes) {
  Input input;
  if (open_memory(bytes, {.own_thread = false}, input)) return false;
  TraceReader reader(std::move(input), {});
  if (reader.open()) return false;
  fuzz::CheckingSink sink(reader.tables());
  reader.read(sink);
  return std::ranges::any_of(reader.facts().faults, [](const Fault& f) {
    return f.message.find("too long to be added up") != std::string::npos;
  });
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 18) return 0;
  const std::vector<Command>& commands = all_commands();
  const Command& command = commands[data[size - 1] % commands.size()];
  if (has_absurd_times({data, size - 2})) return 0;
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
