// Captures that were named as files, directories or patterns; many of them at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/load_report.h"

namespace tracetool {

/// Files themselves, the files in directories, and what patterns match, in order of their names.
/// A message if there is nothing.
std::string expand_paths(const std::vector<std::string>& given, std::vector<std::string>& paths);

/// A capture, and which part of its time (ns since its first event).
struct LoadJob {
  std::string path;
  int64_t from = 0, to = INT64_MAX;
};
/// One for each path, with the window of the settings.
std::vector<LoadJob> jobs_of(const std::vector<std::string>& paths, const Settings& settings);

/// As many at a time as `settings.threads` says, so that memory is bounded by that; if they are
/// fewer, they share the threads. `digest` is called for each, by its place in `jobs` and on any
/// thread: it may take what is needed and throw the rest away.
std::vector<LoadedReport> load_reports(
    const std::vector<LoadJob>& jobs, const Settings& settings,
    const std::vector<PassRequest>& requests,
    const std::function<void(size_t, LoadedReport&)>& digest = {});

}  // namespace tracetool
