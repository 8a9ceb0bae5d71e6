// Captures that were named as files, directories or patterns; many of them at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/io/load_report.h"

namespace tracetool {

/// Files themselves, the files in directories, and what patterns match, in order of their names.
/// A message if there is nothing.
std::string expand_paths(const std::vector<std::string>& given, std::vector<std::string>& paths);

/// As many at a time as `settings.threads` says, so that memory is bounded by that; if they are
/// fewer, they share the threads. `digest` is called for each, by its place in `paths` and on any
/// thread: it may take what is needed and throw the rest away. What is thrown, as for want of
/// memory, is the fault of no single one and ends it all.
std::vector<LoadedReport> load_reports(
    const std::vector<std::string>& paths, const Settings& settings,
    const std::vector<PassRequest>& requests, bool keep,
    const std::function<void(size_t, LoadedReport&)>& digest = {});

}  // namespace tracetool
