// Who the goroutines behind the slots are: kept once for all passes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyses/engine/name_match.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"

namespace tracetool {

struct Goroutine {
  uint64_t id = 0;
  /// 1, 2, … in order of appearance: tells incarnations of a reused id apart.
  uint64_t serial = 0;
  uint64_t parent = 0;         // id of its creator, 0 unknown or none
  int64_t creation = 0;        // ns; the begin of the trace if it is older
  StackId creation_stack = 0;  // of its creator
  StringId name = 0;           // function that it started in; 0 not known
  bool named = false;
  bool older = false;    // existed before the trace
  bool selected = true;  // by the user's filter
};

/// Which goroutines the user wants accounted. Empty parts select all.
struct GoroutineFilter {
  std::optional<Regex> function;  // found anywhere in the start function's name
  std::unordered_set<uint64_t> ids;
  bool system = true;
  bool active() const { return function || !ids.empty() || !system; }
};

/// A goroutine of the runtime itself: no name, or a function of package runtime but runtime.main.
bool is_system_goroutine(std::string_view name);

class GoroutineIndex {
 public:
  GoroutineIndex(const Tables& tables, const GoroutineFilter& filter)
      : tables_(tables), filter_(filter), is_wanted_(tables, filter.function) {}

  /// Must see each block before the passes do. Slots that die in it stay valid until their reuse.
  void block(const Block& block);

  const Goroutine& operator[](GoSlot slot) const { return goroutines_[slot]; }
  /// Array size that holds every slot seen so far.
  size_t slots() const { return goroutines_.size(); }
  uint64_t seen() const { return seen_; }
  /// Whether the filter selects any goroutine seen so far.
  bool matched() const { return matched_ || !filter_.active(); }
  const GoroutineFilter& filter() const { return filter_; }

 private:
  void appear(const Event& e);
  void name(Goroutine& g, const Event& e);
  void select(Goroutine& g);

  const Tables& tables_;
  const GoroutineFilter& filter_;
  NameMatch is_wanted_;
  std::vector<Goroutine> goroutines_;
  uint64_t seen_ = 0;
  bool matched_ = false;
};

}  // namespace tracetool
