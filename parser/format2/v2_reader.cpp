#include "parser/format2/v2_reader.h"

#include <algorithm>

#include "parser/format2/v2_generation.h"
#include "parser/format2/v2_order.h"
#include "parser/format2/wire_spec.h"
#include "parser/input/further_trace.h"
#include "parser/record/recorder.h"
#include "parser/record/unstopped.h"

namespace tracetool {
namespace {

class Reader {
 public:
  Reader(ByteSource& source, const ReadOptions& options, Tables& tables, Recorder& recorder,
         CaptureFacts& facts)
      : source_(source),
        options_(options),
        tables_(tables),
        recorder_(recorder),
        facts_(facts),
        generation_(facts.version, options.limits, tables,
                    options.count_wire ? facts.wire.data() : nullptr),
        order_(tables, recorder, options.limits, options.strict) {}

  void run() {
    while (!recorder_.stopped() && next() && !enough()) {
    }
    if (at_end_ && was_sound_ && ended_by_period()) {
      add({.kind = FaultKind::kTruncated,
           .message = "the capture ends where the runtime began its next generation; " +
                      std::string(kUnstopped),
           .offset = source_.offset(),
           .generation = placed_,
           .lost = {.rest = "the rest of the capture, which is not in the file"}});
    }
    for (Fault& fault : order_.annotation_faults().take()) add(std::move(fault));
    if (auto note = generation_.frequency().note(facts_)) add(std::move(*note));
    if (further_faults_ == 0) return;
    facts_.faults.push_back(
        {.kind = FaultKind::kMalformed,
         .message = "further faults, which are not listed: " + std::to_string(further_faults_)});
  }

 private:
  /// One generation. False when there is no more to read.
  bool next() {
    std::optional<Fault> framing, content, order;
    stray_.reset();
    const Generation::Loaded loaded = generation_.load(source_, framing, content);
    const bool broken = framing || content;
    if (loaded == Generation::Loaded::kYes && !(options_.strict && broken)) {
      order = place(framing, content);
    } else if (generation_.facts().batches != 0) {
      // Nothing of it can be used.
      facts_.generations.push_back(generation_.facts());
      GenerationFacts& g = facts_.generations.back();
      g.complete = false;
      g.begin = g.end = recorder_.last_time();
      g.clock.reset();
    }
    const bool missing = loaded == Generation::Loaded::kNo ? number_ != 0 : order.has_value();
    const bool gap = missing && generation_.facts().batches != 0;
    const bool faults = framing || content || order || stray_;
    if (framing && generation_.last()) {
      if (framing->kind == FaultKind::kTruncated && !source_.fault())
        framing->message.append("; ").append(kUnstopped);
      tell_rest(*framing);
    }
    if (loaded != Generation::Loaded::kEnd) was_sound_ = !faults;
    at_end_ = !framing && (loaded == Generation::Loaded::kEnd || generation_.last());
    for (std::optional<Fault>* fault : {&content, &framing, &order, &stray_})
      if (*fault) add(std::move(**fault));
    if (loaded == Generation::Loaded::kEnd || generation_.last()) return false;
    if (options_.strict && faults) return false;
    const bool more = !source_.look(1).empty();
    if (more && facts_.generations.size() >= options_.limits.generations) {
      stop_at("more than " + std::to_string(options_.limits.generations) + " generations");
      return false;
    }
    if (more && tables_.full()) {
      stop_at(no_memory_for("further generations", *tables_.budget()));
      return false;
    }
    if (gap) gaps_.push_back(generation_.number());
    return true;
  }

  /// Nobody needs what follows.
  bool enough() {
    if (recorder_.last_time() <= options_.until || source_.look(1).empty()) return false;
    facts_.stopped_early = true;
    return true;
  }

  /// What is missing between generations, once something follows: the last states that are known
  /// are those at the end.
  void record_gaps() {
    for (uint64_t generation : gaps_) recorder_.gap(generation);
    if (!gaps_.empty()) order_.reset();
    gaps_.clear();
  }

  /// Whether the runtime's own goroutine for this ended the last generation, as it does from time
  /// to time: it runs, having slept. At the end of a capture it sleeps or waits for trace.Stop.
  bool ended_by_period() const {
    const GoTable& goroutines = recorder_.goroutines();
    return std::ranges::any_of(goroutines.live(), [&](GoSlot slot) {
      const GoRecord& g = goroutines[slot];
      return g.state == GoState::kRunning && g.generation == placed_ && g.seq >= 2 &&
             tables_.string(tables_.root_function(g.named_by)) ==
                 "runtime.(*traceAdvancerState).start.func1";
    });
  }

