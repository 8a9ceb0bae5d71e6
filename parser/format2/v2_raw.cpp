#include "parser/format2/v2_raw.h"

#include "parser/format2/wire_spec.h"
#include "parser/wire/raw_text.h"
#include "parser/wire/varint.h"

namespace tracetool {
namespace {

class Walker {
 public:
  Walker(ByteSource& source, int version, const std::function<bool(std::string_view)>& line)
      : source_(source), version_(version), line_(line) {}

  /// One event; false at the end, at a fault, or when nobody wants more.
  bool next() {
    // Data and stacks are bounded, so one look shows a whole event.
    bytes_ = source_.look(kMostBatchBytes + 256);
    at_ = bytes_.data();
    if (bytes_.empty()) {
      fault_ = source_.fault();
      return false;
    }
    const uint8_t type = *at_++;
    const WireSpec& spec = wire_spec(type);
    // As the ordering reader, it takes types that are newer than the file's version.
    if (spec.name.empty() || (type == kWireEndOfGeneration && version_ < spec.since)) {
      fail("no wire event has type " + std::to_string(type), "", "");
      return false;
    }
    text_.assign(spec.name);
    data_.clear();
    if (!arguments(type, spec)) return false;
    text_ += "  # 0x";
    append_number(text_, source_.offset(), 16);
    text_ += data_;
    source_.advance(static_cast<size_t>(at_ - bytes_.data()));
    source_.release();
    return line_(text_);
  }
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  bool arguments(uint8_t type, const WireSpec& spec) {
    if (spec.timed && !argument(spec, "dt")) return false;
    if (type == kWireExperimentalBatch) return experimental_batch(spec);
    uint64_t last = 0;
    for (int i = 0; i < spec.arg_count(); ++i) {
      if (!argument(spec, spec.args[static_cast<size_t>(i)], &last)) return false;
    }
    if (type == kWireString) return data(spec, "len");
    return type != kWireStack || frames(spec, last);
  }
  bool number(const WireSpec& spec, std::string_view field, uint64_t& value) {
    VarintError error = VarintError::kNone;
    const uint8_t* const end = bytes_.data() + bytes_.size();
    value = varint_checked(at_, end, error);
    if (error == VarintError::kNone) return true;
    fail(error == VarintError::kShort ? "the input ends inside an event"
                                      : "varint is longer than 64 bits",
         spec.name, field);
    if (error == VarintError::kShort) fault_->kind = FaultKind::kTruncated;
    return false;
  }
  bool argument(const WireSpec& spec, std::string_view field, uint64_t* last = nullptr) {
    uint64_t value = 0;
    if (!number(spec, field, value)) return false;
    append_field(text_, " ", field, value);
    if (last != nullptr) *last = value;
    return true;
  }
  /// Its first field is a plain byte, and data follows its header.
  bool experimental_batch(const WireSpec& spec) {
    for (const char* field : {"exp", "gen", "m", "time"}) {
      if (!argument(spec, field)) return false;
    }
    return data(spec, "size");
  }
  bool data(const WireSpec& spec, std::string_view field) {
    uint64_t size = 0;
    if (!number(spec, field, size)) return false;
    const auto left = static_cast<size_t>(bytes_.data() + bytes_.size() - at_);
    if (size > kMostBatchBytes || size > left) {
      fail(size > kMostBatchBytes ? "more than 65,536 bytes of data"
                                  : "the input ends inside an event",
           spec.name, field);
      return false;
    }
    data_ = "\n\tdata=";
    append_quoted(data_, {at_, static_cast<size_t>(size)});
    at_ += size;
    return true;
  }
  bool frames(const WireSpec& spec, uint64_t count) {
    if (count > kMostFrames) {
      fail("stack of " + std::to_string(count) + " frames; at most 128 are legal", spec.name,
           "nframes");
      return false;
    }
    for (uint64_t i = 0; i < count; ++i) {
      const char* before = "\n\t";
      for (const char* field : {"pc", "func", "file", "line"}) {
        uint64_t value = 0;
        if (!number(spec, field, value)) return false;
        append_field(data_, before, field, value);
        before = " ";
      }
    }
    return true;
  }
  void fail(std::string message, std::string_view event, std::string_view field) {
    fault_ = Fault{.kind = FaultKind::kMalformed,
                   .message = std::move(message),
                   .offset = source_.offset(),
                   .event = std::string(event),
                   .field = std::string(field)};
  }

  ByteSource& source_;
  const int version_;
  const std::function<bool(std::string_view)>& line_;
  std::span<const uint8_t> bytes_;
  const uint8_t* at_ = nullptr;
  std::string text_, data_;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<Fault> read_raw2(ByteSource& source, int version,
                               const std::function<bool(std::string_view)>& line) {
  Walker walker(source, version, line);
  while (walker.next()) {
  }
  return walker.fault();
}

}  // namespace tracetool
