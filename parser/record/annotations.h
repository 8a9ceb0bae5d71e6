// What a program says of its own work (tasks, regions, logs) and contradicts itself in. The
// scheduler's events are sound all the same, so such an event costs nothing but itself: it is shown
// in its place but is in no figure, and each kind of contradiction is one fault, at its first
// place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/model/fault.h"
#include "parser/model/tables.h"
#include "parser/record/recorder.h"

namespace tracetool {

/// Stands for a name that the input does not have.
inline constexpr std::string_view kLostName = "(lost)";

enum class AnnotationRule : uint8_t {
  kNobody,     // no goroutine does it
  kTaskTwice,  // a task begins that is open
  kRegionEnd,  // a region ends that is not open
  kCrossed,    // a region ends around one that is open; the event counts
  kMode,       // format 1: neither the begin nor the end of a region
  kName,       // a name or stack that does not exist; the event counts without it
};

/// How such messages end.
inline constexpr const char* kWhileOpen = " while it is open";
inline constexpr const char* kByNobody = ", but no goroutine runs there";

class AnnotationFaults {
 public:
  /// Counts a contradiction. True for the first of its kind, whose fault add() wants.
  bool first(AnnotationRule rule) { return kinds_[static_cast<size_t>(rule)].count++ == 0; }
  void add(AnnotationRule rule, Fault fault) {
    kinds_[static_cast<size_t>(rule)].fault = std::move(fault);
  }
  /// The faults, each with how often it happened and what is missing because of it.
  std::vector<Fault> take();

 private:
  struct Kind {
    uint64_t count = 0;
    std::optional<Fault> fault;
  };
  std::array<Kind, 6> kinds_;
};

/// "task 7 "order" begins", for messages. Without `name` (0) it is left out.
std::string describe_annotation(const Tables& tables, EventKind kind, uint64_t task, StringId name);

/// What is wrong with the end of a region of this task and type.
struct RegionEndJudgement {
  std::string why;  // empty if nothing is
  AnnotationRule rule = AnnotationRule::kRegionEnd;
};
RegionEndJudgement judge_region_end(const Recorder& recorder, const Tables& tables, GoSlot g,
                                    uint64_t task, StringId type);

}  // namespace tracetool
