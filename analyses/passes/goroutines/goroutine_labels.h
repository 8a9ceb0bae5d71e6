// Runs of goroutines that the runtime gave a label: how a mark worker of the collector works.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "analyses/engine/by_id.h"
#include "analyses/engine/goroutine_index.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

class GoroutineLabels {
 public:
  explicit GoroutineLabels(const GoroutineIndex& goroutines) : goroutines_(goroutines) {}

  void block(const Block& block) {
    if (open_ == 0 && !block.has(EventKind::kLabel)) return;
    for (const Event& e : block.all()) {
      if (e.kind == EventKind::kLabel && e.g != kNoGo) {
        give(e.g, e.name);
      } else if (e.kind == EventKind::kGoTransition && e.spent_in() == GoState::kRunning) {
        run(e);
      }
    }
  }
  void add_table(const Tables& tables, Report& report) const;

 private:
  struct Sums {
    uint64_t runs = 0;
    int64_t time = 0;
    std::set<uint64_t> goroutines = {};  // serials
  };

  void give(GoSlot g, StringId label) {
    StringId& known = by_id(labels_, g);
    open_ += known == 0 && label != 0;
    open_ -= known != 0 && label == 0;
    known = label;
  }
  /// A label counts for the run in which it is given: all of it, as it comes right at its begin.
  void run(const Event& e) {
    if (e.subject >= labels_.size() || labels_[e.subject] == 0 || !e.closes()) return;
    const StringId label = labels_[e.subject];
    labels_[e.subject] = 0;
    --open_;
    const Goroutine& g = goroutines_[e.subject];
    // Of no length: outside of the time window, or of the tasks or regions that are wanted.
    if (!g.selected || e.time == e.since) return;
    Sums& sums = sums_[label];
    ++sums.runs;
    sums.time += e.time - e.since;
    sums.goroutines.insert(g.serial);
  }

  const GoroutineIndex& goroutines_;
  std::vector<StringId> labels_;  // by slot: of the current run
  uint32_t open_ = 0;
  std::map<StringId, Sums> sums_;
};

}  // namespace tracetool
