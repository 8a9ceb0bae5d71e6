#include "parser/model/facts.h"

#include <algorithm>

namespace tracetool {

bool CaptureFacts::damaged() const {
  return std::ranges::any_of(faults, [](const Fault& f) { return f.kind != FaultKind::kNote; });
}

bool CaptureFacts::empty() const {
  return std::ranges::none_of(generations, [](const GenerationFacts& g) { return g.events > 0; });
}

Fault stray_samples(uint64_t count, std::optional<uint64_t> generation) {
  Fault fault{.kind = FaultKind::kInvalid,
              .message = "CPU samples are more than a second away from all other events",
              .generation = generation,
              .event = "CPUSample",
              .field = "time"};
  fault.lost.add_events(count);
  return fault;
}

}  // namespace tracetool
