// `events`: the ordered stream itself.
#include "analyses/engine/block_ring.h"
#include "analyses/engine/runner.h"
#include "analyses/engine/scope_filter.h"
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
  Selection(const Settings& s, const Tables& tables)
      : s_(s), tables_(tables), goroutines_(tables, s.goroutines) {
    const EventFilter& f = s.events;
    detailed_ = s.goroutines.active() || !f.procs.empty() || !f.threads.empty();
    if (!s.scope.active()) return;
    scope_ = std::make_unique<ScopeFilter>(tables, s.scope);
    scoped_ = std::make_unique<Block>();
  }
  /// Must see each block before its events are asked for.
  void block(const Block& block) {
    goroutines_.block(block);
    if (scope_ == nullptr) return;
    copy_block(block, *scoped_);
    scope_->rewrite(*scoped_);
  }
  /// Event `i` of that block.
  bool wants(const Block& block, size_t i) const {
    const Event& e = block.events[i];
    if (e.open_end() || e.time < s_.from || e.time > s_.to) return false;
    if ((s_.events.kinds >> static_cast<int>(e.kind) & 1) == 0) return false;
    if (scope_ != nullptr && (!is_somebodys(e) || (scoped_->events[i].flags & kFlagOutside) != 0))
      return false;
    return !detailed_ || (goroutine(e) && proc(e) && thread(e));
  }
  /// After the last block: which filter left nothing; empty if something was left.
  std::string why_nothing() const {
    if (!goroutines_.matched()) return "no goroutine matches the filter";
    if (scope_ != nullptr && !scope_->matched())
      return "no region in the capture is of such a type or task";
    return "";
  }
  const GoroutineIndex& goroutines() const { return goroutines_; }

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
        !s_.goroutines.ids.contains(e.arg))
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
  const Tables& tables_;
  GoroutineIndex goroutines_;
  std::unique_ptr<ScopeFilter> scope_;
  std::unique_ptr<Block> scoped_;  // the block as seen through the scope
  bool detailed_ = false;
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
  Selection selection(settings, reader.tables());
  WallClock clock;
  EventSource source{reader.tables(), selection.goroutines(), settings.stacks, colour};
  if (settings.wall) source.wall = &clock;
  const auto writer = make_writer(settings, source, out);
  uint64_t left = settings.events.limit;
  const auto list = [&](const Block& block) {
    selection.block(block);
    clock.block(block);
    for (size_t i = 0; i < block.count; ++i) {
      if (block.events[i].time > settings.to || left == 0) return false;
      if (!selection.wants(block, i)) continue;
      if (!writer->write(block, block.events[i])) return false;
      --left;
    }
    return left > 0;
  };
  // A thread that reads ahead would find damage behind the last event that is wanted.
  const bool stops = settings.to != INT64_MAX || settings.events.limit != UINT64_MAX;
  run_blocks(reader, stops ? 1 : settings.threads, progress.callback(),
             {.prepare = {}, .consumers = {list}});
  // Behind the window there may be some.
  return settings.to == INT64_MAX ? selection.why_nothing() : "";
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
    std::string nothing;
    const auto list = [&] { nothing = list_events(*reader, invocation, progress, colour, out); };
    invocation.settings.format == "json" ? write_document(*reader, invocation, out, list) : list();
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
