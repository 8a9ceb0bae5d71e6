// The report of a capture with the default options of all passes, or one that was saved.
#pragma once

#include <string>
#include <vector>

#include "analyses/runner.h"
#include "cli/commands.h"

namespace tracetool {

/// Requests for these passes, or for all. A message if a name is unknown.
std::string default_requests(const std::vector<std::string>& names,
                             std::vector<PassRequest>& requests);

/// Their tables without rows: for checking names before anything is read.
Report empty_report(const std::vector<PassRequest>& requests);

struct LoadedReport {
  std::string path = {};
  Report report = {};
  int code = 0;            // fine, damaged or unusable
  std::string error = {};  // why it is unusable
  std::vector<std::string> warnings = {};
  double seconds = 0;  // length of the capture, or of the window
  bool saved = false;  // JSON of an earlier run
};
/// Says nothing to the user.
LoadedReport load_report(const std::string& path, const Settings& settings,
                         const std::vector<PassRequest>& requests);
/// Prints warnings and errors.
void tell_faults(const LoadedReport& loaded, Io& io);

/// The pass that makes a table, for hints; "" if none of the default ones does.
std::string pass_of_table(const std::string& table);

}  // namespace tracetool
