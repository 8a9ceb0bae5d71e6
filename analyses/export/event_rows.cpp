// Events as readable lines and as CSV.
#include "analyses/export/event_names.h"
#include "analyses/export/event_writers.h"
#include "analyses/export/wall_stamp.h"
#include "reports/encoding/line_buffer.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

bool is_task(const Event& e) {
  return (e.kind >= EventKind::kTaskBegin && e.kind <= EventKind::kRegionEnd) ||
         e.kind == EventKind::kLog;
}
bool is_transition(const Event& e) {
  return e.kind == EventKind::kGoTransition || e.kind == EventKind::kProcTransition;
}
/// The number that the event is about: a metric's value, bytes swept, a sync's number …
bool has_value(const Event& e) {
  return e.kind == EventKind::kMetric || e.kind == EventKind::kSync || e.kind == EventKind::kGap ||
         (e.kind == EventKind::kRangeEnd && e.scope() == RangeScope::kProc);
}
std::string_view fixed_name(const Event& e) {
  if (e.kind == EventKind::kMetric) return name_of(e.metric());
  return e.kind == EventKind::kExperimental ? experiment_name(e) : std::string_view();
}
StackId other_stack(const Event& e) {
  return e.kind == EventKind::kGoTransition ? e.transition_stack() : 0;
}

class EventCsvWriter final : public EventWriter {
 public:
  EventCsvWriter(const EventSource& s, std::ostream& out)
      : names_(s.tables, s.goroutines, s.whole_stacks, quote_csv), stamp_(s.wall), line_(out) {
    line_ << "time_ns," << (stamp_.wanted() ? "time_wall," : "")
          << "kind,m,p,g,resource,from,to,name,value,value2,task,parent,message,stack,"
             "transition_stack\r";
    line_.end_line();
  }

  bool write(const Block& block, const Event& e) override {
    line_ << e.time << ',';
    if (stamp_.wanted()) line_ << stamp_(e.time) << ',';
    line_ << name_of(e.kind) << ',' << names_.thread(e) << ',' << proc_id(e.p) << ','
          << names_.goroutine(e) << ',';
    const std::string_view kind = resource_kind(e);
    line_ << kind;
    if (!kind.empty() && kind != "None") line_ << '(' << resource_id(e, names_) << ')';
    line_ << ',';
    if (is_transition(e))
      line_ << from_name(e) << ',' << to_name(e) << ',';
    else
      line_ << ",,";
    if (e.name != 0)
      line_ << names_.text(e.name);
    else
      line_ << fixed_name(e);
    line_ << ',';
    if (has_value(e)) line_ << e.arg;
    line_ << ',';
    if (e.kind == EventKind::kRangeEnd && e.scope() == RangeScope::kProc) line_ << e.reclaimed();
    line_ << ',';
    if (is_task(e)) line_ << e.task();
    line_ << ',';
    const bool task = e.kind == EventKind::kTaskBegin || e.kind == EventKind::kTaskEnd;
    if (task && e.parent_task() != kNoTask) line_ << e.parent_task();
    line_ << ',';
    if (e.kind == EventKind::kLog) line_ << names_.quoted(block.message(e));
    line_ << ',';
    stack(e.stack);
    line_ << ',';
    stack(other_stack(e));
    line_ << '\r';
    return line_.end_line();
  }

 private:
  void stack(StackId id) {
    if (id > kEmptyStack) line_ << (names_.whole_stacks() ? names_.place(id) : names_.stack(id));
  }

  EventNames names_;
  WallStamp stamp_;
  LineBuffer line_;
};

/// What the eye looks for: states, ranges, annotations, and where something is missing.
std::string_view colour_of(EventKind kind) {
  switch (kind) {
    case EventKind::kGoTransition:
      return "\x1b[32m";
    case EventKind::kProcTransition:
      return "\x1b[34m";
    case EventKind::kRangeBegin:
    case EventKind::kRangeActive:
    case EventKind::kRangeEnd:
      return "\x1b[33m";
    case EventKind::kGap:
      return "\x1b[31m";
    case EventKind::kTaskBegin:
    case EventKind::kTaskEnd:
    case EventKind::kRegionBegin:
    case EventKind::kRegionEnd:
    case EventKind::kLog:
      return "\x1b[36m";
    default:
      return "\x1b[2m";
  }
}