  /// Puts the events of a loaded generation in order. A fault of its own is returned, what else is
  /// missing is added to what is known.
  std::optional<Fault> place(std::optional<Fault>& framing, std::optional<Fault>& content) {
    if (options_.progress) options_.progress(source_.offset());
    record_gaps();
    placed_ = generation_.number();
    const uint64_t before = recorder_.events();
    recorder_.sync(generation_.min_time(), ++number_, generation_.number(),
                   generation_.facts().clock, generation_.heap_units());
    GenerationFacts& g = facts_.generations.emplace_back(generation_.facts());
    g.begin = recorder_.last_time();
    if (g.clock) g.clock->time = recorder_.relative(g.clock->time);
    count_threads(g);
    std::optional<Fault> fault = order_.run(generation_);
    g.end = recorder_.last_time();
    g.events = recorder_.events() - before;
    if (!framing && !content && order_.lost_parts().any()) {
      // Before the end marks of 1.26 a cut between batches looks like an end.
      framing = Fault{.kind = FaultKind::kTruncated,
                      .message = "the input ends before all names and stacks of this generation",
                      .offset = source_.offset(),
                      .generation = generation_.number()};
    }
    const uint64_t stray = generation_.stray_samples() + order_.stray_samples();
    if (stray != 0) stray_ = stray_samples(stray, generation_.number());
    if (fault || framing || content || stray_) g.complete = false;
    std::optional<Fault>& names = content ? content : framing;
    if (names) order_.lost_parts().add_to(names->lost, g.events - 1);
    // Events that wait for what a damaged generation lost are no second fault.
    std::optional<Fault>& known = framing ? framing : content;
    if (!fault || !known || !order_.starved()) return fault;
    known->lost.add_events(*fault->lost.events);
    known->lost.from = fault->lost.from;
    known->lost.to = fault->lost.to;
    return std::nullopt;
  }

  void count_threads(GenerationFacts& g) {
    for (const ThreadStream& stream : generation_.threads()) {
      if (stream.m == kNoThread) continue;
      ++g.threads;
      if (stream.m >= wrote_.size()) wrote_.resize(stream.m + size_t{1});
      if (wrote_[stream.m]) continue;
      wrote_[stream.m] = true;
      ++facts_.threads;
    }
  }

  /// What follows is not read.
  void stop_at(std::string why) {
    Fault fault{
        .kind = FaultKind::kUnsupported, .message = std::move(why), .offset = source_.offset()};
    tell_rest(fault);
    add(std::move(fault));
  }

  /// What lies behind the place where batches cannot be told apart any more.
  void tell_rest(Fault& fault) {
    if (options_.strict) return;
    skip_rest(source_, fault.lost);
    if (!fault.lost.rest.empty()) fault.lost.rest += "; ";
    fault.lost.rest += fault.kind == FaultKind::kTruncated
                           ? "the rest of the capture, which is not in the file"
                           : "all behind this place";
  }

  void add(Fault fault) {
    if (facts_.faults.size() < options_.limits.faults) {
      facts_.faults.push_back(std::move(fault));
    } else {
      ++further_faults_;
    }
  }

  ByteSource& source_;
  const ReadOptions& options_;
  const Tables& tables_;
  Recorder& recorder_;
  CaptureFacts& facts_;
  Generation generation_;
  Order order_;
  uint64_t number_ = 0;
  uint64_t placed_ = 0;         // the last generation that was
  std::vector<uint64_t> gaps_;  // generations of which something is missing, if more follows
  std::optional<Fault> stray_;  // what is wrong with the CPU samples of this generation
  bool was_sound_ = false;      // the last generation
  bool at_end_ = false;         // of an input without a fault there
  uint64_t further_faults_ = 0;
  std::vector<bool> wrote_;  // by ThreadIndex
};

}  // namespace

std::string_view record_name2(uint8_t type) { return wire_spec(type).name; }

bool can_begin2(int version, std::span<const uint8_t> bytes) {
  return bytes[0] == kWireBatch || bytes[0] == kWireExperimentalBatch ||
         (version >= 26 && bytes[0] == kWireEndOfGeneration);
}

/// Generation after generation.
void read_format2(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts) {
  if (options.count_wire) facts.wire.resize(256);
  Reader(source, options, tables, recorder, facts).run();
}

}  // namespace tracetool
