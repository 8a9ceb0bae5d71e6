// `events`: the ordered stream itself.
#include "analyses/engine/block_ring.h"
#include "analyses/export/event_writers.h"
#include "cli/commands/commands.h"
#include "cli/commands/raw_events.h"
#include "cli/io/capture_run.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"

namespace tracetool {
namespace {

class Selection {
 public:
  Selection(const Settings& s, const Tables& tables, const GoroutineIndex& goroutines)
      : s_(s), tables_(tables), goroutines_(goroutines) {
    const EventFilter& f = s.events;
    detailed_ = !f.goroutines.empty() || !f.procs.empty() || !f.threads.empty();
  }
  bool wants(const Event& e) const {
    if (e.open_end() || e.time < s_.from || e.time > s_.to) return false;
    if ((s_.events.kinds >> static_cast<int>(e.kind) & 1) == 0) return false;
    return !detailed_ || (goroutine(e) && proc(e) && thread(e));
  }

 private:
  /// Who does it, or to whom it is done.
  bool goroutine(const Event& e) const {
    const auto& ids = s_.events.goroutines;
    if (ids.empty()) return true;
    if (e.kind == EventKind::kStackSample) return ids.contains(e.arg);
    if (e.g != kNoGo && ids.contains(goroutines_[e.g].id)) return true;
    const bool range = e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd;
    const bool subject = e.kind == EventKind::kGoTransition ||
                         (range && e.scope() == RangeScope::kGoroutine && e.subject != kNoGo);
    return subject && ids.contains(goroutines_[e.subject].id);
  }
  bool proc(const Event& e) const {
    const auto& ids = s_.events.procs;
    if (ids.empty()) return true;
    if (e.p != kNoProc && ids.contains(static_cast<uint64_t>(proc_id(e.p)))) return true;
    const bool range = e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd;
    const bool subject =
        e.kind == EventKind::kProcTransition || (range && e.scope() == RangeScope::kProc);
    return subject &&
           ids.contains(static_cast<uint64_t>(proc_id(static_cast<ProcIndex>(e.subject))));
  }
  bool thread(const Event& e) const {
    const auto& ids = s_.events.threads;
    return ids.empty() ||
           (e.m != kNoThread && ids.contains(static_cast<uint64_t>(tables_.thread_id(e.m))));
  }

  const Settings& s_;
  const Tables& tables_;
  const GoroutineIndex& goroutines_;
  bool detailed_ = false;
};

std::unique_ptr<EventWriter> make_writer(const Settings& settings, const EventSource& source,
                                         std::ostream& out) {
  if (settings.format == "json") return make_json_writer(source, out);
  if (settings.format == "jsonl") return make_jsonl_writer(source, out);
  if (settings.format == "csv") return make_csv_writer(source, out);
  return make_text_writer(source, out);
}

void list_events(TraceReader& reader, const Invocation& invocation, Progress& progress, bool colour,
                 std::ostream& out) {
  const Settings& settings = invocation.settings;
  const GoroutineFilter everyone;
  GoroutineIndex goroutines(reader.tables(), everyone);
  const Selection selection(settings, reader.tables(), goroutines);
  WallClock clock;
  EventSource source{reader.tables(), goroutines, settings.stacks, colour};
  if (settings.wall) source.wall = &clock;
  const auto writer = make_writer(settings, source, out);
  uint64_t left = settings.events.limit;
  const auto list = [&](const Block& block) {
    goroutines.block(block);
    clock.block(block);
    for (const Event& e : block.all()) {
      if (e.time > settings.to || left == 0) return false;
      if (!selection.wants(e)) continue;
      if (!writer->write(block, e)) return false;
      --left;
    }
    return left > 0;
  };
  // A thread that reads ahead would find damage behind the last event that is wanted.
  const bool stops = settings.to != INT64_MAX || settings.events.limit != UINT64_MAX;
  run_blocks(reader, stops ? 1 : settings.threads, progress.callback(),
             {.prepare = {}, .consumers = {list}});
}

/// One JSON document. The events are written as they come, so what is only known at the end, such
/// as the faults, stands behind them.
void write_document(const TraceReader& reader, const Invocation& invocation, std::ostream& out,
                    const std::function<void()>& list) {
  begin_json(out, "tracetool-events", input_header(reader, invocation), {"events", "faults"});
  out << ",\n\"events\":[";
  list();
  out << "],\n\"faults\":" << json_strings(fault_texts(reader.facts())) << "}\n";
}

}  // namespace

int run_events(const Invocation& given, Io& io) {
  Invocation invocation = given;
  const auto reader = open_capture(invocation, io);
  if (reader == nullptr) return kExitUnusable;
  if (const auto error = find_window(reader->file(), invocation.path, invocation.settings);
      !error.empty())
    return usage_error(invocation, io, error);
  if (const auto error = why_no_wall(*reader, invocation.settings); !error.empty())
    return usage_error(invocation, io, error);
  Progress progress(invocation, *reader, io);
  if (invocation.settings.raw) return run_raw_events(*reader, invocation, io);
  return with_output(invocation, io, [&](std::ostream& out) {
    const bool colour = wants_colour(invocation, io);
    const auto list = [&] { list_events(*reader, invocation, progress, colour, out); };
    invocation.settings.format == "json" ? write_document(*reader, invocation, out, list) : list();
    progress.clear();
    // Messages come after what is already on its way to standard output.
    out.flush();
    return out.good() ? report_faults(*reader, invocation, io) : static_cast<int>(kExitOk);
  });
}

}  // namespace tracetool
