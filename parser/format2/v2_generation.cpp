#include "parser/format2/v2_generation.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "parser/format2/v2_fields.h"
#include "parser/format2/v2_walk.h"
#include "parser/input/further_trace.h"
#include "parser/model/wire_version.h"

namespace tracetool {

/// Bytes of memory for each byte of a table section, at most.
constexpr uint64_t kTableMemory = 8;

/// Units per second wherever the system has a precise monotonic clock.
constexpr uint64_t kUsualFrequency = 15'625'000;

Clock::Clock(uint64_t frequency, uint64_t ticks) {
  // Exactly this association: other ones differ in the last bit.
  factor_ = 1.0 / (static_cast<double>(frequency) / static_cast<double>(ticks) / 1e9);
  if (factor_ == std::floor(factor_) && factor_ < 65536) {
    whole_ = static_cast<uint64_t>(factor_);
    exact_below_ = (uint64_t{1} << 44) / std::max<uint64_t>(whole_, 1);
  }
}

void Generation::clear() {
  damaged_ = seen_ = last_ = false;
  clock_ = {};
  frequency_ = min_time_ = max_time_ = table_bytes_ = 0;
  snapshot_.reset();
  batches_.clear();
  for (const ThreadStream& t : threads_) thread_of_[t.m] = 0;
  threads_.clear();
  strings_.clear();
  stacks_.clear();
  object_types_.clear();
  heap_units_ = {};
  string_ids_.clear();
  stack_ids_.clear();
  raw_stacks_.clear();
  raw_frames_.clear();
  samples_.clear();
  partial_stacks_.clear();
  content_loss_ = {};
  stray_samples_ = 0;
  facts_ = {};
}

bool Generation::read_batch(ByteSource& source, BatchHeader& header, std::optional<Fault>& fault) {
  constexpr size_t kMostHeader = 2 + 4 * 10;
  const std::span<const uint8_t> bytes = source.look(kMostHeader);
  header.offset = header.body_offset = source.offset();
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
  header.body_offset = header.offset + head;
  const std::span<const uint8_t> whole = source.look(head + header.size);
  if (whole.size() < head + header.size) {
    fail(FaultKind::kTruncated,
         "the input ends inside a batch of " + std::to_string(header.size) + " bytes, " +
             std::to_string(whole.size() - head) + " of which are there",
         "");
    if (header.type == kWireBatch && find_trace(whole) == kNowhere) {
      count_record(kWireBatch, head);
      fault->lost.add_events(walk_batch(whole.subspan(head), counts_).events);
    }
    return false;
  }
  header.body = whole.subspan(head, static_cast<size_t>(header.size));
  return true;
}

/// Whether what lies `size` bytes ahead can be what follows a batch.
bool Generation::can_follow(ByteSource& source, size_t size) const {
  constexpr size_t kSeen = 1 + 10;
  const std::span<const uint8_t> sight = source.look(size + kSeen);
  if (sight.size() <= size) return true;
  const uint8_t type = sight[size];
  if (type == kWireExperimentalBatch || (version_ >= 26 && type == kWireEndOfGeneration))
    return true;
  if (type == 'g') return begins_trace(source.look(size + kHeaderBytes).subspan(size));
  if (type != kWireBatch) return false;
  const uint8_t* p = sight.data() + size + 1;
  VarintError error = VarintError::kNone;
  const uint64_t number = varint_checked(p, sight.data() + sight.size(), error);
  return error == VarintError::kShort || (error == VarintError::kNone && number - number_ <= 1);
}

/// Of a batch that cannot be, or that something follows which cannot: whether it was cut and
/// another trace begins within it. Then reading stands there.
bool Generation::cut_by_trace(ByteSource& source, const BatchHeader& batch,
                              std::optional<Fault>& fault) {
  constexpr size_t kMostHeader = 64;
  const size_t head = static_cast<size_t>(batch.body_offset - batch.offset);
  const bool sized = head != 0 && batch.size <= kMostBatchBytes;
  const size_t most = kHeaderBytes + (sized ? head + static_cast<size_t>(batch.size) : kMostHeader);
  std::span<const uint8_t> sight = source.look(most);
  sight = sight.first(std::min(sight.size(), most));
  const size_t at = find_trace(sight);
  if (at == kNowhere) return false;
  fault = Fault{.kind = FaultKind::kTruncated,
                .message = "another trace begins inside a batch, whose end is missing",
                .offset = batch.offset,
                .generation = seen_ ? std::optional(number_) : std::nullopt,
                .event = std::string(wire_spec(batch.type).name)};
  if (batch.type == kWireBatch && head != 0 && head < at) {
    count_record(kWireBatch, head);
    fault->lost.add_events(walk_batch(sight.subspan(head, at - head), counts_).events);
  }
  fault->lost.add_bytes(at);
  source.advance(at);
  return last_ = true;
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
    if (head.empty() || (head[0] == 'g' && begins_trace(source.look(kHeaderBytes)))) {
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
      if (marked || unfinished()) {
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
    BatchHeader batch{};
    if (!read_batch(source, batch, framing)) {
      if (cut_by_trace(source, batch, framing)) break;
      if (const auto cause = source.fault()) framing->message += ": " + cause->message;
      last_ = true;
      break;
    }
    const uint64_t size = batch.body_offset - batch.offset + batch.size;
    const bool expected = seen_ ? batch.generation - number_ <= 1 : batch.generation != 0;
    if (!seen_) number_ = batch.generation;
    // What follows may be right by chance: the first batch of that trace.
    const bool text = !batch.body.empty() && batch.body[0] == kWireStrings;
    const bool headed =
        !text && batch.size >= kHeaderBytes && begins_trace(batch.body.last(kHeaderBytes));
    if ((!expected || headed || !can_follow(source, static_cast<size_t>(size))) &&
        cut_by_trace(source, batch, framing))
      break;
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
    if (std::string much = too_much(size); !much.empty()) {
      framing = Fault{.kind = lacks_memory(size) ? FaultKind::kUnsupported : FaultKind::kMalformed,
                      .message = std::move(much),
                      .offset = batch.offset,
                      .generation = number_};
      last_ = true;
      break;
    }
    facts_.bytes += size;
    ++facts_.batches;
    if (counts_ != nullptr) count_batch(batch);
    if (batch.time != 0 && (min_time_ == 0 || batch.time < min_time_)) min_time_ = batch.time;
    max_time_ = std::max(max_time_, batch.time);
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

/// Whether a generation without an end mark lacks what comes last in each: its frequency before
/// 1.25, and its strings, as some are in every generation.
bool Generation::unfinished() const {
  if (strings_.count() != 0) return false;
  return version_ < 25 ? frequency_ == 0 : threads_.empty();
}

bool Generation::lacks_memory(uint64_t more) const {
  const MemoryBudget* budget = tables_.budget();
  return budget != nullptr && budget->lacks(facts_.bytes + more + kTableMemory * table_bytes_ +
                                            sizeof(BatchRef) * facts_.batches);
}

std::string Generation::too_much(uint64_t size) const {
  if (lacks_memory(size)) return no_memory_for("this generation", *tables_.budget());
  if (facts_.bytes + size > limits_.generation_bytes)
    return "a generation of more than " + std::to_string(limits_.generation_bytes) + " bytes";
  if (facts_.batches >= limits_.generation_batches)
    return "a generation of more than " + std::to_string(limits_.generation_batches) + " batches";
  if (table_bytes_ > limits_.generation_table_bytes) {
    return "a generation with more than " + std::to_string(limits_.generation_table_bytes) +
           " bytes of tables";
  }
  return "";
}

void Generation::count_batch(const BatchHeader& batch) {
  const auto head = static_cast<size_t>(batch.body_offset - batch.offset);
  const bool opaque = batch.type == kWireExperimentalBatch;
  count_record(static_cast<WireType>(batch.type), head + (opaque ? batch.body.size() : 0));
  if (!opaque) walk_batch(batch.body, counts_);
}

bool Generation::add_batch(const BatchHeader& batch, std::optional<Fault>& fault) {
  const uint8_t kind = batch.body.empty() ? uint8_t{0} : batch.body[0];
  const bool experimental = batch.type == kWireExperimentalBatch;
  if (experimental) {
    facts_.experimental_bytes += batch.size;
    // What other experiments write is not known.
    const bool known = batch.experiment == kAllocFreeExperiment && kind <= kAllocFreeInfo;
    if (batch.body.empty() || !known) return true;
  }
  const bool lone_frequency = version_ < 25 && kind == kWireFrequency && !experimental;
  Fields in(batch, lone_frequency ? 0 : 1);
  bool ok;
  if (experimental) {
    ok = kind == kAllocFreeTypes ? add_object_types(in) : add_heap_units(in);
  } else if (kind == kWireStrings) {
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

bool Generation::finish(std::optional<Fault>& fault) {
  const auto complain = [&](FaultKind kind, std::string message) {
    if (!fault) fault = Fault{.kind = kind, .message = std::move(message), .generation = number_};
    damaged_ = true;
  };
  if (frequency_ == 0) {
    // It never changes within a process, so an earlier generation's will do.
    const bool first = !fault;
    complain(FaultKind::kMalformed, "the generation has no clock frequency");
    if (last_frequency_ == 0 && (!last_ || version_ >= 25)) {
      fault->lost.whole = "the whole generation, as its times are unknown";
      return false;
    }
    if (last_frequency_ == 0) {
      // Before 1.25 it may be written when the generation ends: a capture cut in its first one has
      // none, and no later one can contradict what is assumed.
      frequency_ = kUsualFrequency;
      if (!fault->lost.rest.empty()) fault->lost.rest += "; ";
      fault->lost.rest += "the unit of time, for which 64 ns are assumed as on most systems";
    } else {
      if (first) fault->lost.rest = "nothing, as the generation before has it";
      frequency_ = last_frequency_;
    }
  }
  if (version_ >= 25 && !snapshot_) {
    const bool first = !fault;
    complain(FaultKind::kMalformed, "the generation has no clock snapshot");
    if (first) fault->lost.rest = "the time of day of this generation";
  }
  judge_.see(version_, frequency_, max_time_ - min_time_);
  clock_ = Clock(frequency_, judge_.ticks());
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
  const int64_t earliest = min_time() - kMostStray;
  stray_samples_ = std::erase_if(samples_, [earliest](const CpuSample& s) {
    return s.time < earliest || s.time >= Clock::kTimeLimit;
  });
  std::ranges::stable_sort(samples_, {}, &CpuSample::time);
  facts_.strings = static_cast<uint32_t>(strings_.count());
  facts_.stacks = static_cast<uint32_t>(stacks_.count());
  facts_.cpu_samples = samples_.size();
  facts_.complete = !damaged_;
  if (!damaged_) remember_registered();
  return true;
}

}  // namespace tracetool
