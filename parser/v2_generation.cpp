#include "parser/v2_generation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "parser/v2_walk.h"
#include "parser/varint.h"

namespace tracetool {
namespace {

/// More than any real generation has; what is beyond is damage or an attack. Tables take several
/// times their bytes in memory.
constexpr uint64_t kMostGenerationBytes = uint64_t{1} << 30;
constexpr uint64_t kMostTableBytes = uint64_t{256} << 20;
constexpr uint64_t kMostBatches = uint64_t{1} << 22;

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

Clock::Clock(uint64_t frequency) {
  // Exactly this association: other ones differ in the last bit.
  factor_ = 1.0 / (static_cast<double>(frequency) / 1e9);
  if (factor_ == std::floor(factor_) && factor_ < 65536) {
    whole_ = static_cast<uint64_t>(factor_);
    exact_below_ = (uint64_t{1} << 44) / std::max<uint64_t>(whole_, 1);
  }
}

class Generation::Fields {
 public:
  Fields(const BatchHeader& batch, uint64_t skip)
      : p_(batch.body.data() + skip),
        end_(batch.body.data() + batch.body.size()),
        start_(batch.body.data()),
        record_(p_),
        offset_(batch.body_offset),
        generation_(batch.generation) {}

  /// Is there another record?
  bool more() {
    if (p_ == end_ || fault_) return false;
    record_ = p_;
    return true;
  }
  bool ok() const { return !fault_; }
  std::optional<Fault>& fault() { return fault_; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }
  /// Bytes from the damaged record on.
  size_t lost() const { return static_cast<size_t>(end_ - record_); }
  uint64_t offset() const { return offset_ + static_cast<uint64_t>(p_ - start_); }

  uint8_t byte() { return p_ == end_ ? uint8_t{0} : *p_++; }
  uint64_t varint(WireType event, const char* field) {
    if (fault_) return 0;
    const uint8_t* const at = p_;
    VarintError error = VarintError::kNone;
    const uint64_t value = varint_checked(p_, end_, error);
    if (error == VarintError::kNone) return value;
    p_ = at;
    fail(event, field,
         error == VarintError::kShort ? "varint runs past the end of its batch"
                                      : "varint is longer than 64 bits");
    return 0;
  }
  std::span<const uint8_t> bytes(uint64_t n) {
    const std::span<const uint8_t> out(p_, static_cast<size_t>(n));
    p_ += n;
    return out;
  }
  void fail(WireType event, const char* field, std::string message) {
    if (fault_) return;
    fault_ = Fault{.kind = FaultKind::kMalformed,
                   .message = std::move(message),
                   .offset = offset(),
                   .generation = generation_,
                   .event = std::string(wire_spec(event).name),
                   .field = field};
  }

