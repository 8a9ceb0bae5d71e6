// Format 1 from behind the header to the end, in two passes.
#include <string>

#include "parser/recorder.h"
#include "parser/trace_reader.h"
#include "parser/v1_capture.h"
#include "parser/v1_convert.h"
#include "parser/v1_merge.h"

namespace tracetool {
namespace {

std::string counted(uint64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

/// Why nothing at all can be shown; none if something can.
std::optional<Fault> hopeless(const v1::Capture& capture, uint64_t end) {
  const std::string all = "everything (" + counted(capture.events, "event") + ")";
  if (!capture.frequency) {
    Fault fault = capture.fault.value_or(
        Fault{FaultKind::kTruncated, "the file ends before the clock's frequency", end});
    fault.message +=
        "; a format 1 file has the frequency of its clock and all stacks at its end, and without "
        "them no event has a time";
    fault.lost = all;
    return fault;
  }
  if (*capture.frequency <= 0) {
    return Fault{FaultKind::kInvalid,
                 "the clock ran at " + std::to_string(*capture.frequency) +
                     " ticks per second: the machine's clock was broken",
                 {},
                 {},
                 {},
                 "Frequency",
                 "frequency",
                 all};
  }
  return std::nullopt;
}

}  // namespace

void read_format1(ByteSource& source, const ReadOptions& options, Tables& tables,
                  Recorder& recorder, CaptureFacts& facts) {
  GenerationFacts& g = facts.generations.emplace_back();
  g.number = 1;
  g.offset = source.offset();
  v1::Capture capture;
  v1::parse(source, options, tables, facts, capture);
  g.bytes = source.offset() - g.offset;
  g.batches = capture.batches;
  g.strings = static_cast<uint32_t>(capture.strings.size());
  g.stacks = static_cast<uint32_t>(capture.stacks.size());
  g.cpu_samples = capture.samples;

  auto fault = hopeless(capture, source.offset());
  if (fault || (options.strict && (capture.fault || !facts.faults.empty()))) {
    // A fault of another kind is in the list already.
    if (fault || capture.fault) facts.faults.push_back(fault ? *fault : *capture.fault);
    g.complete = false;
    source.release();
    return;
  }
  const uint64_t before = recorder.events();
  recorder.sync(-1, 1, 1);
  g.begin = recorder.last_time();
  v1::Converter converter(capture, tables, recorder);
  const std::optional<Fault> order_fault = v1::Merge(capture, converter, recorder).run();
  converter.forget_unexplained();

  std::optional<Fault> load_fault = capture.fault;
  if (const uint64_t missing = converter.missing_stacks(); missing > 0) {
    const std::string lost = counted(missing, "stack") + " that events refer to";
    if (!load_fault)
      load_fault = Fault{FaultKind::kTruncated, "the file ends before all stacks were written",
                         source.offset()};
    load_fault->lost = lost;
  }
  if (load_fault) facts.faults.push_back(*load_fault);
  if (order_fault) facts.faults.push_back(*order_fault);
  g.complete = facts.faults.empty();
  g.events = recorder.events() - before;
  g.end = recorder.last_time();
  g.threads = static_cast<uint32_t>(tables.thread_count());
  source.release();
}

}  // namespace tracetool
