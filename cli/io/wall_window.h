// A time window that was given as times of day: what that is in ns since the first event.
#pragma once

#include <memory>
#include <string>

#include "cli/options/settings.h"
#include "parser/trace_reader.h"

namespace tracetool {

inline bool has_wall_window(const Settings& settings) {
  return settings.from_wall || settings.to_wall;
}

/// Sets `from` and `to` of a window that was given as times of day, for which the open file is read
/// once more: only its end tells all its clocks and how long it is. A message if there are no such
/// times in the capture, or if it is no file that can be read twice.
std::string find_window(const std::shared_ptr<const CaptureFile>& file, const std::string& path,
                        Settings& settings);

/// The same for a capture of which all is known.
std::string place_window(const CaptureFacts& facts, Settings& settings);

/// Why a capture that is open has no columns for --wall; "" if it has, or none are wanted.
std::string why_no_wall(const TraceReader& reader, const Settings& settings);
/// Adds them, if they are wanted.
void show_wall_clock(Report& report, const CaptureFacts& facts, const Settings& settings);

}  // namespace tracetool
