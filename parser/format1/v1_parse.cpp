#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "parser/format1/v1_capture.h"
#include "parser/format1/v1_records.h"
#include "parser/input/further_trace.h"
#include "parser/model/wire_version.h"
#include "parser/record/annotations.h"
#include "parser/wire/varint.h"

namespace tracetool::v1 {
namespace {

constexpr uint64_t kMostLength = 64 << 10;  // bytes of a length-prefixed record
constexpr uint64_t kMostFrames = 1000;
constexpr size_t kWide = kMostLength + 64;  // what decides whether a bad record was cut
constexpr std::ptrdiff_t kMostKept = 48;    // bytes, of records without a length

class Parser {
 public:
  Parser(ByteSource& source, const ReadOptions& options, Tables& tables, CaptureFacts& facts,
         Capture& out)
      : source_(source), options_(options), tables_(tables), facts_(facts), out_(out) {}

  void run();

 private:
  enum class Got : uint8_t { kRecord, kShort, kBad };

  bool skip_plain(const uint8_t* p, const uint8_t* end);
  Got record(const uint8_t* p, const uint8_t* end);
  Got string(const uint8_t* p, const uint8_t* end);
  Got stack(const uint8_t* p, const uint8_t* end, bool prefixed);
  Got take();
  Got batch();
  Got values(const uint8_t*& p, const uint8_t* end, int count);
  void close_segment(const uint8_t* end);
  bool take_memory();
  size_t cut_by_trace(Got got, const uint8_t* end);
  void undo();
  Got judge_text(const uint8_t* end);
  void intern_stacks();

  Got bad(std::string why, const char* field = nullptr) {
    why_ = std::move(why);
    field_ = field == nullptr ? "" : field;
    return Got::kBad;
  }
  Got bad_varint(VarintError error, const char* field) {
    return error == VarintError::kShort ? Got::kShort
                                        : bad("a varint is longer than 64 bits", field);
  }
  Fault fault_here(FaultKind kind, std::string message) {
    return {kind,
            std::move(message),
            base_ + static_cast<uint64_t>(at_ - span_begin_),
            {},
            {},
            wire_spec(type_).name,
            field_};
  }

  ByteSource& source_;
  const ReadOptions& options_;
  Tables& tables_;
  CaptureFacts& facts_;
  Capture& out_;

  const uint8_t* span_begin_ = nullptr;  // of the bytes in sight, which are at file offset base_
  uint64_t base_ = 0;
  const uint8_t* at_ = nullptr;      // the record that is read
  const uint8_t* next_ = nullptr;    // the one behind it
  const uint8_t* before_ = nullptr;  // the one before it, if it is in sight as well
  bool all_in_sight_ = false;        // up to the end of the input
  uint8_t type_ = 0;
  uint64_t values_[kMostValues] = {};

  uint32_t stream_ = kNoSegment;            // index of the stream that the batch belongs to
  uint64_t ticks_ = 0;                      // of the last record
  const uint8_t* segment_begin_ = nullptr;  // nullptr before the first batch
  uint64_t segment_offset_ = 0;
  uint64_t segment_ticks_ = 0;
  uint64_t segment_events_ = 0;
  std::vector<uint32_t> stream_of_;  // by P number
  uint32_t stream_of_none_ = kNoSegment;
  std::vector<const uint8_t*> stacks_;  // records; strings that they use may follow

  Layout plain_ =
      {};  // as Capture::layout for what skip_plain() may skip; 0 before the first batch

  const uint64_t begin_ = source_.offset();
  uint64_t taken_ = 0;  // of the memory that is allowed

