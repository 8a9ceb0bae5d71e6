// What a range or label has to do with stops of the world and garbage collection, told from its
// text once.
#pragma once

#include <vector>

#include "analyses/engine/by_id.h"
#include "parser/model/tables.h"

namespace tracetool {

enum class GcName : uint8_t {
  kUnknown,
  kOther,
  kMarkPhase,
  kAssist,
  kSweep,
  kSweepTermination,  // the two stops of a cycle
  kMarkTermination,
  kFurtherGcStop,  // as newer releases may have them
  kOtherStop,
  kDedicated,  // modes of a mark worker
  kFractional,
  kIdle,
  kFurtherWorker,
};

constexpr bool is_stop(GcName n) {
  return n >= GcName::kSweepTermination && n <= GcName::kOtherStop;
}
constexpr bool is_gc_stop(GcName n) {
  return n == GcName::kSweepTermination || n == GcName::kMarkTermination;
}
/// The collector's, whatever it does.
constexpr bool stops_for_gc(GcName n) { return is_gc_stop(n) || n == GcName::kFurtherGcStop; }
constexpr bool is_worker(GcName n) { return n >= GcName::kDedicated && n <= GcName::kIdle; }
/// Of any mode.
constexpr bool works_for_gc(GcName n) { return n >= GcName::kDedicated; }

class GcNames {
 public:
  explicit GcNames(const Tables& tables) : tables_(tables) {}
  GcName operator[](StringId id) {
    GcName& known = by_id(known_, id, GcName::kUnknown);
    if (known == GcName::kUnknown) known = classify(tables_.string(id));
    return known;
  }

 private:
  static GcName classify(std::string_view text) {
    if (text == "GC concurrent mark phase") return GcName::kMarkPhase;
    if (text == "GC mark assist") return GcName::kAssist;
    if (text == "GC incremental sweep") return GcName::kSweep;
    if (text == "stop-the-world (GC sweep termination)") return GcName::kSweepTermination;
    if (text == "stop-the-world (GC mark termination)") return GcName::kMarkTermination;
    if (text.starts_with("stop-the-world"))
      return text.find("GC") == text.npos ? GcName::kOtherStop : GcName::kFurtherGcStop;
    if (text == "GC (dedicated)") return GcName::kDedicated;
    if (text == "GC (fractional)") return GcName::kFractional;
    if (text == "GC (idle)") return GcName::kIdle;
    if (text.starts_with("GC (")) return GcName::kFurtherWorker;
    return GcName::kOther;
  }
  const Tables& tables_;
  std::vector<GcName> known_;
};

}  // namespace tracetool
