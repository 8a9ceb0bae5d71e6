#include "cli/io/capture_run.h"

#include <cerrno>
#include <cstring>

#include "cli/io/damage_table.h"
#include "cli/io/output_file.h"
#include "cli/io/terminal.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "parser/input/capture_file.h"
#include "parser/model/wire_version.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {

bool names_file(const std::string& message, const std::string& path) {
  return message.starts_with(path + " is a directory") ||
         message.find("cannot open " + path + ": ") != std::string::npos ||
         message.find("cannot read " + path + ": ") != std::string::npos;
}

namespace {

std::string shown_path(const Invocation& invocation) {
  return invocation.path == "-" ? "standard input" : clean(invocation.path);
}

}  // namespace

ReadOptions read_options(const Settings& settings) {
  ReadOptions read;
  read.strict = settings.strict;
  read.limits.memory = settings.max_memory;
  return read;
}

RunOptions run_options(const Settings& settings) {
  RunOptions run;
  run.threads = settings.threads;
  run.from = settings.from;
  run.to = settings.to;
  run.goroutines = settings.goroutines;
  run.scope = settings.scope;
  run.top = settings.top;
  return run;
}

std::unique_ptr<TraceReader> open_capture(const Invocation& invocation, Io& io, bool count_wire) {
  Input input;
  InputOptions options;
  options.own_thread = invocation.settings.threads > 1;
  std::optional<Fault> fault = open_input(invocation.path, options, input);
  std::unique_ptr<TraceReader> reader;
  if (!fault) {
    ReadOptions read = read_options(invocation.settings);
    read.count_wire = count_wire;
    reader = std::make_unique<TraceReader>(std::move(input), read);
    fault = reader->open();
  }
  if (!fault) return reader;
  const std::string message = shown(*fault);
  const bool named = names_file(message, shown_path(invocation));
  io.err << "tracetool: " << (named ? "" : shown_path(invocation) + ": ") << message << "\n";
  return nullptr;
}

std::unique_ptr<TraceReader> open_selected(Invocation& invocation, Io& io) {
  auto reader = open_capture(invocation, io);
  if (reader == nullptr) return nullptr;
  std::string error = find_window(reader->file(), invocation.path, invocation.settings);
  if (error.empty()) error = why_no_wall(*reader, invocation.settings);
  if (error.empty()) return reader;
  io.err << "tracetool " << invocation.command->name << ": " << clean(error) << "\n";
  return nullptr;
}

std::function<std::unique_ptr<TraceReader>()> twin_of(const TraceReader& reader,
                                                      const std::string& path) {
  // Unpacking twice, or keeping a capture of format 1 twice, would cost more than it saves.
  if (reader.file() == nullptr || reader.packing() != Packing::kPlain ||
      !wire_format(reader.facts().version).streams)
    return {};
  ReadOptions options{.strict = reader.options().strict, .limits = reader.options().limits};
  return [file = reader.file(), path, options]() -> std::unique_ptr<TraceReader> {
    Input input;
    if (open_again(file, path, {.own_thread = false}, input)) return nullptr;
    auto twin = std::make_unique<TraceReader>(std::move(input), options);
    return twin->open() ? nullptr : std::move(twin);
  };
}

/// Unless it is asked for, it must not run into lines that appear on the same terminal meanwhile.
static bool shows_progress(const Invocation& invocation, const Io& io) {
  const bool lines = (invocation.command->flags & (kFlagsEvents | kFlagsIntervals)) != 0 &&
                     invocation.settings.output.empty() && io.terminal.out_is_terminal;
  return invocation.settings.progress.value_or(io.terminal.err_is_terminal && !lines);
}

Progress::Progress(const Invocation& invocation, const TraceReader& reader, Io& io)
    : err_(io.err),
      wanted_(shows_progress(invocation, io)),
      total_(reader.packing() == Packing::kPlain ? reader.file_bytes() : 0) {}

Progress::~Progress() { clear(); }

std::function<void(uint64_t)> Progress::callback() {
  if (!wanted_) return {};
  return [this](uint64_t bytes) {
    shown_ = true;
    err_ << "\rreading: " << format_bytes(static_cast<double>(bytes));
    if (total_ > 0) {
      const double part = static_cast<double>(bytes) / static_cast<double>(total_);
      err_ << " of " << format_bytes(static_cast<double>(total_)) << ", " << format_ratio(part);
    }
    err_ << "   " << std::flush;
  };
}

void Progress::clear() {
  if (shown_) err_ << "\r" << std::string(48, ' ') << "\r" << std::flush;
  shown_ = false;
}

int report_faults(const TraceReader& reader, const Invocation& invocation, Io& io) {
  const CaptureFacts& facts = reader.facts();
  const bool nothing = facts.empty();
  const bool strict = invocation.settings.strict;
  if (facts.spoiled) {
    io.err << "tracetool: " << shown_path(invocation)
           << ": the capture changed while it was read\n";
    return kExitUnusable;
  }
  bool told = false;
  for (const Fault& fault : facts.faults) {
    const bool note = fault.kind == FaultKind::kNote;
    if (nothing && (note || told)) continue;
    told = true;
    io.err << (note                ? "tracetool: note: "
               : nothing || strict ? "tracetool: "
                                   : "tracetool: warning: ")
           << shown_path(invocation) << ": " << shown(fault) << "\n";
  }
  if (nothing && !told) {
    io.err << "tracetool: " << shown_path(invocation)
           << ": a header and no events; was the program ended before trace.Stop()?\n";
  }
  if (nothing || (strict && facts.damaged())) return kExitUnusable;
  return facts.damaged() ? kExitDamaged : kExitOk;
}

int with_output(const Invocation& invocation, Io& io,
                const std::function<int(std::ostream&)>& write) {
  const std::string& path = invocation.settings.output;
  if (path.empty()) return write(io.out);
  OutputFile file(path);
  if (file.error() == 0) {
    const int code = write(file.stream());
    // Who reads a pipe may have enough.
    if (code == kExitUnusable || file.finish() || file.error() == EPIPE) return code;
  }
  io.err << "tracetool: cannot write " << clean(path) << ": " << std::strerror(file.error())
         << "\n";
  return kExitUnusable;
}

}  // namespace tracetool
