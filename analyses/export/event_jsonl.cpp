// Events as JSON, an object a line: keys sorted, as Go's encoding/json prints a map, which is what
// the reference reader's dump does.
#include "analyses/export/event_names.h"
#include "analyses/export/event_writers.h"
#include "analyses/export/wall_stamp.h"
#include "reports/encoding/go_json.h"
#include "reports/encoding/line_buffer.h"

namespace tracetool {
namespace {

class EventJsonWriter final : public EventWriter {
 public:
  EventJsonWriter(const EventSource& s, std::ostream& out, bool array)
      : names_(s.tables, s.goroutines, s.whole_stacks, append_go_json),
        stamp_(s.wall),
        line_(out),
        array_(array) {}

  bool write(const Block& block, const Event& e) override {
    if (array_) line_ << std::string_view(first_ ? "\n" : ",\n");
    first_ = false;
    object(block, e);
    return array_ ? line_.end_piece() : line_.end_line();
  }

 private:
  void object(const Block& block, const Event& e) {
    if (e.kind == EventKind::kGap) {
      line_ << R"({"generation":)" << e.generation() << R"(,"kind":"Gap","time":)" << e.time;
      wall(e.time);
      line_ << '}';
      return;
    }
    line_ << '{';
    before_g(e);
    line_ << R"("g":)" << names_.goroutine(e) << R"(,"kind":")" << name_of(e.kind) << '"';
    if (e.kind == EventKind::kLabel) string(",\"label\":", e.name);
    line_ << R"(,"m":)" << names_.thread(e);
    before_p(block, e);
    line_ << R"(,"p":)" << proc_id(e.p);
    before_stack(e);
    if (e.stack != 0) line_ << R"(,"stack":)" << names_.stack(e.stack);
    if (has_task(e)) line_ << R"(,"task":)" << e.task();
    line_ << R"(,"time":)" << e.time;
    wall(e.time);
    after_time(e);
    line_ << '}';
  }

  void wall(int64_t time) {
    if (!stamp_.wanted()) return;
    const std::string_view text = stamp_(time);
    if (!text.empty()) line_ << R"(,"time_wall":")" << text << '"';
  }

  static bool has_task(const Event& e) {
    return (e.kind >= EventKind::kTaskBegin && e.kind <= EventKind::kRegionEnd) ||
           e.kind == EventKind::kLog;
  }
  static bool is_transition(const Event& e) {
    return e.kind == EventKind::kGoTransition || e.kind == EventKind::kProcTransition;
  }
  void string(std::string_view key, StringId id) { line_ << key << names_.text(id); }

  void before_g(const Event& e) {
    switch (e.kind) {
      case EventKind::kExperimental:
        line_ << R"("args":)" << experiment_args(e) << ',';
        break;
      case EventKind::kRangeEnd:
        if (e.scope() == RangeScope::kProc) {
          line_ << R"("bytes reclaimed":)" << e.reclaimed() << R"(,"bytes swept":)" << e.swept()
                << ',';
        }
        break;
      case EventKind::kLog:
        string("\"category\":", e.name);
        line_ << ',';
        break;
      case EventKind::kGoTransition:
      case EventKind::kProcTransition:
        line_ << R"("from":")" << from_name(e) << "\",";
        break;
      default:
        break;
    }
  }

  void before_p(const Block& block, const Event& e) {
    switch (e.kind) {
      case EventKind::kSync:
        line_ << R"(,"n":)" << e.number();
        break;
      case EventKind::kMetric:
        line_ << R"(,"name":")" << name_of(e.metric()) << '"';
        break;
      case EventKind::kRangeBegin:
      case EventKind::kRangeActive:
      case EventKind::kRangeEnd:
        string(",\"name\":", e.name);
        break;
      case EventKind::kExperimental:
        line_ << R"(,"name":")" << experiment_name(e) << '"';
        break;
      case EventKind::kLog:
        line_ << R"(,"message":)" << names_.quoted(block.message(e));
        break;
      default:
        break;
    }
  }

  void before_stack(const Event& e) {
    if (e.kind == EventKind::kTaskBegin || e.kind == EventKind::kTaskEnd)
      line_ << R"(,"parent":)" << e.parent_task();
    if (is_transition(e)) string(",\"reason\":", e.name);
    const std::string_view kind = resource_kind(e);
    if (kind.empty()) return;
    line_ << R"(,"resource":")" << kind;
    if (kind != "None") line_ << '(' << resource_id(e, names_) << ')';
    line_ << '"';
  }

  void after_time(const Event& e) {
    if (is_transition(e)) {
      line_ << R"(,"to":")" << to_name(e) << '"';
      if (e.kind == EventKind::kGoTransition && e.transition_stack() != 0)
        line_ << R"(,"transition_stack":)" << names_.stack(e.transition_stack());
    } else if (has_task(e) && e.kind != EventKind::kLog) {
      string(",\"type\":", e.name);
    } else if (e.kind == EventKind::kMetric) {
      line_ << R"(,"value":)" << e.value();
    }
  }

  EventNames names_;
  WallStamp stamp_;
  LineBuffer line_;
  const bool array_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<EventWriter> make_jsonl_writer(const EventSource& source, std::ostream& out) {
  return std::make_unique<EventJsonWriter>(source, out, false);
}
std::unique_ptr<EventWriter> make_json_writer(const EventSource& source, std::ostream& out) {
  return std::make_unique<EventJsonWriter>(source, out, true);
}

}  // namespace tracetool