class EventTextWriter final : public EventWriter {
 public:
  EventTextWriter(const EventSource& s, std::ostream& out)
      : names_(s.tables, s.goroutines, s.whole_stacks, quote_text),
        stamp_(s.wall),
        line_(out),
        colour_(s.colour) {}

  bool write(const Block& block, const Event& e) override {
    size_t begin = line_.mark();
    line_.seconds(e.time);
    line_.pad(begin, 15);
    if (stamp_.wanted()) {
      const size_t wall = line_.mark();
      line_ << stamp_(e.time);
      line_.pad(wall, 32);
      begin = line_.mark() - 15;
    }
    id('M', names_.thread(e), begin, 23);
    id('P', proc_number(e.p), begin, 27);
    id('G', names_.goroutine(e), begin, 34);
    begin += escape(colour_of(e.kind));
    line_ << name_of(e.kind);
    begin += escape("\x1b[0m");
    line_.pad(begin, 50);
    details(block, e);
    if (names_.whole_stacks()) {
      bool good = line_.end_line();
      write_frames(line_, names_, e.stack, "");
      if (other_stack(e) != e.stack)
        write_frames(line_, names_, other_stack(e), "of the other goroutine: ");
      return good;
    }
    if (e.stack > kEmptyStack) line_ << "  at " << leaf(e.stack);
    if (other_stack(e) > kEmptyStack && other_stack(e) != e.stack)
      line_ << "  in " << leaf(other_stack(e));
    return line_.end_line();
  }

 private:
  /// Characters that take no place on the screen.
  size_t escape(std::string_view code) {
    if (!colour_) return 0;
    line_ << code;
    return code.size();
  }
  void id(char letter, std::optional<uint64_t> number, size_t begin, size_t column) {
    if (number)
      line_ << letter << *number;
    else
      line_ << '-';
    line_.pad(begin, column);
  }
  std::string_view leaf(StackId id) { return names_.text(names_.tables().leaf_function(id)); }

  void details(const Block& block, const Event& e) {
    if (is_transition(e)) {
      line_ << resource_kind(e) << ' ' << resource_id(e, names_) << ' ' << from_name(e) << " -> "
            << to_name(e);
      if (e.name != 0) line_ << " (" << names_.text(e.name) << ')';
      return;
    }
    if (e.kind == EventKind::kLog) {
      line_ << names_.text(e.name) << ": " << names_.quoted(block.message(e)) << ", task "
            << task(e.task());
      return;
    }
    line_ << (e.name != 0 ? names_.text(e.name) : fixed_name(e));
    if (e.kind == EventKind::kRangeEnd && e.scope() == RangeScope::kProc) {
      line_ << ": swept " << e.swept() << " bytes, reclaimed " << e.reclaimed();
    } else if (e.kind == EventKind::kMetric) {
      line_ << " = " << e.value();
    } else if (e.kind == EventKind::kSync) {
      line_ << (e.generation() == 0 ? std::string("end")
                                    : "generation " + std::to_string(e.generation()));
    } else if (e.kind == EventKind::kGap) {
      if (e.generation() == 0)
        line_ << "another trace begins";
      else
        line_ << "events are missing: generation " << e.generation();
    } else if (is_task(e)) {
      line_ << ", task " << task(e.task());
      const bool parent =
          e.kind == EventKind::kTaskBegin && e.parent_task() != kNoTask && e.parent_task() != 0;
      if (parent) line_ << " of " << e.parent_task();
    }
    const std::string_view kind = resource_kind(e);
    if (!kind.empty() && kind != "None" && e.kind != EventKind::kLabel)
      line_ << ", " << kind << ' ' << resource_id(e, names_);
  }
  static std::string task(uint64_t id) {
    return id == kBackgroundTask ? "0 (background)" : std::to_string(id);
  }
  EventNames names_;
  WallStamp stamp_;
  LineBuffer line_;
  const bool colour_;
};

}  // namespace

std::unique_ptr<EventWriter> make_csv_writer(const EventSource& source, std::ostream& out) {
  return std::make_unique<EventCsvWriter>(source, out);
}
std::unique_ptr<EventWriter> make_text_writer(const EventSource& source, std::ostream& out) {
  return std::make_unique<EventTextWriter>(source, out);
}

}  // namespace tracetool
