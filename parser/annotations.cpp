#include "parser/annotations.h"

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

RegionEndJudgement judge_region_end(const Recorder& recorder, const Tables& tables, GoSlot g,
                                    uint64_t task, StringId type) {
  const OpenRegion* innermost = recorder.innermost_region(g);
  const std::string name = "region \"" + std::string(tables.string(type)) + "\" ends, but ";
  if (innermost == nullptr) {
    // One that began before the trace or in a gap can be that of an older goroutine only.
    if (!recorder.goroutines()[g].born_in_trace()) return {};
    return {name + "none is open on goroutine " + std::to_string(recorder.goroutines()[g].id)};
  }
  const OpenRegion* meant = recorder.open_region(g, task, type);
  if (meant == innermost) return {};
  const auto lost = [&tables](StringId id) { return tables.string(id) == kLostName; };
  if (meant == nullptr && innermost->task == task && (lost(type) || lost(innermost->type)))
    return {};
  return {
      name + "\"" + std::string(tables.string(innermost->type)) + "\" is the innermost one open",
      meant == nullptr ? AnnotationRule::kRegionEnd : AnnotationRule::kCrossed};
}

}  // namespace tracetool
