// What must hold for the events of any input, however damaged: fuzz targets end the program when
// it does not.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "parser/trace_reader.h"

namespace tracetool::fuzz {

#define TT_MUST(condition)                                                 \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                        \
    }                                                                      \
  } while (false)

class CheckingSink final : public BlockSink {
 public:
  explicit CheckingSink(const Tables& tables)
      : tables_(tables), block_(std::make_unique<Block>()) {}

  Block* exchange(Block* full) override {
    if (full == nullptr) return block_.get();
    TT_MUST(full->count <= kBlockEvents);
    for (const Event& e : full->all()) check(*full, e);
    for (uint16_t i : full->rare_positions()) TT_MUST(i < full->count);
    for (uint16_t i : full->born_positions()) TT_MUST(i < full->count);
    for (uint16_t i : full->named_positions()) TT_MUST(i < full->count);
    for (uint16_t i : full->ended_positions()) TT_MUST(i < full->count);
    return block_.get();
  }

  uint64_t events = 0;
  /// Depends on every event: equal for equal input, however it is cut into chunks.
  uint64_t digest = 0;

 private:
  void check(const Block& block, const Event& e) {
    TT_MUST(e.added() ? e.time >= last_ : e.time > last_);
    last_ = e.time;
    TT_MUST(e.since <= e.time);
    TT_MUST(e.name < tables_.string_count());
    const bool clock = e.kind == EventKind::kSync;  // has a wall clock there
    TT_MUST(clock || e.since_name < tables_.string_count());
    TT_MUST(e.stack < tables_.stack_count());
    TT_MUST(clock || e.since_stack < tables_.stack_count());
    if (e.kind == EventKind::kGoTransition) TT_MUST(e.transition_stack() < tables_.stack_count());
    if (e.kind == EventKind::kLog) TT_MUST((e.arg2 >> 32) <= block.text.size());
    tables_.thread_id(e.m);
    if (!e.added()) ++events;
    const uint64_t fields[] = {static_cast<uint64_t>(e.time),
                               static_cast<uint64_t>(e.since),
                               e.arg,
                               e.arg2,
                               e.subject,
                               e.stack,
                               e.name,
                               e.from_to};
    for (uint64_t field : fields) digest = (digest ^ field) * 0x9E3779B97F4A7C15ull + 1;
  }

  const Tables& tables_;
  std::unique_ptr<Block> block_;
  int64_t last_ = -1;
};

struct Result {
  bool opened = false;
  uint64_t digest = 0;
  size_t faults = 0;
};

/// Reads a trace in chunks of `chunk` bytes and checks all that comes of it.
inline Result read_checked(std::span<const uint8_t> bytes, size_t chunk) {
  Result result;
  Input input;
  if (open_memory(bytes, {.own_thread = false, .chunk = chunk}, input)) return result;
  TraceReader reader(std::move(input), {.count_wire = true});
  if (reader.open()) return result;
  result.opened = true;
  CheckingSink sink(reader.tables());
  reader.read(sink);
  TT_MUST(sink.events == reader.facts().events);
  for (const GenerationFacts& g : reader.facts().generations)
    TT_MUST(g.complete || reader.facts().damaged());
  for (const Fault& fault : reader.facts().faults) TT_MUST(!fault.describe().empty());
  result.digest = sink.digest;
  result.faults = reader.facts().faults.size();
  return result;
}

}  // namespace tracetool::fuzz
