// `events`: the ordered stream itself.
#include "analyses/engine/runner.h"
#include "analyses/export/event_writers.h"
#include "cli/commands/commands.h"
#include "cli/commands/raw_events.h"
#include "cli/io/capture_run.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"

namespace tracetool {
namespace {

/// Events whose doing, or whose being done to, the user asks for.
class Selection {
 public:
  Selection(const Settings& s, const RunContext& context)
      : s_(s),
        scoped_(context.scoped),
        tables_(context.tables),
        goroutines_(context.goroutines),
        detailed_(s.goroutines.active() || !s.events.procs.empty() || !s.events.threads.empty()) {}
  bool wants(const Event& e) const {
    if (e.added() || e.time < s_.from || e.time > s_.to) return false;
    if ((s_.events.kinds >> static_cast<int>(e.kind) & 1) == 0) return false;
    if (scoped_ && (!is_somebodys(e) || (e.flags & kFlagOutside) != 0)) return false;
    return !detailed_ || (goroutine(e) && proc(e) && thread(e));
  }

 private:
  static bool is_range(const Event& e) {
    return e.kind >= EventKind::kRangeBegin && e.kind <= EventKind::kRangeEnd;
  }
  /// Of a goroutine, and not of the whole program or of a P.
  static bool is_somebodys(const Event& e) {
    switch (e.kind) {
      case EventKind::kSync:
      case EventKind::kMetric:
      case EventKind::kProcTransition:
      case EventKind::kExperimental:
      case EventKind::kGap:
        return false;
      default:
        return !is_range(e) || e.scope() != RangeScope::kNone;
    }
  }
  /// Who does it, or to whom it is done.
  bool goroutine(const Event& e) const {
    if (!s_.goroutines.active()) return true;
    if (e.kind == EventKind::kStackSample && !s_.goroutines.ids.empty() &&
        !s_.goroutines.ids.contains(e.goroutine_id()))
      return false;
    if (e.g != kNoGo && goroutines_[e.g].selected) return true;
    // A sample's goroutine may not be alive: then only its id is known.
    if (e.kind == EventKind::kStackSample)
      return e.g == kNoGo && !s_.goroutines.function && s_.goroutines.system;
    const bool subject = e.kind == EventKind::kGoTransition ||
                         (is_range(e) && e.scope() == RangeScope::kGoroutine && e.subject != kNoGo);
    return subject && goroutines_[e.subject].selected;
  }
  bool proc(const Event& e) const {
    const auto& ids = s_.events.procs;
    if (ids.empty()) return true;
    if (e.p != kNoProc && ids.contains(static_cast<uint64_t>(proc_id(e.p)))) return true;
    const bool subject =
        e.kind == EventKind::kProcTransition || (is_range(e) && e.scope() == RangeScope::kProc);
    return subject &&
           ids.contains(static_cast<uint64_t>(proc_id(static_cast<ProcIndex>(e.subject))));
  }
  bool thread(const Event& e) const {
    const auto& ids = s_.events.threads;
    return ids.empty() ||
           (e.m != kNoThread && ids.contains(static_cast<uint64_t>(tables_.thread_id(e.m))));
  }

  const Settings& s_;
  const bool scoped_;  // what is outside of --task and --region is marked
  const Tables& tables_;
  const GoroutineIndex& goroutines_;
  const bool detailed_;
};

std::unique_ptr<EventWriter> make_writer(const Settings& settings, const EventSource& source,
                                         std::ostream& out) {
  if (settings.format == "json") return make_json_writer(source, out);
  if (settings.format == "jsonl") return make_jsonl_writer(source, out);
  if (settings.format == "csv") return make_csv_writer(source, out);
  return make_text_writer(source, out);
}

/// Answers which of the user's filters left nothing, or "".
std::string list_events(TraceReader& reader, const Invocation& invocation, Progress& progress,
                        bool colour, std::ostream& out) {
  const Settings& settings = invocation.settings;
  // A thread that reads ahead would find damage behind the last event that is wanted.
  const bool stops = settings.to != INT64_MAX || settings.events.limit != UINT64_MAX;
  RunOptions options = run_options(settings);
  // Events stand as they are: the window chooses among them, and cuts nothing.
  options.from = 0;
  options.to = INT64_MAX;
  if (stops) options.threads = 1;
  options.progress = progress.callback();
  WallClock clock;
  uint64_t left = settings.events.limit;
  std::string nothing = run_taker(reader, options, [&](const RunContext& context) -> BlockTaker {
    EventSource source{context.tables, context.goroutines, settings.stacks, colour};
    if (settings.wall) source.wall = &clock;
    const std::shared_ptr<EventWriter> writer = make_writer(settings, source, out);
    return [&, writer, selection = Selection(settings, context)](const Block& block) {
      clock.block(block);
      for (const Event& e : block.all()) {
        if (e.time > settings.to || left == 0) return false;
        if (!selection.wants(e)) continue;
        if (!writer->write(block, e)) return false;
        --left;
      }
      return left > 0;
    };
  });
  // Behind the window there may be some.
  return settings.to == INT64_MAX ? nothing : "";
}

/// One JSON document. The events are written as they come, so what is only known at the end, such
/// as the faults, stands behind them.
void write_events_document(const TraceReader& reader, const Invocation& invocation,
                           std::ostream& out, const std::function<void()>& list) {
  begin_json(out, "tracetool-events", input_header(reader, invocation), {"events", "faults"});
  out << ",\n\"events\":[";
  list();
  out << "],\n\"faults\":" << json_strings(fault_texts(reader.facts())) << "}\n";
}

}  // namespace

int run_events(const Invocation& given, Io& io) {
  Invocation invocation = given;
  const auto reader = open_selected(invocation, io);
  if (reader == nullptr) return kExitUnusable;
  Progress progress(invocation, *reader, io);
  if (invocation.settings.raw) return run_raw_events(*reader, invocation, io);
  return with_output(invocation, io, [&](std::ostream& out) {
    const bool colour = wants_colour(invocation, io);
    std::string nothing;
    const auto list = [&] { nothing = list_events(*reader, invocation, progress, colour, out); };
    invocation.settings.format == "json" ? write_events_document(*reader, invocation, out, list)
                                         : list();
    progress.clear();
    // Messages come after what is already on its way to standard output.
    out.flush();
    if (!out.good()) return static_cast<int>(kExitOk);
    if (!nothing.empty())
      io.err << "tracetool " << invocation.command->name << ": " << nothing << "\n";
    return report_faults(*reader, invocation, io);
  });
}

}  // namespace tracetool