  std::string why_, field_;
  bool told_duplicate_ = false;
};

void Parser::run() {
  size_t want = 1;
  size_t kept = 0;                    // bytes of the record before, which stays in sight
  const uint8_t* expected = nullptr;  // where the next bytes are if they are in the same piece
  for (;;) {
    const std::span<const uint8_t> span = source_.look(kept + want);
    span_begin_ = before_ = span.data();
    at_ = span_begin_ + kept;
    base_ = source_.offset();
    if (expected != at_) {
      if (expected != nullptr) close_segment(expected);
      if (segment_begin_ != nullptr) segment_begin_ = at_;
      segment_offset_ = base_ + kept;
      segment_ticks_ = ticks_;
    }
    const uint8_t* end = span_begin_ + span.size();
    if (at_ == end) {
      source_.advance(kept);
      break;
    }
    Got got = Got::kRecord;
    while (at_ != end && (skip_plain(at_, end) || (got = record(at_, end)) == Got::kRecord)) {
      if (options_.count_wire) {
        CaptureFacts::WireCount& count = facts_.wire[type_];
        ++count.events;
        count.bytes += static_cast<uint64_t>(next_ - at_);
      }
      before_ = at_;
      at_ = next_;
    }
    expected = at_;
    // A short one may turn out to have been cut.
    if (at_ - before_ > kMostKept) before_ = at_;
    kept = static_cast<size_t>(at_ - before_);
    source_.advance(static_cast<size_t>(before_ - span_begin_));
    const auto have = static_cast<size_t>(end - at_);
    want = 1;
    if (got != Got::kRecord) {
      // No record is longer than what look() can show: if there is no more, the file ends here.
      want = std::max(2 * have, got == Got::kBad ? kWide : kHeaderBytes);
      const std::span<const uint8_t> sight = source_.look(kept + want);
      const bool ends = sight.size() == kept + have;
      if (begins_trace(sight.subspan(kept))) {
        source_.advance(kept);
        break;
      }
      const bool more = !ends && (got == Got::kShort || have < kWide);
      if (!more && (got == Got::kBad || all_in_sight_)) {
        const size_t header = cut_by_trace(got, end);
        source_.advance(header == kNowhere ? kept : header);
        expected = at_;
        if (header == kNowhere && got == Got::kShort) field_.clear();
        if (header == kNowhere)
          out_.fault = got == Got::kBad
                           ? fault_here(FaultKind::kMalformed, std::move(why_))
                           : fault_here(FaultKind::kTruncated, "the file ends within a record");
        break;
      }
      all_in_sight_ = ends;
    }
    if (options_.progress) options_.progress(source_.offset());
    if (!take_memory()) break;
  }
  if (expected != nullptr) close_segment(expected);
  if (auto fault = source_.fault()) out_.fault = fault;
  std::ranges::stable_sort(out_.samples, {}, &Displaced::ticks);
  std::ranges::stable_sort(out_.exits, {},
                           [](const Displaced& d) { return std::pair(d.ticks, d.written); });
  std::ranges::sort(out_.timers);
  intern_stacks();
}

/// Behind a failure: where, from before_ on, another trace begins within the record there or the
/// one before it. That one was cut, and is undone.
size_t Parser::cut_by_trace(Got got, const uint8_t* end) {
  const uint8_t* stop = end;
  if (got == Got::kBad) {
    // As far as the record goes that cannot be, if that is known.
    const std::ptrdiff_t most = next_ > at_       ? next_ - at_
                                : type_ == kStack ? std::ptrdiff_t{kMostLength}
                                                  : kMostKept;
    stop = at_ + std::min<std::ptrdiff_t>(end - at_, most + std::ptrdiff_t{2 * kHeaderBytes});
  }
  const size_t header = find_trace({before_, stop});
  if (header == kNowhere) return header;
  if (before_ + header < at_) undo();
  field_.clear();
  out_.fault = fault_here(FaultKind::kTruncated,
                          "another trace begins inside a record, whose end is missing");
  return header;
}

/// Takes back the record before the one that is read.
void Parser::undo() {
  at_ = before_;
  type_ = *at_ & 63;
  switch (type_) {
    case kFrequency:
      out_.frequency.reset();
      return;
    case kTimerGoroutine:
      out_.timers.pop_back();
      return;
    case kCPUSample:
      out_.samples.pop_back();
      return;
    case kStack:
      stacks_.pop_back();
      return;
    case kString:
    case kBatch:
      return;
    default:
      if (!out_.exits.empty() && out_.exits.back().record == at_) out_.exits.pop_back();
      --segment_events_;
  }
}

/// Whether another trace begins within a record with a text, as what comes behind that contradicts
/// it. kShort if more has to be seen of it.
Parser::Got Parser::judge_text(const uint8_t* end) {
  constexpr int kLooks = 8;
  constexpr size_t kBehind = 512;
  const std::span<const uint8_t> whole(at_, end);
  const auto length = static_cast<size_t>(next_ - at_);
  const size_t most = length + kHeaderBytes - 1;  // one that begins within it
  if (whole.size() < most && !all_in_sight_) return Got::kShort;
  if (find_header(whole.first(std::min(whole.size(), most))) == kNowhere) return Got::kRecord;
  if (whole.size() - length < kBehind && !all_in_sight_) return Got::kShort;
  // However much more is in sight: what is read must not depend on it.
  const auto behind = whole.subspan(length, std::min(whole.size() - length, kBehind));
  if (can_be_records(out_.layout, behind, kLooks)) return Got::kRecord;
  if (find_trace(whole.first(std::min(whole.size(), length + kHeaderBytes))) == kNowhere)
    return Got::kRecord;
  return bad("a text that was cut");
}

/// Counts what has been added. False if that is too much.
bool Parser::take_memory() {
  MemoryBudget* const budget = tables_.budget();
  if (budget == nullptr) return true;
  constexpr uint64_t kIdBytes = 32;
  const uint64_t now = source_.offset() - begin_ + out_.segments.size() * sizeof(Segment) +
                       (out_.samples.size() + out_.exits.size()) * sizeof(Displaced) +
                       (out_.timers.size() + stacks_.size()) * sizeof(uint64_t) +
                       (out_.strings.size() + out_.stacks.size()) * kIdBytes;
  budget->take(now - taken_);
  taken_ = now;
  // An eighth is for the goroutines, tasks and regions of what was read.
  const uint64_t room = budget->most() / 8;
  if (!budget->lacks(room)) return true;
  // What is in sight is more than that by a piece of the input at most.
  budget->give(budget->used() - (budget->most() - room));
  field_.clear();
  out_.fault =
      Fault{.kind = FaultKind::kUnsupported,
            .message = no_memory_for("a capture of format 1, which is kept as a whole", *budget),
            .offset = source_.offset()};
  return false;
}

Parser::Got Parser::values(const uint8_t*& p, const uint8_t* end, int count) {
  VarintError error = VarintError::kNone;
  for (int i = 0; i < count; ++i) {
    values_[i] = varint_checked(p, end, error);
    if (error != VarintError::kNone) [[unlikely]] {
      const WireSpec& spec = wire_spec(type_);
      const bool delta = type_ != kBatch && type_ != kFrequency && type_ != kTimerGoroutine;
      return bad_varint(error, !delta   ? spec.fields[static_cast<size_t>(i)]
                               : i == 0 ? "ticks"
                                        : spec.fields[static_cast<size_t>(i) - 1]);
    }
  }
  return Got::kRecord;
}

/// The next record, if it is one of the many that only have to be counted and measured.
inline bool Parser::skip_plain(const uint8_t* p, const uint8_t* end) {
  if constexpr (std::endian::native != std::endian::little) return false;
  if (end - p < 16) return false;
  type_ = *p & 63;
  const int count = (*p++ >> 6) + 1;
  if (count != plain_[type_]) return false;
  // All values in eight bytes: find the end of the last one.
  uint64_t word;
  std::memcpy(&word, p, 8);
  uint64_t ends = ~word & 0x8080808080808080;
  for (int i = 1; i < count; ++i) ends &= ends - 1;
  if (ends == 0) return false;
  next_ = p + std::countr_zero(ends) / 8 + 1;
  ticks_ = later(ticks_, varint_trusted(p));
  ++segment_events_;
  return true;
}

Parser::Got Parser::record(const uint8_t* p, const uint8_t* end) {
  type_ = *p & 63;
  const int form = *p++ >> 6;
  const uint8_t count = out_.layout[type_];
  if (count == kOwnLayout) return type_ == kString ? string(p, end) : stack(p, end, form == 3);
  if (count == 0) [[unlikely]]
    return bad("type " + std::to_string(type_) + " is no event of this version");
  if (form == 3) {
    VarintError error = VarintError::kNone;
    const uint64_t length = varint_checked(p, end, error);
    if (error != VarintError::kNone) return bad_varint(error, "length");
    if (length > kMostLength)
      return bad("a record of " + std::to_string(length) + " bytes", "length");
    if (length > static_cast<uint64_t>(end - p)) return Got::kShort;
    const uint8_t* stop = p + length;
    const Got got = values(p, end, count);
    // Values that do not end where the length says are wrong even if more bytes were to come.
    if (got == Got::kBad) return got;
    if (got == Got::kShort || p != stop) return bad("its values do not fit its length", "length");
  } else {
    if (form + 1 != count)
      return bad("has " + std::to_string(form + 1) + " values instead of " + std::to_string(count));
    if (const Got got = values(p, end, count); got != Got::kRecord) return got;
  }
  if (type_ == kUserLog) {
    VarintError error = VarintError::kNone;
    const uint64_t length = varint_checked(p, end, error);
    if (error != VarintError::kNone) return bad_varint(error, "message");
    if (length > kMostText)
      return bad("a message of " + std::to_string(length) + " bytes", "message");
    if (length > static_cast<uint64_t>(end - p)) return Got::kShort;
    next_ = p + length;
    if (const Got got = judge_text(end); got != Got::kRecord) return got;
    p = next_;
  }
  next_ = p;
  return take();
}

/// Takes note of a well-formed record.
Parser::Got Parser::take() {
  switch (type_) {
    case kBatch:
      return batch();
    case kFrequency:
      out_.frequency = values_[0];
      return Got::kRecord;
    case kTimerGoroutine:
      out_.timers.push_back(values_[0]);
      return Got::kRecord;
    case kCPUSample:
      out_.samples.push_back({values_[1], 0, at_});
      return Got::kRecord;
    default:
      break;
  }
  if (segment_begin_ == nullptr) [[unlikely]]
    return bad("an event before the first batch");
  ticks_ = later(ticks_, values_[0]);
  ++segment_events_;
  if (type_ == kGoSysExit || type_ == kGoSysExitLocal) {
    // It is written behind the end: what is later than that is a lie.
    const uint64_t ts = values_[type_ == kGoSysExit ? 3 : 2];
    if (ts != 0 && ts < ticks_) out_.exits.push_back({ts, ticks_, at_});
  }
  return Got::kRecord;
}

Parser::Got Parser::batch() {
  const auto p = static_cast<int64_t>(values_[0]);
  if (p < -1 || p >= kMaxProcs)
    return bad("P " + std::to_string(values_[0]) + " is out of range", "p");
  close_segment(at_);
  if (out_.batches++ == 0) {
    for (uint8_t type = kGomaxprocs; type < kWireTypes; ++type)
      if (out_.layout[type] <= 3 && type != kTimerGoroutine && type != kGoSysExitLocal)
        plain_[type] = out_.layout[type];
  }
  if (p >= 0 && static_cast<size_t>(p) >= stream_of_.size())
    stream_of_.resize(static_cast<size_t>(p) + 1, kNoSegment);
  uint32_t& stream = p < 0 ? stream_of_none_ : stream_of_[static_cast<size_t>(p)];
  if (stream == kNoSegment) {
    stream = static_cast<uint32_t>(out_.streams.size());
    out_.streams.push_back({p < 0 ? kNoProc : static_cast<ProcIndex>(p), kNoSegment, kNoSegment});
  }
  stream_ = stream;
  segment_begin_ = next_;
  segment_offset_ = base_ + static_cast<uint64_t>(next_ - span_begin_);
  segment_ticks_ = ticks_ = values_[1];
  return Got::kRecord;
}

void Parser::close_segment(const uint8_t* end) {
  if (segment_events_ == 0) return;
  const auto index = static_cast<uint32_t>(out_.segments.size());
  out_.segments.push_back({segment_begin_, end, segment_offset_, segment_ticks_, kNoSegment});
  Stream& stream = out_.streams[stream_];
  (stream.first == kNoSegment ? stream.first : out_.segments[stream.last].next) = index;
  stream.last = index;
  out_.first_ticks = std::min(out_.first_ticks, segment_ticks_);
  out_.last_ticks = std::max(out_.last_ticks, ticks_);
  out_.events += segment_events_;
  segment_events_ = 0;
}

Parser::Got Parser::string(const uint8_t* p, const uint8_t* end) {
  VarintError error = VarintError::kNone;
  const uint64_t id = varint_checked(p, end, error);
  if (error != VarintError::kNone) return bad_varint(error, "id");
  const uint64_t length = varint_checked(p, end, error);
  if (error != VarintError::kNone) return bad_varint(error, "length");
  if (id == 0) return bad("string 0 is defined", "id");
  if (length == 0 || length > kMostText)
    return bad("a string of " + std::to_string(length) + " bytes", "length");
  if (length > static_cast<uint64_t>(end - p)) return Got::kShort;
  next_ = p + length;
  if (const Got got = judge_text(end); got != Got::kRecord) return got;
  const std::string_view text(reinterpret_cast<const char*>(p), length);
  if (!out_.strings.add(id, tables_.intern(text)) && !told_duplicate_) {
    told_duplicate_ = true;
    field_ = "id";
    facts_.faults.push_back(fault_here(
        FaultKind::kMalformed, "string " + std::to_string(id) + " is defined a second time"));
  }
  return Got::kRecord;
}

Parser::Got Parser::stack(const uint8_t* p, const uint8_t* end, bool prefixed) {
  if (!prefixed) return bad("a stack without a length");
  VarintError error = VarintError::kNone;
  const uint64_t length = varint_checked(p, end, error);
  if (error != VarintError::kNone) return bad_varint(error, "length");
  if (length > kMostLength)
    return bad("a record of " + std::to_string(length) + " bytes", "length");
  if (length > static_cast<uint64_t>(end - p)) return Got::kShort;
  const uint8_t* stop = p + length;
  const uint8_t* body = p;
  varint_checked(p, stop, error);
  const uint64_t frames = varint_checked(p, stop, error);
  if (error == VarintError::kNone && frames > kMostFrames)
    return bad("a stack of " + std::to_string(frames) + " frames", "frames");
  for (uint64_t i = 0; error == VarintError::kNone && i < frames * 4; ++i)
    varint_checked(p, stop, error);
  if (error != VarintError::kNone || p != stop)
    return bad("its frames do not fit its length", "frames");
  next_ = stop;
  stacks_.push_back(body);
  return Got::kRecord;
}

void Parser::intern_stacks() {
  std::vector<FrameId> frames;
  bool partial = false;
  const auto text = [this, &partial](uint64_t id) {
    const uint32_t* known = out_.strings.find(id);
    if (known != nullptr || id == 0) return known == nullptr ? StringId{0} : *known;
    partial = true;
    return tables_.intern(kLostName);
  };
  for (const uint8_t* p : stacks_) {
    const uint64_t id = varint_trusted(p);
    const uint64_t count = varint_trusted(p);
    if (id == 0) continue;
    frames.clear();
    partial = false;
    for (uint64_t i = 0; i < count; ++i) {
      Frame frame;
      frame.pc = varint_trusted(p);
      frame.function = text(varint_trusted(p));
      frame.file = text(varint_trusted(p));
      frame.line = varint_trusted(p);
      frames.push_back(tables_.intern(frame));
    }
    if (out_.stacks.add(id, tables_.intern(frames)) && partial) ++out_.partial_stacks;
  }
}

}  // namespace

void parse(ByteSource& source, const ReadOptions& options, Tables& tables, CaptureFacts& facts,
           Capture& out) {
  out.version = facts.version;
  out.layout = layout_of(facts.version);
  if (options.count_wire) facts.wire.resize(kWireTypes);
  Parser(source, options, tables, facts, out).run();
}

}  // namespace tracetool::v1
