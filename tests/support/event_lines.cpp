#include "tests/support/event_lines.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>

#include "parser/format2/wire_spec.h"

namespace tracetool::test {
namespace {

std::string id_or_dash(int64_t id) { return id < 0 ? "-" : std::to_string(id); }

class LineSink final : public BlockSink {
 public:
  LineSink(const Tables& tables, const ReadSettings& settings)
      : tables_(tables), settings_(settings), block_(std::make_unique<Block>()) {}

  Block* exchange(Block* full) override {
    if (full != nullptr) {
      for (const Event& e : full->all())
        if (wanted(e)) lines.push_back(line(*full, e));
      if (settings_.blocks != 0 && ++blocks_ == settings_.blocks) return nullptr;
    }
    return block_.get();
  }

  Lines lines;

 private:
  bool wanted(const Event& e) const {
    if (!e.added()) return true;
    return e.open_end() ? settings_.closings : settings_.foretold;
  }
  std::string goroutine(GoSlot slot) const {
    if (slot == kNoGo) return "-";
    const auto it = ids_.find(slot);
    return it == ids_.end() ? "?" : std::to_string(it->second);
  }
  std::string stack(const char* label, StackId id) const {
    if (id == 0) return "";
    std::string out = std::string(" ") + label + "=";
    for (FrameId f : tables_.stack(id)) {
      if (out.back() != '=') out += '<';
      out += tables_.string(tables_.frame(f).function);
    }
    return out;
  }
  std::string text(StringId id) const { return " \"" + std::string(tables_.string(id)) + "\""; }
  static std::string task(uint64_t id) { return id == kNoTask ? "-" : std::to_string(id); }

  std::string line(const Block& block, const Event& e) {
    if (e.kind == EventKind::kGoTransition && e.from() <= GoState::kNotExist && !e.open_end())
      ids_[e.subject] = e.arg;
    std::string out = std::to_string(e.time);
    if (e.kind != EventKind::kSync && e.kind != EventKind::kGap && !e.added())
      out += " m" + id_or_dash(tables_.thread_id(e.m)) + " p" + id_or_dash(proc_id(e.p)) + " g" +
             goroutine(e.g);
    out += " " + what(block, e) + stack("stack", e.stack);
    if (e.kind == EventKind::kGoTransition && e.transition_stack() != e.stack)
      out += stack("start", e.transition_stack());
    if (e.open_end()) out += " open_end";
    if (e.foretells()) out += " foretells";
    if (e.added() && e.foretold()) out += " told late";
    if (settings_.since) {
      if (e.open_start()) out += " open_start";
      if (e.since != kNever) out += " since=" + std::to_string(e.since);
      if (e.kind == EventKind::kGoTransition && e.p_lost() != kNever)
        out += " p_lost=" + std::to_string(e.p_lost());
      if (e.kind != EventKind::kSync) out += stack("since_stack", e.since_stack);
    }
    return out;
  }

  std::string range(const Event& e) const {
    std::string out = text(e.name);
    if (e.scope() == RangeScope::kGoroutine) out += " G" + goroutine(e.subject);
    if (e.scope() == RangeScope::kProc) out += " P" + std::to_string(e.subject);
    return out;
  }

  std::string what(const Block& block, const Event& e) const {
    switch (e.kind) {
      case EventKind::kSync:
        return e.arg2 == 0
                   ? "end"
                   : "sync " + std::to_string(e.arg) + " generation " + std::to_string(e.arg2);
      case EventKind::kGap:
        return "gap " + std::to_string(e.arg);
      case EventKind::kGoTransition:
        return "G" + goroutine(e.subject) + " " + name_of(e.from()) + "->" + name_of(e.to()) +
               (e.name != 0 ? text(e.name) : "");
      case EventKind::kProcTransition:
        return "P" + std::to_string(e.subject) + " " + name_of(e.proc_from()) + "->" +
               name_of(e.proc_to());
      case EventKind::kMetric:
        return std::string(name_of(e.metric())) + " " + std::to_string(e.arg);
      case EventKind::kLabel:
        return "Label" + text(e.name);
      case EventKind::kStackSample:
        return "StackSample of " + std::to_string(e.arg);
      case EventKind::kRangeEnd: {
        std::string out = "RangeEnd" + range(e);
        if (e.arg != 0 || e.arg2 != 0)
          out += " " + std::to_string(e.arg) + " " + std::to_string(e.arg2);
        return out;
      }
      case EventKind::kRangeBegin:
      case EventKind::kRangeActive:
        return name_of(e.kind) + range(e);
      case EventKind::kTaskBegin:
      case EventKind::kTaskEnd:
        return std::string(name_of(e.kind)) + " " + task(e.arg) + " of " + task(e.arg2) +
               text(e.name);
      case EventKind::kRegionBegin:
      case EventKind::kRegionEnd:
        return std::string(name_of(e.kind)) + " " + task(e.arg) + text(e.name);
      case EventKind::kLog:
        return "Log " + task(e.arg) + text(e.name) + " \"" + std::string(block.message(e)) + "\"";
      case EventKind::kExperimental:
        return "Experimental " + std::string(wire_spec(e.aux).name) + " " + std::to_string(e.arg) +
               " " + std::to_string(e.arg2);
    }
    return "?";
  }

  const Tables& tables_;
  const ReadSettings settings_;
  std::unique_ptr<Block> block_;
  size_t blocks_ = 0;
  std::map<GoSlot, uint64_t> ids_;
};

void dump(const char* folder, const Bytes& bytes, const Outcome& outcome) {
  static int number = 0;
  const std::string name = std::string(folder) + "/" + std::to_string(number++);
  std::ofstream(name + ".trace", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  std::ofstream lines(name + ".lines");
  for (const std::string& line : outcome.lines) lines << line << "\n";
  for (const std::string& fault : outcome.faults) lines << "fault: " << fault << "\n";
}

}  // namespace

Outcome read_trace(const Bytes& bytes, const ReadSettings& settings) {
  Outcome out;
  Input input;
  std::optional<Fault> fault =
      open_memory(bytes, {.own_thread = settings.own_thread, .chunk = settings.chunk}, input);
  if (!fault) {
    TraceReader reader(std::move(input), {.strict = settings.strict, .limits = settings.limits});
    fault = reader.open();
    if (!fault) {
      LineSink sink(reader.tables(), settings);
      reader.read(sink);
      out.lines = std::move(sink.lines);
      out.facts = reader.facts();
    }
  }
  if (fault) {
    out.refused = true;
    out.facts.faults.push_back(*fault);
  }
  for (const Fault& f : out.facts.faults)
    out.faults.push_back(std::string(name_of(f.kind)) + ": " + f.describe());
  if (const char* folder = std::getenv("TRACETOOL_DUMP_TRACES")) dump(folder, bytes, out);
  return out;
}

Lines without_times(const Lines& lines) {
  Lines out;
  for (const std::string& line : lines) out.push_back(line.substr(line.find(' ') + 1));
  return out;
}

std::string position(const Fault& fault) {
  std::string out = name_of(fault.kind);
  if (fault.generation) out += " gen=" + std::to_string(*fault.generation);
  if (fault.thread) out += " m=" + std::to_string(*fault.thread);
  if (!fault.event.empty()) out += " " + fault.event;
  if (!fault.field.empty()) out += "." + fault.field;
  if (fault.offset) out += " @" + std::to_string(*fault.offset);
  return out;
}

}  // namespace tracetool::test
