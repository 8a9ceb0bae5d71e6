#include "analyses/engine/goroutine_index.h"

#include "analyses/engine/by_id.h"

namespace tracetool {

bool is_system_goroutine(std::string_view name) {
  return name.empty() || (name.starts_with("runtime.") && name != "runtime.main");
}

void GoroutineIndex::block(const Block& block) {
  for (const uint16_t at : block.foretold_positions()) appear(block.events[at]);
  for (const uint16_t at : block.born_positions()) {
    const Event& e = block.events[at];
    if (!e.foretold()) {
      appear(e);
    } else if (Goroutine& g = goroutines_[e.subject]; !g.named && (e.flags & kFlagNames)) {
      name(g, e);
      if (filter_.active()) select(g);
    }
  }
  for (const uint16_t at : block.named_positions()) {
    const Event& e = block.events[at];
    Goroutine& g = goroutines_[e.subject];
    name(g, e);
    if (filter_.active()) select(g);
  }
}

void GoroutineIndex::appear(const Event& e) {
  Goroutine& g = by_id(goroutines_, e.subject);
  g = {};
  g.id = e.goroutine_id();
  g.serial = ++seen_;
  g.older = e.from() == GoState::kUndetermined;
  g.creation = g.older ? e.since : e.time;
  g.creation_stack = g.older ? 0 : e.stack;
  if (!g.older && e.g != kNoGo) g.parent = goroutines_[e.g].id;
  if (e.flags & kFlagNames) name(g, e);
  if (filter_.active()) select(g);
}

void GoroutineIndex::name(Goroutine& g, const Event& e) {
  g.named = true;
  g.name = tables_.root_function(e.transition_stack());
}

void GoroutineIndex::select(Goroutine& g) {
  g.selected = (filter_.ids.empty() || filter_.ids.contains(g.id)) &&
               (filter_.system || !is_system_goroutine(tables_.string(g.name))) &&
               is_wanted_(g.name);
  matched_ |= g.selected;
}

}  // namespace tracetool
