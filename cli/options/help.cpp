#include "cli/options/help.h"

#include <algorithm>

#include "cli/options/command_line.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kCommandColumn = 18, kOptionColumn = 26;

constexpr char kIntroduction[] =
    "TRACE is a file written by runtime/trace, go test -trace, net/http/pprof or the flight "
    "recorder (Go 1.7 and newer), plain or packed with zstd or gzip; - is standard input.";

constexpr char kEnd[] =
    "\n"
    "tracetool COMMAND --help lists the options of a command, tracetool --version\n"
    "prints the version. Arguments behind -- are files, even if they begin with -.\n"
    "\n"
    "Examples:\n"
    "  tracetool analyze trace.out\n"
    "  tracetool events trace.out --goroutine 18 --from 10ms --to 20ms\n"
    "  tracetool analyze trace.out --format json | jq '.tables.capture.rows[0]'\n"
    "\n"
    "Exit codes: 0 fine; 1 a check that was asked for failed; 2 wrong usage or\n"
    "unreadable input; 3 results were printed, but the input is damaged or\n"
    "incomplete.\n";

std::string paragraph(const std::string& text) {
  std::string out;
  for (const std::string& line : wrap(text, kWidth)) out += line + "\n";
  return out;
}

/// "  NAME      what it is", continued under itself.
std::string entry(const std::string& name, size_t column, const std::string& text) {
  std::string line = "  " + name;
  if (line.size() + 2 > column) line += "\n" + std::string(column, ' ');
  std::string out;
  for (const std::string& part : wrap(text, kWidth - column)) {
    if (out.empty() && line.size() < column) line.resize(column, ' ');
    out += (out.empty() ? line : std::string(column, ' ')) + part + "\n";
  }
  return out;
}

/// Lines that begin with a word are a paragraph until an empty or indented one; an indented one
/// with a second column is a list.
std::string flow(const std::string& text) {
  std::string out, open;
  const auto close = [&] {
    if (!open.empty()) out += paragraph(open);
    open.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line[0] != ' ') {
      open += (open.empty() ? "" : " ") + line;
      if (line.back() == ':') close();
      continue;
    }
    close();
    const size_t gap = line.rfind("  ");
    const bool list = line.size() > kWidth && gap != std::string::npos && gap > 2;
    const size_t last = list ? line.find_last_not_of(' ', gap) + 1 : 0;
    out += list ? entry(line.substr(2, last - 2), gap + 2, line.substr(gap + 2)) : line + "\n";
  }
  close();
  return out;
}

std::string arguments_of(const Command& command) {
  if (!command.arguments.empty()) return command.arguments;
  std::string words;
  if (command.pass != nullptr) {
    for (const PassOption& option : command.pass->options)
      if (!option.words.empty()) words = "[" + option.words.front() + ",...] ";
  }
  return words + (command.least_traces == 0 ? "[TRACE]" : "TRACE") +
         (command.most_traces > 1 ? "..." : "");
}

}  // namespace

std::string main_help() {
  std::string out =
      "tracetool: what a Go execution trace says, in the terminal\n"
      "\n"
      "Usage: tracetool COMMAND TRACE [OPTION]...\n"
      "\n" +
      paragraph(kIntroduction) +
      "\n"
      "Commands:\n";
  bool passes = false;
  for (const Command& command : all_commands()) {
    if (command.pass != nullptr && !passes) {
      passes = true;
      out += entry("help [COMMAND]", kCommandColumn, "this text, or the help of a command");
      out += "\nAnalyses, one at a time:\n";
    }
    out += entry(command.name, kCommandColumn, command.summary);
  }
  return out + kEnd;
}

std::string command_help(const Command& command) {
  std::string out = paragraph("tracetool " + command.name + ": " + command.summary) +
                    "\nUsage: tracetool " + command.name + " " + arguments_of(command) +
                    " [OPTION]...\n\n" + flow(command.description);
  std::string group;
  for (const Wanted& w : options_of(command)) {
    if (w.idle) continue;
    if (w.group != group) {
      group = w.group;
      out += "\n" + group + ":\n";
    }
    std::string names = w.names;
    if (const size_t comma = names.find(','); comma != std::string::npos)
      names.insert(comma + 1, " ");
    out += entry(names + (w.value.empty() ? "" : " " + w.value), kOptionColumn,
                 w.help + (w.default_value.empty() ? "" : " (default: " + w.default_value + ")"));
  }
  return out + entry("-h, --help", kOptionColumn, "this text");
}

}  // namespace tracetool
