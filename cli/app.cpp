#include "cli/app.h"

#include <exception>
#include <new>
#include <stdexcept>

#include "cli/io/fd_stream.h"
#include "cli/io/named_files.h"
#include "cli/options/command_line.h"
#include "cli/options/help.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::vector<std::string> command_names() {
  std::vector<std::string> names = {"help"};
  for (const Command& command : all_commands()) names.push_back(command.name);
  return names;
}

int usage_error(std::ostream& err, const std::string& who, const std::string& message) {
  err << who << ": " << clean(message) << "\n";
  return kExitUnusable;
}

int unknown_command(std::ostream& err, const std::string& name) {
  return usage_error(
      err, "tracetool",
      "unknown command \"" + name + "\"" + did_you_mean(name, command_names()) +
          (did_you_mean(name, command_names()).empty() ? "; tracetool help lists them" : ""));
}

int run_help(const std::vector<std::string>& args, Io& io) {
  if (args.size() < 2) {
    io.out << main_help();
    return kExitOk;
  }
  if (args[1] == "help") return run_help({}, io);
  const Command* command = find_command(args[1]);
  if (command == nullptr) return unknown_command(io.err, args[1]);
  io.out << command_help(*command);
  return kExitOk;
}

int dispatch(const std::vector<std::string>& args, Io& io) {
  if (args.empty()) {
    io.err << main_help();
    return kExitUnusable;
  }
  const std::string& first = args.front();
  if (first == "--version" || first == "version") {
    io.out << "tracetool " << TRACETOOL_VERSION << "\n";
    return kExitOk;
  }
  if (first == "help" || first == "--help" || first == "-h") return run_help(args, io);
  if (first.starts_with('-')) {
    return usage_error(io.err, "tracetool",
                       "the command comes first, before " + first + "; tracetool help lists them");
  }
  const Command* command = find_command(first);
  if (command == nullptr) return unknown_command(io.err, first);
  const CommandLine line = parse_command_line(*command, {args.begin() + 1, args.end()});
  if (line.help) {
    io.out << command_help(*command);
    return kExitOk;
  }
  if (!line.error.empty()) return usage_error(io.err, "tracetool " + first, line.error);
  if (const std::string misused = misused_file(line.invocation); !misused.empty())
    return usage_error(io.err, "tracetool", misused);
  return command->run(line.invocation, io);
}

/// Libraries throw; we do not.
int guarded(const std::vector<std::string>& args, Io& io) {
  try {
    return dispatch(args, io);
  } catch (const std::bad_alloc&) {
    return usage_error(io.err, "tracetool", "out of memory");
  } catch (const std::length_error&) {  // more than there can be
    return usage_error(io.err, "tracetool", "out of memory");
  } catch (const std::exception& e) {
    return usage_error(io.err, "tracetool", e.what());
  }
}

}  // namespace

int run(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
        const Terminal& terminal) {
  Io io{out, err, terminal};
  const int code = guarded(args, io);
  std::string reason;
  switch (finish_output(out, reason)) {
    case WriteOutcome::kFailed:
      return usage_error(err, "tracetool", "cannot write the output: " + reason);
    case WriteOutcome::kClosedPipe:  // whoever reads has had enough
    case WriteOutcome::kDone:
      break;
  }
  return code;
}

}  // namespace tracetool
