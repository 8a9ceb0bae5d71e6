#include "cli/io/named_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <utility>
#include <vector>

#include "cli/io/capture_files.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

bool look_at(const std::string& path, struct stat& about) {
  return (path == "-" ? ::fstat(STDIN_FILENO, &about) : ::stat(path.c_str(), &about)) == 0;
}

/// All that a run reads. What is missing among them is told by whoever opens it.
std::vector<std::string> files_read(const Invocation& invocation) {
  const GateSettings& gates = invocation.settings.gates;
  std::vector<std::string> files;
  for (const auto* names : {&invocation.paths, &gates.before, &gates.after, &gates.baseline}) {
    for (const std::string& name : *names) expand_paths({name}, files);
  }
  files.insert(files.end(), gates.rules.begin(), gates.rules.end());
  return files;
}

}  // namespace

std::string misused_file(const Invocation& invocation) {
  const std::string& output = invocation.settings.output;
  struct stat target {
  }, about{};
  // What is written into a FIFO that is read comes back, and never ends.
  const bool overwrites = !output.empty() && ::stat(output.c_str(), &target) == 0 &&
                          (S_ISREG(target.st_mode) || S_ISFIFO(target.st_mode));
  std::set<std::pair<dev_t, ino_t>> streams;
  for (const std::string& file : files_read(invocation)) {
    if (!look_at(file, about)) continue;
    if (overwrites && about.st_dev == target.st_dev && about.st_ino == target.st_ino)
      return clean(output) + ": is read by this command, not overwritten";
    if (S_ISDIR(about.st_mode) || (file != "-" && S_ISREG(about.st_mode))) continue;
    if (!streams.emplace(about.st_dev, about.st_ino).second) {
      return (file == "-" ? "standard input" : clean(file)) +
             ": is to be read twice, but can be read only once";
    }
  }
  return {};
}

}  // namespace tracetool
