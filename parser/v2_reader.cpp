// Format 2 from behind the header to the end: generation after generation.
#include "parser/recorder.h"
#include "parser/trace_reader.h"
#include "parser/v2_generation.h"
#include "parser/v2_order.h"

namespace tracetool {

void read_format2(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts) {
  if (options.count_wire) facts.wire.resize(256);
  Generation generation(facts.version, tables);
  Order order(tables, recorder, facts, options.count_wire);
  uint64_t number = 0;
  while (!recorder.stopped()) {
    const size_t faults_before = facts.faults.size();
    const auto loaded = generation.load(source, facts.faults);
    const bool load_failed = facts.faults.size() > faults_before;
    if (loaded == Generation::Loaded::kEnd) break;
    if (loaded == Generation::Loaded::kNo) {
      if (options.strict || generation.last()) break;
      if (number != 0 && generation.facts().batches != 0) {
        recorder.gap(generation.number());
        order.reset();
      }
      continue;
    }
    if (options.progress) options.progress(source.offset());
    const uint64_t before = recorder.events();
    recorder.sync(generation.min_time(), ++number, generation.number());
    GenerationFacts& g = facts.generations.emplace_back(generation.facts());
    g.begin = recorder.last_time();
    if (g.clock) g.clock->time = recorder.relative(g.clock->time);
    std::optional<Fault> order_fault;
    if (!options.strict || !load_failed) order_fault = order.run(generation);
    g.end = recorder.last_time();
    g.events = recorder.events() - before;
    if (order_fault) g.complete = false;
    if (order_fault) {
      // A damaged generation cannot be ordered to its end: one fault, not two.
      if (!load_failed) {
        facts.faults.push_back(*order_fault);
      } else if (facts.faults.back().lost.empty()) {
        facts.faults.back().lost = order_fault->lost;
      }
    }
    if (options.strict && (load_failed || order_fault)) break;
    if (generation.last()) break;
    if (order_fault) {
      recorder.gap(generation.number());
      order.reset();
    }
  }
}

}  // namespace tracetool
