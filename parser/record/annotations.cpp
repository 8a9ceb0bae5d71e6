#include "parser/record/annotations.h"

namespace tracetool {
namespace {

/// What is missing because of `count` of them.
void add_loss(AnnotationRule rule, uint64_t count, Loss& loss) {
  switch (rule) {
    case AnnotationRule::kName:
      loss.rest = count == 1 ? "a name or stack of this event"
                             : "names or stacks of " + counted(count, "event") + " like this";
      break;
    case AnnotationRule::kCrossed:
      loss.rest = count == 1 ? "nothing" : "nothing, here and " + counted(count - 1, "more time");
      break;
    case AnnotationRule::kMode:
      loss.add_events(count);
      break;
    default:
      loss.rest = count == 1
                      ? "nothing, but this event is in no figure"
                      : "nothing, but " + counted(count, "event") + " like this are in no figure";
      break;
  }
}

}  // namespace

std::vector<Fault> AnnotationFaults::take() {
  std::vector<Fault> faults;
  for (size_t rule = 0; rule < kinds_.size(); ++rule) {
    Kind& kind = kinds_[rule];
    if (!kind.fault) continue;
    if (kind.fault->lost.empty())
      add_loss(static_cast<AnnotationRule>(rule), kind.count, kind.fault->lost);
    faults.push_back(std::move(*kind.fault));
    kind = {};
  }
  return faults;
}

std::string describe_annotation(const Tables& tables, EventKind kind, uint64_t task,
                                StringId name) {
  const std::string quoted =
      name == 0 ? std::string() : " \"" + std::string(tables.string(name)) + "\"";
  const bool background = task == kBackgroundTask;
  const std::string id = std::to_string(task);
  switch (kind) {
    case EventKind::kTaskBegin:
      return "task " + id + quoted + " begins";
    case EventKind::kTaskEnd:
      return "task " + id + " ends";
    case EventKind::kRegionBegin:
    case EventKind::kRegionEnd:
      return "region" + quoted + (background ? "" : " of task " + id) +
             (kind == EventKind::kRegionBegin ? " begins" : " ends");
    default:
      return "a message" + quoted + (background ? "" : " of task " + id) + " is logged";
  }
}

RegionEndJudgement judge_region_end(const Recorder& recorder, const Tables& tables, GoSlot g,
                                    uint64_t task, StringId type) {
  const OpenRegion* innermost = recorder.innermost_region(g);
  const auto of = [](uint64_t id) {
    return id == kBackgroundTask ? std::string(" of no task") : " of task " + std::to_string(id);
  };
  const auto quoted = [&tables](StringId id) {
    return "\"" + std::string(tables.string(id)) + "\"";
  };
  if (innermost == nullptr) {
    // One that began before the trace or in a gap can be that of an older goroutine only.
    if (!recorder.goroutines()[g].born_in_trace()) return {};
    return {"region " + quoted(type) + " ends, but none is open on goroutine " +
            std::to_string(recorder.goroutines()[g].id)};
  }
  const OpenRegion* meant = recorder.open_region(g, task, type);
  if (meant == innermost) return {};
  const auto lost = [&tables](StringId id) { return tables.string(id) == kLostName; };
  const bool tasks = innermost->task != task;
  if (meant == nullptr && !tasks && (lost(type) || lost(innermost->type))) return {};
  const auto told = [&](StringId name, uint64_t id) {
    return quoted(name) + (tasks ? of(id) : std::string());
  };
  return {"region " + told(type, task) + " ends, but " + told(innermost->type, innermost->task) +
              " is the innermost one open",
          meant == nullptr ? AnnotationRule::kRegionEnd : AnnotationRule::kCrossed};
}

}  // namespace tracetool
