// What all commands that read a capture share: opening it, progress, faults, the output's file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "analyses/engine/runner.h"
#include "cli/options/invocation.h"
#include "parser/trace_reader.h"

namespace tracetool {

/// Whether a message about what cannot be opened or read says which file that is.
bool names_file(const std::string& message, const std::string& path);

/// How the user wants captures read and analysed. A window of times of day has to be found first.
ReadOptions read_options(const Settings& settings);
RunOptions run_options(const Settings& settings);

/// The reader of the invocation's trace, or nullptr after a message.
std::unique_ptr<TraceReader> open_capture(const Invocation& invocation, Io& io,
                                          bool count_wire = false);
/// The same once times of day, if there are any in the settings, are known to be in the capture: a
/// window of them is set then.
std::unique_ptr<TraceReader> open_selected(Invocation& invocation, Io& io);

/// For RunOptions::twin: opens the capture that `reader` reads once more; empty where that cannot
/// be done or does not pay.
std::function<std::unique_ptr<TraceReader>()> twin_of(const TraceReader& reader,
                                                      const std::string& path);

/// Shows how far reading is, if it is wanted; otherwise an empty function.
class Progress {
 public:
  Progress(const Invocation& invocation, const TraceReader& reader, Io& io);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  std::function<void(uint64_t)> callback();
  /// Wipes the line, before anything else is written to standard error.
  void clear();

 private:
  std::ostream& err_;
  bool wanted_ = false;
  bool shown_ = false;
  uint64_t total_ = 0;
};

/// Prints the faults, a line each, and answers with the exit code: fine, damaged or unusable.
int report_faults(const TraceReader& reader, const Invocation& invocation, Io& io);

/// Where results go: standard output or the file of --output. `write` is called with it if it can
/// be opened, and answers with the exit code; with kExitUnusable the file stays as it was. So it
/// does if writing fails, which is told.
int with_output(const Invocation& invocation, Io& io,
                const std::function<int(std::ostream&)>& write);

}  // namespace tracetool
