// The report of a capture with the default options of all passes, or one that was saved.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analyses/engine/runner.h"
#include "cli/options/invocation.h"

namespace tracetool {

/// Requests for these passes, or for all. A message if a name is unknown.
std::string default_requests(const std::vector<std::string>& names,
                             std::vector<PassRequest>& requests);

/// Leaves those that these tables are made by.
void keep_needed(const std::vector<std::string>& tables, std::vector<PassRequest>& requests);

/// Puts into `report` what they make of an empty capture, whose facts are `facts`, `together` or
/// alone. The first error
/// that a wrong value of an option makes, or "".
std::string run_on_nothing(const std::vector<PassRequest>& requests, bool together,
                           CaptureFacts& facts, Report& report);

/// Their tables and that of problems, without rows: for checking names before anything is read.
Report empty_report(const std::vector<PassRequest>& requests);

struct LoadedReport {
  std::string path = {};
  Report report = {};
  int code = 0;            // fine, damaged or unusable
  std::string error = {};  // why it is unusable
  std::vector<std::string> warnings = {}, notes = {};
  double seconds = 0;  // length of the capture, or of the window
  /// The capture, if it is kept for reading it again, or why it could not be kept.
  std::shared_ptr<const CaptureFile> file = {};
  std::string not_kept = {};
};
/// With the table of problems behind those of the passes. Says nothing to the user. With `keep` the
/// capture can be read again, though it be a pipe.
LoadedReport load_report(const std::string& path, const Settings& settings,
                         const std::vector<PassRequest>& requests, bool keep = false);
/// Reads a capture that was kept once more. `take` gets the report of each window, one after the
/// other, so that there is never more than one. The answer has what is wrong with the capture.
LoadedReport load_slices(const LoadedReport& whole, const std::vector<TimeWindow>& windows,
                         const Settings& settings, const std::vector<PassRequest>& requests,
                         const std::function<void(const LoadedReport&)>& take);
/// Prints notes, warnings and errors.
void tell_faults(const LoadedReport& loaded, Io& io);

/// The pass that makes a table; "" if none of the default ones does.
std::string pass_of_table(const std::string& table);
/// The command that shows more of a table's figures, "" if none does; without a path it ends where
/// one would follow.
std::string command_about(const std::string& table, const std::string& path = "");

}  // namespace tracetool
