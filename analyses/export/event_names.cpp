#include "analyses/export/event_names.h"

#include "parser/model/wire_version.h"
#include "reports/encoding/csv_text.h"
#include "reports/words/utf8.h"

namespace tracetool {

std::string EventNames::frame_text(FrameId id) const {
  const Frame& frame = tables_.frame(id);
  std::string out(tables_.string(frame.function));
  return out.append(" ")
      .append(tables_.string(frame.file))
      .append(":")
      .append(std::to_string(frame.line));
}

std::string EventNames::make_stack(StackId id) const {
  // As Go's reader shows it: one frame without a name.
  if (id == kEmptyStack) return whole_ ? "[" + quoted(" :0") + "]" : quoted("1 ");
  const auto frames = tables_.stack(id);
  if (!whole_) {
    std::string text = std::to_string(frames.size()) + " ";
    return quoted(text.append(tables_.string(tables_.leaf_function(id))));
  }
  std::string out = "[";
  for (const FrameId frame : frames) {
    if (out.size() > 1) out += ',';
    quote_(out, frame_text(frame));
  }
  return out + "]";
}

std::string EventNames::make_place(StackId id) const {
  std::string text;
  for (const FrameId frame : tables_.stack(id)) {
    if (!text.empty()) text += ';';
    text += frame_text(frame);
    if (!whole_) break;
  }
  return quoted(text);
}

void write_frames(LineBuffer& line, const EventNames& names, StackId stack,
                  std::string_view title) {
  if (stack <= kEmptyStack) return;
  if (!title.empty()) {
    line << "    " << title;
    line.end_line();
  }
  for (const FrameId f : names.tables().stack(stack)) {
    line << no_command("      " + clean(names.frame_text(f)));
    line.end_line();
  }
}

void quote_text(std::string& out, std::string_view text) { out += clean(text); }

void quote_csv(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : csv_safe(text)) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string_view resource_kind(const Event& e) {
  switch (e.kind) {
    case EventKind::kGoTransition:
    case EventKind::kLabel:
      return "Goroutine";
    case EventKind::kProcTransition:
      return "Proc";
    case EventKind::kRangeBegin:
    case EventKind::kRangeActive:
    case EventKind::kRangeEnd:
      break;
    default:
      return "";
  }
  switch (e.scope()) {
    case RangeScope::kGoroutine:
      return "Goroutine";
    case RangeScope::kProc:
      return "Proc";
    case RangeScope::kNone:
      break;
  }
  return "None";
}

std::optional<uint64_t> proc_number(ProcIndex p) {
  return p == kNoProc ? std::nullopt : std::optional(static_cast<uint64_t>(proc_id(p)));
}

std::optional<uint64_t> resource_id(const Event& e, const EventNames& names) {
  if (resource_kind(e) == "Goroutine") return names.goroutine(static_cast<GoSlot>(e.subject));
  return proc_number(static_cast<ProcIndex>(e.subject));
}

std::string_view from_name(const Event& e) {
  return e.kind == EventKind::kGoTransition ? name_of(e.from()) : name_of(e.proc_from());
}

std::string_view to_name(const Event& e) {
  return e.kind == EventKind::kGoTransition ? name_of(e.to()) : name_of(e.proc_to());
}

std::string_view experiment_name(const Event& e) { return experimental_record(e.aux).name; }

uint64_t experiment_args(const Event& e) {
  return static_cast<uint64_t>(experimental_record(e.aux).args);
}

}  // namespace tracetool