 private:
  const uint8_t *p_, *end_, *start_, *record_;
  uint64_t offset_, generation_;
  std::optional<Fault> fault_;
};

void Generation::clear() {
  damaged_ = seen_ = last_ = false;
  clock_ = {};
  frequency_ = min_time_ = table_bytes_ = 0;
  snapshot_.reset();
  batches_.clear();
  for (const ThreadStream& t : threads_) thread_of_[t.m] = 0;
  threads_.clear();
  strings_.clear();
  stacks_.clear();
  string_ids_.assign(1, 0);
  stack_ids_.assign(1, 0);
  raw_stacks_.clear();
  raw_frames_.clear();
  samples_.clear();
  partial_stacks_.clear();
  content_loss_ = {};
  facts_ = {};
}

bool Generation::read_batch(ByteSource& source, BatchHeader& header, std::optional<Fault>& fault) {
  constexpr size_t kMostHeader = 2 + 4 * 10;
  const std::span<const uint8_t> bytes = source.look(kMostHeader);
  header.offset = source.offset();
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + bytes.size();
  const auto fail = [&](FaultKind kind, std::string message, const char* field) {
    fault = Fault{.kind = kind,
                  .message = std::move(message),
                  .offset = header.offset,
                  .generation = seen_ ? std::optional(number_) : std::nullopt,
                  .event = std::string(wire_spec(header.type).name),
                  .field = field};
    return false;
  };
  header.type = *p++;
  if (header.type != kWireBatch && header.type != kWireExperimentalBatch) {
    const int type = header.type;
    header.type = 0;
    return fail(FaultKind::kMalformed,
                "a batch must begin here, but the byte is " + std::to_string(type), "");
  }
  header.experiment = 0;
  if (header.type == kWireExperimentalBatch) {
    if (p == end) return fail(FaultKind::kTruncated, "the input ends inside a batch header", "exp");
    header.experiment = *p++;
  }
  const struct {
    uint64_t* value;
    const char* name;
  } fields[] = {{&header.generation, "gen"},
                {&header.m, "m"},
                {&header.time, "time"},
                {&header.size, "size"}};
  for (const auto& field : fields) {
    VarintError error = VarintError::kNone;
    *field.value = varint_checked(p, end, error);
    if (error == VarintError::kShort)
      return fail(FaultKind::kTruncated, "the input ends inside a batch header", field.name);
    if (error == VarintError::kTooLong)
      return fail(FaultKind::kMalformed, "varint is longer than 64 bits", field.name);
  }
  if (header.size > kMostBatchBytes)
    return fail(FaultKind::kMalformed,
                "batch of " + std::to_string(header.size) + " bytes; at most 65,536 are legal",
                "size");
  const auto head = static_cast<size_t>(p - bytes.data());
  const std::span<const uint8_t> whole = source.look(head + header.size);
  if (whole.size() < head + header.size) {
    fail(FaultKind::kTruncated,
         "the input ends inside a batch of " + std::to_string(header.size) + " bytes, " +
             std::to_string(whole.size() - head) + " of which are there",
         "");
    if (header.type == kWireBatch) {
      count_record(kWireBatch, head);
      fault->lost.add_events(walk_batch(whole.subspan(head), counts_).events);
    }
    return false;
  }
  header.body = whole.subspan(head, static_cast<size_t>(header.size));
  header.body_offset = header.offset + head;
  return true;
}

Generation::Loaded Generation::load(ByteSource& source, std::optional<Fault>& framing,
                                    std::optional<Fault>& content) {
  Loaded loaded = load_batches(source, framing, content);
  if (content) content->lost = content_loss_;
  if (loaded == Loaded::kYes && !finish(framing ? framing : content)) loaded = Loaded::kNo;
  std::optional<Fault>& fault = framing ? framing : content;
  if (loaded == Loaded::kNo && fault && facts_.batches != 0) {
    fault->lost.add_events(count_events());
    fault->lost.add_bytes(facts_.bytes);
    fault->lost.add_batches(facts_.batches);
    if (fault->lost.whole.empty()) fault->lost.whole = "the whole generation";
  }
  return loaded;
}

uint64_t Generation::count_events() const {
  uint64_t events = samples_.size();
  for (const BatchRef& batch : batches_) events += walk_batch({batch.data, batch.size}).events;
  return events;
}

Generation::Loaded Generation::load_batches(ByteSource& source, std::optional<Fault>& framing,
                                            std::optional<Fault>& content) {
  clear();
  source.release();
  facts_.offset = source.offset();
  const bool marked = version_ >= 26;
  for (;;) {
    const std::span<const uint8_t> head = source.look(1);
    if (head.empty()) {
      last_ = true;
      framing = source.fault();
      if (framing) {
        framing->offset = source.offset();
        if (seen_) framing->generation = number_;
        break;
      }
      if (!seen_) {
        // Only the end marks of 1.26 make a header alone a whole trace.
        if (!marked) {
          framing = Fault{.kind = FaultKind::kTruncated,
                          .message = "the input ends behind the header of the trace",
                          .offset = source.offset()};
        }
        return Loaded::kEnd;
      }
      if (marked) {
        framing = Fault{.kind = FaultKind::kTruncated,
                        .message = "the input ends before the end of this generation",
                        .offset = source.offset(),
                        .generation = number_};
      }
      break;
    }
    if (marked && head[0] == kWireEndOfGeneration) {
      source.advance(1);
      count_record(kWireEndOfGeneration, 1);
      if (!seen_) {
        framing = Fault{.kind = FaultKind::kMalformed,
                        .message = "an end of generation without a generation",
                        .offset = source.offset() - 1};
        return Loaded::kNo;
      }
      break;
    }
    BatchHeader batch;
    if (!read_batch(source, batch, framing)) {
      if (const auto cause = source.fault()) framing->message += ": " + cause->message;
      last_ = true;
      break;
    }
    if (batch.generation == 0) {
      framing = Fault{.kind = FaultKind::kMalformed,
                      .message = "generation 0 does not exist",
                      .offset = batch.offset,
                      .event = "EventBatch",
                      .field = "gen"};
      last_ = true;
      break;
    }
    if (!seen_) {
      number_ = facts_.number = batch.generation;
      seen_ = true;
    } else if (batch.generation != number_) {
      // Without an end marker the next generation's first batch tells; it stays unread.
      if (!marked && batch.generation == number_ + 1) break;
      framing = Fault{.kind = FaultKind::kMalformed,
                      .message = "a batch of generation " + std::to_string(batch.generation) +
                                 " inside generation " + std::to_string(number_),
                      .offset = batch.offset,
                      .generation = number_,
                      .event = "EventBatch",
                      .field = "gen"};
      framing->lost.rest = "the end of this generation, if it had more";
      break;
    }
    const uint64_t size = batch.body_offset - batch.offset + batch.size;
    if (const char* much = too_much(size)) {
      framing = Fault{.kind = FaultKind::kMalformed,
                      .message = much,
                      .offset = batch.offset,
                      .generation = number_};
      last_ = true;
      return Loaded::kNo;
    }
    facts_.bytes += size;
    ++facts_.batches;
    if (counts_ != nullptr) count_batch(batch);
    if (batch.time != 0 && (min_time_ == 0 || batch.time < min_time_)) min_time_ = batch.time;
    const bool added = add_batch(batch, content);
    source.advance(static_cast<size_t>(size));
    // A damaged table section is only that: framing still holds.
    if (!added) damaged_ = true;
  }
  if (!seen_) return Loaded::kNo;
  if (framing || content) damaged_ = true;
  facts_.complete = !damaged_;
  return Loaded::kYes;
}

const char* Generation::too_much(uint64_t size) const {
  if (facts_.bytes + size > kMostGenerationBytes) return "a generation of more than 1 GiB";
  if (facts_.batches >= kMostBatches) return "a generation of more than 4,194,304 batches";
  if (table_bytes_ > kMostTableBytes) return "a generation with more than 256 MiB of tables";
  return nullptr;
}

void Generation::count_batch(const BatchHeader& batch) {
  const auto head = static_cast<size_t>(batch.body_offset - batch.offset);
  const bool opaque = batch.type == kWireExperimentalBatch;
  count_record(static_cast<WireType>(batch.type), head + (opaque ? batch.body.size() : 0));
  if (!opaque) walk_batch(batch.body, counts_);
}

bool Generation::add_batch(const BatchHeader& batch, std::optional<Fault>& fault) {
  if (batch.type == kWireExperimentalBatch) {
    facts_.experimental_bytes += batch.size;
    return true;
  }
  const uint8_t kind = batch.body.empty() ? uint8_t{0} : batch.body[0];
  const bool lone_frequency = version_ < 25 && kind == kWireFrequency;
  Fields in(batch, lone_frequency ? 0 : 1);
  bool ok;
  if (kind == kWireStrings) {
    ok = add_strings(in);
  } else if (kind == kWireStacks) {
    ok = add_stacks(in);
  } else if (kind == kWireCpuSamples) {
    ok = add_samples(in);
  } else if (lone_frequency || (version_ >= 25 && kind == kWireSync)) {
    ok = add_sync(in, batch.time);
  } else {
    return add_thread_batch(batch, fault);
  }
  table_bytes_ += batch.size;
  if (!ok) {
    if (!fault) fault = in.fault();
    content_loss_.add_bytes(in.lost());
  }
  return ok;
}

bool Generation::add_thread_batch(const BatchHeader& batch, std::optional<Fault>& fault) {
  const auto id = static_cast<int64_t>(batch.m);
  const ThreadIndex m = tables_.intern_thread(id);
  if (m == kNoThread && id != -1) {
    if (!fault) {
      fault = Fault{.kind = FaultKind::kUnsupported,
                    .message = "more than 65,535 threads",
                    .offset = batch.offset,
                    .generation = number_,
                    .thread = id};
    }
    content_loss_.add_events(walk_batch(batch.body).events);
    content_loss_.add_batches(1);
    content_loss_.add_bytes(batch.size);
    return false;
  }
  if (m >= thread_of_.size()) thread_of_.resize(size_t{m} + 1);
  if (batch.body.empty()) return true;
  const auto index = static_cast<uint32_t>(batches_.size());
  batches_.push_back({batch.body.data(), static_cast<uint32_t>(batch.size), kNoBatch, batch.time,
                      batch.body_offset});
  if (thread_of_[m] == 0) {
    threads_.push_back({m, index, index});
    thread_of_[m] = static_cast<uint32_t>(threads_.size());
  } else {
    ThreadStream& stream = threads_[thread_of_[m] - 1];
    batches_[stream.last].next = index;
    stream.last = index;
  }
  return true;
}

bool Generation::add_strings(Fields& in) {
  while (in.more()) {
    if (in.byte() != kWireString) {
      in.fail(kWireStrings, "", "a String must begin here");
      break;
    }
    const uint64_t id = in.varint(kWireString, "id");
    const uint64_t length = in.varint(kWireString, "len");
    if (!in.ok()) break;
    if (length > kMostStringBytes || length > in.left()) {
      in.fail(kWireString, "len",
              length > in.left()
                  ? "string runs past the end of its batch"
                  : "string of " + std::to_string(length) + " bytes; at most 1,024 are legal");
      break;
    }
    const auto bytes = in.bytes(length);
    if (id == 0 || !strings_.add(id, {bytes.data(), static_cast<uint32_t>(length)})) {
      in.fail(
          kWireString, "id",
          id == 0 ? "string 0 is reserved" : "string " + std::to_string(id) + " is defined twice");
      break;
    }
  }
  return in.ok();
}

bool Generation::add_stacks(Fields& in) {
  while (in.more()) {
    const uint64_t offset = in.offset();
    if (in.byte() != kWireStack) {
      in.fail(kWireStacks, "", "a Stack must begin here");
      break;
    }
    const uint64_t id = in.varint(kWireStack, "id");
    const uint64_t n = in.varint(kWireStack, "nframes");
    if (!in.ok()) break;
    if (n > kMostFrames) {
      in.fail(kWireStack, "nframes",
              "stack of " + std::to_string(n) + " frames; at most 128 are legal");
      break;
    }
    const auto first = static_cast<uint32_t>(raw_frames_.size());
    for (uint64_t i = 0; i < n && in.ok(); ++i) {
      RawFrame& f = raw_frames_.emplace_back();
      f.pc = in.varint(kWireStack, "pc");
      f.function = in.varint(kWireStack, "func");
      f.file = in.varint(kWireStack, "file");
      f.line = in.varint(kWireStack, "line");
    }
    if (!in.ok()) break;
    if (id == 0 || !stacks_.add(id, 0)) {
      in.fail(
          kWireStack, "id",
          id == 0 ? "stack 0 is reserved" : "stack " + std::to_string(id) + " is defined twice");
      break;
    }
    raw_stacks_.push_back({id, first, static_cast<uint32_t>(n), offset});
  }
  return in.ok();
}

bool Generation::add_samples(Fields& in) {
  while (in.more()) {
    if (in.byte() != kWireCpuSample) {
      in.fail(kWireCpuSamples, "", "a CPUSample must begin here");
      break;
    }
    CpuSample s{};
    s.time = static_cast<int64_t>(in.varint(kWireCpuSample, "time"));  // units until finish()
    const auto m = static_cast<int64_t>(in.varint(kWireCpuSample, "m"));
    const auto p = static_cast<int64_t>(in.varint(kWireCpuSample, "p"));
    s.g = in.varint(kWireCpuSample, "g");
    s.stack = in.varint(kWireCpuSample, "stack");
    if (!in.ok()) break;
    if (p < -1 || p >= kMaxProcs) {
      in.fail(kWireCpuSample, "p", "proc " + std::to_string(p) + " is out of range");
      break;
    }
    s.m = tables_.intern_thread(m);
    s.p = p == -1 ? kNoProc : static_cast<ProcIndex>(p);
    samples_.push_back(s);
  }
  return in.ok();
}

bool Generation::add_sync(Fields& in, uint64_t batch_time) {
  while (in.more()) {
    const uint8_t type = in.byte();
    if (type == kWireFrequency) {
      const uint64_t frequency = in.varint(kWireFrequency, "freq");
      if (!in.ok()) break;
      if (frequency == 0 || frequency_ != 0) {
        in.fail(kWireFrequency, "freq",
                frequency == 0 ? "a clock of 0 Hz" : "a second frequency in one generation");
        break;
      }
      frequency_ = frequency;
    } else if (type == kWireClockSnapshot && version_ >= 25) {
      RawClock raw{};
      raw.units = batch_time + in.varint(kWireClockSnapshot, "dt");
      raw.mono = in.varint(kWireClockSnapshot, "mono");
      raw.sec = in.varint(kWireClockSnapshot, "sec");
      raw.nsec = in.varint(kWireClockSnapshot, "nsec");
      if (!in.ok()) break;
      if (snapshot_) {
        in.fail(kWireClockSnapshot, "", "a second clock snapshot in one generation");
        break;
      }
      snapshot_ = raw;
    } else {
      in.fail(kWireSync, "", "byte " + std::to_string(type) + " does not belong into a sync batch");
    }
  }
  return in.ok();
}

bool Generation::finish(std::optional<Fault>& fault) {
  const auto complain = [&](FaultKind kind, std::string message) {
    if (!fault) fault = Fault{.kind = kind, .message = std::move(message), .generation = number_};
    damaged_ = true;
  };
  if (frequency_ == 0) {
    // It never changes within a process, so an earlier generation's will do.
    complain(FaultKind::kMalformed, "the generation has no clock frequency");
    if (last_frequency_ == 0) {
      fault->lost.whole = "the whole generation, as its times are unknown";
      return false;
    }
    if (fault->lost.empty()) fault->lost.rest = "nothing, as the generation before has it";
    frequency_ = last_frequency_;
  }
  if (version_ >= 25 && !snapshot_) {
    const bool first = !fault;
    complain(FaultKind::kMalformed, "the generation has no clock snapshot");
    if (first) fault->lost.rest = "the time of day of this generation";
  }
  clock_ = Clock(frequency_);
  last_frequency_ = frequency_;
  if (snapshot_) {
    facts_.clock = ClockSnapshot{clock_.ns(snapshot_->units), snapshot_->mono, snapshot_->sec,
                                 snapshot_->nsec};
  }
  if (clock_.ns(min_time_) >= Clock::kTimeLimit) {
    complain(FaultKind::kMalformed, "times are out of range");
    return false;
  }
  if (!resolve_stacks(fault)) damaged_ = true;
  for (CpuSample& s : samples_) s.time = clock_.ns(static_cast<uint64_t>(s.time));
  std::ranges::stable_sort(samples_, {}, &CpuSample::time);
  facts_.strings = static_cast<uint32_t>(strings_.count());
  facts_.stacks = static_cast<uint32_t>(stacks_.count());
  facts_.cpu_samples = samples_.size();
  facts_.complete = !damaged_;
  if (!damaged_) remember_registered();
  return true;
}

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
        if (frame.function == kDangling) frame.function = tables_.intern("(lost)");
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
  if (wire_id < kSmallId) {
    if (wire_id >= string_ids_.size()) string_ids_.resize(wire_id + 1, kDangling);
    string_ids_[wire_id] = id;
  }
  return id;
}

StackId Generation::find_stack(uint64_t wire_id) {
  if (wire_id == 0) return 0;
  const StackId* s = stacks_.find(wire_id);
  if (s == nullptr || std::ranges::binary_search(partial_stacks_, wire_id)) return kDangling;
  if (wire_id < kSmallId) {
    if (wire_id >= stack_ids_.size()) stack_ids_.resize(wire_id + 1, kDangling);
    stack_ids_[wire_id] = *s;
  }
  return *s;
}

StackId Generation::partial_stack(uint64_t wire_id) {
  const StackId* s = stacks_.find(wire_id);
  return s == nullptr ? 0 : *s;
}

}  // namespace tracetool
