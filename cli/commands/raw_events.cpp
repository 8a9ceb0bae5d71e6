#include "cli/commands/raw_events.h"

#include "cli/io/capture_run.h"
#include "cli/io/damage_table.h"
#include "cli/options/exit_code.h"
#include "parser/model/wire_version.h"
#include "reports/encoding/line_buffer.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// Of the records, and of the file they come from; the exit code.
int tell_faults(const std::optional<Fault>& of_records, TraceReader& reader,
                const Invocation& invocation, Io& io) {
  reader.check_file();
  const CaptureFacts& facts = reader.facts();
  if (facts.spoiled) return report_faults(reader, invocation, io);
  std::vector<Fault> faults = facts.faults;
  if (of_records) faults.insert(faults.begin(), *of_records);
  const bool strict = invocation.settings.strict;
  bool damaged = false;
  for (const Fault& fault : faults) {
    const bool note = fault.kind == FaultKind::kNote;
    damaged |= !note;
    io.err << (note     ? "tracetool: note: "
               : strict ? "tracetool: "
                        : "tracetool: warning: ")
           << clean(invocation.path) << ": " << shown(fault) << "\n";
  }
  if (!damaged) return kExitOk;
  return strict ? kExitUnusable : kExitDamaged;
}

}  // namespace

int run_raw_events(TraceReader& reader, const Invocation& invocation, Io& io) {
  const Settings& settings = invocation.settings;
  const int version = reader.facts().version;
  const WireFormat& format = wire_format(version);
  const auto refuse = [&](const std::string& why) {
    io.err << "tracetool events: --raw: " << why << "\n";
    return static_cast<int>(kExitUnusable);
  };
  if (settings.format != "text") return refuse("only with --format text");
  const EventFilter& f = settings.events;
  const bool filtered = settings.goroutines.active() || settings.scope.active() ||
                        !f.procs.empty() || !f.threads.empty() || f.kinds != ~uint32_t{0} ||
                        settings.from != 0 || settings.to != INT64_MAX;
  if (filtered) return refuse("wire events cannot be filtered, only cut with --limit");
  Progress progress(invocation, reader, io);
  const std::function<void(uint64_t)> tell = progress.callback();
  constexpr uint64_t kOften = uint64_t{1} << 19;  // records between two signs of progress
  uint64_t shown = 0;
  return with_output(invocation, io, [&](std::ostream& out) {
    LineBuffer line(out);
    const auto begin = [&] {
      line << "Trace Go1." << static_cast<int64_t>(version);
      line.end_line();
    };
    begin();
    uint64_t left = f.limit;
    const auto show = [&](std::string_view text) {
      if (left == 0) return false;
      line << text;
      if (tell && shown++ % kOften == 0) tell(reader.source().offset());
      --left;
      return line.end_line();
    };
    std::optional<Fault> fault;
    ByteSource& source = reader.source();
    for (;;) {
      fault = format.list(source, version, show);
      if (left == 0 || version_of_header(source.look(kHeaderBytes)) != version) break;
      // Another trace behind the first.
      begin();
      source.advance(kHeaderBytes);
    }
    line.flush();
    progress.clear();
    // Messages come after what is already on its way to standard output.
    out.flush();
    if (!out.good()) return static_cast<int>(kExitOk);
    return tell_faults(fault, reader, invocation, io);
  });
}

}  // namespace tracetool
