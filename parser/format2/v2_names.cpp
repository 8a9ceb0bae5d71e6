// What the ids in a generation's events stand for.
#include <algorithm>
#include <array>
#include <string>

#include "parser/format2/v2_generation.h"
#include "parser/format2/wire_spec.h"
#include "parser/record/annotations.h"

namespace tracetool {
namespace {

/// Ids below this are looked up in flat arrays.
constexpr uint64_t kSmallId = 1 << 20;

/// What every writer registers first in each generation: these ids outlive a lost string table.
bool is_registered(std::string_view text) {
  static constexpr std::array<std::string_view, 26> kTexts = {"Not worker",
                                                              "GC (dedicated)",
                                                              "GC (fractional)",
                                                              "GC (idle)",
                                                              "unspecified",
                                                              "forever",
                                                              "network",
                                                              "select",
                                                              "sync.(*Cond).Wait",
                                                              "sync",
                                                              "chan send",
                                                              "chan receive",
                                                              "GC mark assist wait for work",
                                                              "GC background sweeper wait",
                                                              "system goroutine wait",
                                                              "preempted",
                                                              "wait for debug call",
                                                              "wait until GC ends",
                                                              "sleep",
                                                              "GC weak to strong wait",
                                                              "synctest",
                                                              "runtime.Gosched",
                                                              "GC mark termination",
                                                              "GC sweep termination",
                                                              "start trace",
                                                              "stop trace"};
  return std::ranges::find(kTexts, text) != kTexts.end();
}

}  // namespace

bool Generation::resolve_stacks(std::optional<Fault>& fault) {
  std::array<FrameId, kMostFrames> frames;
  bool ok = true;
  for (const RawStack& raw : raw_stacks_) {
    bool partial = false;
    for (uint32_t i = 0; i < raw.count; ++i) {
      const RawFrame& f = raw_frames_[raw.first + i];
      Frame frame{f.pc, string(f.function), string(f.file), f.line};
      if (frame.function == kDangling || frame.file == kDangling) {
        if (!fault) {
          fault = Fault{
              .kind = FaultKind::kInvalid,
              .message = "stack " + std::to_string(raw.id) + " names a string that does not exist",
              .offset = raw.offset,
              .generation = number_,
              .event = "Stack"};
        }
        ok = false;
        partial = true;
        if (frame.function == kDangling) frame.function = tables_.intern(kLostName);
        if (frame.file == kDangling) frame.file = 0;
      }
      frames[i] = tables_.intern(frame);
    }
    *stacks_.find(raw.id) = tables_.intern(std::span(frames).first(raw.count));
    if (partial) partial_stacks_.push_back(raw.id);
  }
  std::ranges::sort(partial_stacks_);
  return ok;
}

void Generation::remember_registered() {
  if (!registered_.empty()) return;
  for (uint64_t id = 1; id < 64; ++id) {
    const auto t = text(id);
    if (t && is_registered(*t)) registered_.emplace(id, string(id));
  }
}

std::optional<std::string_view> Generation::text(uint64_t wire_id) {
  if (wire_id == 0) return "";
  if (const WireString* s = strings_.find(wire_id))
    return std::string_view(reinterpret_cast<const char*>(s->data), s->size);
  return std::nullopt;
}

ObjectType Generation::object_type(uint64_t wire_id) {
  WireObjectType* type = wire_id == 0 ? nullptr : object_types_.find(wire_id);
  if (type == nullptr) return {};
  if (type->interned == kDangling) {
    const auto* name = reinterpret_cast<const char*>(type->name.data);
    type->interned = tables_.intern(std::string_view(name, type->name.size));
  }
  return {type->interned, ObjectType::bytes_of(type->bytes)};
}

StringId Generation::find_string(uint64_t wire_id) {
  if (wire_id == 0) return 0;
  StringId id;
  if (const WireString* s = strings_.find(wire_id)) {
    id = tables_.intern({reinterpret_cast<const char*>(s->data), s->size});
  } else {
    const auto it = registered_.find(wire_id);
    if (!damaged_ || it == registered_.end()) return kDangling;
    id = it->second;
  }
  if (wire_id < kSmallId) string_ids_.set(wire_id, id);
  return id;
}

StackId Generation::find_stack(uint64_t wire_id) {
  if (wire_id == 0) return 0;
  const StackId* s = stacks_.find(wire_id);
  if (s == nullptr || std::ranges::binary_search(partial_stacks_, wire_id)) return kDangling;
  if (wire_id < kSmallId) stack_ids_.set(wire_id, *s);
  return *s;
}

StackId Generation::partial_stack(uint64_t wire_id) {
  const StackId* s = stacks_.find(wire_id);
  return s == nullptr ? 0 : *s;
}

}  // namespace tracetool
