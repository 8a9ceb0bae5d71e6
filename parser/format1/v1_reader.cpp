#include "parser/format1/v1_reader.h"

#include <string>

#include "parser/format1/v1_capture.h"
#include "parser/format1/v1_convert.h"
#include "parser/format1/v1_merge.h"
#include "parser/format1/v1_records.h"
#include "parser/input/further_trace.h"
#include "parser/record/recorder.h"
#include "parser/record/unstopped.h"

namespace tracetool {
namespace {

constexpr const char* kRest = "the rest of the capture, which is not in the file";

/// Ticks per second where the file does not say: 64 cycles of a processor of 2.56 GHz each.
constexpr uint64_t kAssumedFrequency = 40'000'000;

/// Why nothing at all can be shown; none if something can.
std::optional<Fault> hopeless(const v1::Capture& capture, uint64_t end) {
  std::optional<Fault> fault;
  if (!capture.frequency && capture.events == 0) {
    fault =
        capture.fault.value_or(Fault{FaultKind::kTruncated, "the file ends before any event", end});
    fault->message.append("; ").append(kUnstopped);
    fault->lost.rest = kRest;
  } else if (capture.frequency && (*capture.frequency == 0 || *capture.frequency > INT64_MAX)) {
    fault = Fault{.kind = FaultKind::kInvalid,
                  .message = "the clock ran at " + std::to_string(*capture.frequency) +
                             " ticks per second: the machine's clock was broken",
                  .event = "Frequency",
                  .field = "frequency"};
  } else {
    return std::nullopt;
  }
  fault->lost.whole = "everything";
  fault->lost.events = capture.events;
  return fault;
}

/// The end of the file is missing, which has the frequency of its clock and all stacks.
void assume_frequency(v1::Capture& capture, uint64_t end) {
  capture.cut = true;
  capture.frequency = kAssumedFrequency;
  if (!capture.fault) {
    capture.fault = Fault{FaultKind::kTruncated,
                          "the file ends before the clock's frequency and all stacks", end};
  } else {
    capture.fault->message += "; the clock's frequency and all stacks come behind that";
  }
  if (capture.fault->kind == FaultKind::kTruncated)
    capture.fault->message.append("; ").append(kUnstopped);
}

/// The fault of the first pass with all that is missing because of it.
std::optional<Fault> load_fault(const v1::Capture& capture, LostParts lost, uint64_t delivered,
                                ByteSource& source) {
  std::optional<Fault> fault = capture.fault;
  if (!fault && lost.stackless())
    fault = Fault{FaultKind::kTruncated, "the file ends before all stacks were written",
                  source.offset()};
  if (!fault && capture.partial_stacks > 0)
    fault = Fault{.kind = FaultKind::kInvalid,
                  .message = counted(capture.partial_stacks, "stack") +
                             " with names that the file does not have",
                  .event = "Stack"};
  // Names are written before what refers to them.
  if (!fault && lost.any())
    fault = Fault{.kind = FaultKind::kInvalid,
                  .message = "events with names that the file does not have",
                  .event = "String"};
  if (!fault) return fault;
  lost.add_to(fault->lost, delivered);
  if (!capture.fault) return fault;
  skip_rest(source, fault->lost);
  fault->lost.rest = fault->kind == FaultKind::kTruncated ? kRest : "all behind this place";
  if (capture.cut)
    fault->lost.rest +=
        "; the unit of time, for which 25 ns are assumed: real ones are 16 to 32 ns, so all times "
        "may be wrong by the same factor";
  return fault;
}

}  // namespace

std::string_view record_name1(uint8_t type) { return v1::wire_spec(type).name; }

bool can_begin1(int version, std::span<const uint8_t> bytes) {
  return v1::can_be_records(v1::layout_of(version), bytes, 1);
}

/// In two passes: what there is, then in which order.
void read_format1(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts) {
  const size_t known_faults = facts.faults.size();
  GenerationFacts& g = facts.generations.emplace_back();
  g.number = 1;
  g.offset = source.offset();
  v1::Capture capture;
  v1::parse(source, options, tables, facts, capture);
  g.bytes = source.offset() - g.offset;
  g.batches = capture.batches;
  g.strings = static_cast<uint32_t>(capture.strings.size());
  g.stacks = static_cast<uint32_t>(capture.stacks.size());

  auto fault = hopeless(capture, source.offset());
  if (!fault && !capture.frequency) assume_frequency(capture, source.offset());
  if (const uint64_t stray = fault ? 0 : capture.drop_stray_samples(); stray != 0)
    facts.faults.push_back(stray_samples(stray, {}));
  g.cpu_samples = capture.samples.size();
  if (fault || (options.strict && (capture.fault || facts.damaged()))) {
    if (fault) skip_rest(source, fault->lost);
    // A fault of another kind is in the list already.
    if (fault || capture.fault) facts.faults.push_back(fault ? *fault : *capture.fault);
    g.complete = false;
    source.release();
    return;
  }
  const uint64_t before = recorder.events();
  recorder.sync(-1, 1, 1);
  g.begin = recorder.last_time();
  v1::Converter converter(capture, tables, recorder, options.strict);
  v1::Merge merge(capture, converter, recorder);
  std::optional<Fault> order_fault = merge.run();
  converter.forget_unexplained();
  g.events = recorder.events() - before;
  g.end = recorder.last_time();

  LostParts lost = converter.lost_parts();
  lost.forget(recorder.events());
  if (auto loaded = load_fault(capture, lost, g.events - 1, source)) {
    if (order_fault && capture.cut && merge.starved()) {
      // Events that wait for what is not in the file are no second fault.
      loaded->lost.add_events(*order_fault->lost.events);
      loaded->lost.from = order_fault->lost.from;
      loaded->lost.to = order_fault->lost.to;
      order_fault.reset();
    }
    facts.faults.push_back(*loaded);
  }
  if (order_fault) facts.faults.push_back(*order_fault);
  g.complete = facts.faults.size() == known_faults;
  if (const auto& misplaced = merge.misplaced_exits(); misplaced && !options.strict)
    facts.faults.push_back(*misplaced);
  for (Fault& contradiction : converter.annotation_faults().take())
    facts.faults.push_back(std::move(contradiction));
  g.threads = static_cast<uint32_t>(tables.thread_count());
  facts.threads = g.threads;
  source.release();
}

}  // namespace tracetool
