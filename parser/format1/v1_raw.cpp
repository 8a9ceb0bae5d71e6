#include "parser/format1/v1_raw.h"

#include "parser/format1/v1_wire.h"
#include "parser/wire/raw_text.h"
#include "parser/wire/varint.h"

namespace tracetool {
namespace {

using namespace v1;

constexpr size_t kUsual = 4096;          // bytes that nearly every record fits into
constexpr size_t kMostRecord = 1 << 20;  // the longest messages have a million
constexpr uint64_t kMostFrames = 1000;

class Walker {
 public:
  Walker(ByteSource& source, int version, const std::function<bool(std::string_view)>& line)
      : source_(source), layout_(layout_of(version)), line_(line) {}

  /// One record; false at the end, at a fault, or when nobody wants more.
  bool next() {
    for (const size_t want : {kUsual, kMostRecord}) {
      bytes_ = source_.look(want);
      if (bytes_.empty()) {
        fault_ = source_.fault();
        return false;
      }
      at_ = bytes_.data();
      end_ = at_ + bytes_.size();
      short_ = false;
      if (record()) break;
      if (!short_ || bytes_.size() < want || want == kMostRecord) {
        if (short_) fail("the file ends within a record", FaultKind::kTruncated);
        return false;
      }
    }
    text_ += "  # 0x";
    append_number(text_, source_.offset(), 16);
    text_ += data_;
    source_.advance(static_cast<size_t>(at_ - bytes_.data()));
    source_.release();
    return line_(text_);
  }
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  bool record() {
    type_ = *at_ & 63;
    const int form = *at_++ >> 6;
    const uint8_t count = layout_[type_];
    if (count == 0) return fail("type " + std::to_string(type_) + " is no event of this version");
    const WireSpec& spec = wire_spec(type_);
    text_.assign(spec.name);
    data_.clear();
    if (type_ == kString) return field("id") && data("len");
    if (form == 3) {
      // Only says how many bytes follow, which the values say too.
      uint64_t length = 0;
      if (!number(length)) return false;
    }
    if (type_ == kStack) return frames();
    const bool timed = type_ != kBatch && type_ != kFrequency && type_ != kTimerGoroutine;
    if (timed && !field("dt")) return false;
    for (int i = 0; i < count - timed; ++i) {
      const char* name = spec.fields[static_cast<size_t>(i)];
      if (!field(name == nullptr ? "value" : name)) return false;
    }
    return type_ != kUserLog || data("len");
  }

  bool number(uint64_t& value) {
    VarintError error = VarintError::kNone;
    value = varint_checked(at_, end_, error);
    if (error == VarintError::kNone) return true;
    short_ = error == VarintError::kShort;
    return short_ ? false : fail("a varint is longer than 64 bits");
  }
  bool field(std::string_view name) {
    uint64_t value = 0;
    if (!number(value)) return false;
    append_field(text_, " ", name, value);
    return true;
  }
  bool data(std::string_view name) {
    uint64_t size = 0;
    if (!number(size)) return false;
    if (size > 1'000'000) return fail("a text of " + std::to_string(size) + " bytes");
    append_field(text_, " ", name, size);
    if (size > static_cast<uint64_t>(end_ - at_)) {
      short_ = true;
      return false;
    }
    data_ = "\n\tdata=";
    append_quoted(data_, {at_, static_cast<size_t>(size)});
    at_ += size;
    return true;
  }
  bool frames() {
    uint64_t count = 0;
    if (!field("id") || !number(count)) return false;
    append_field(text_, " ", "nframes", count);
    if (count > kMostFrames) return fail("a stack of " + std::to_string(count) + " frames");
    for (uint64_t i = 0; i < count; ++i) {
      const char* before = "\n\t";
      for (const char* name : {"pc", "func", "file", "line"}) {
        uint64_t value = 0;
        if (!number(value)) return false;
        append_field(data_, before, name, value);
        before = " ";
      }
    }
    return true;
  }
  bool fail(std::string message, FaultKind kind = FaultKind::kMalformed) {
    fault_ = Fault{.kind = kind,
                   .message = std::move(message),
                   .offset = source_.offset(),
                   .event = wire_spec(type_).name};
    return false;
  }

  ByteSource& source_;
  const Layout layout_;
  const std::function<bool(std::string_view)>& line_;
  std::span<const uint8_t> bytes_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  uint8_t type_ = 0;
  bool short_ = false;
  std::string text_, data_;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<Fault> read_raw1(ByteSource& source, int version,
                               const std::function<bool(std::string_view)>& line) {
  Walker walker(source, version, line);
  while (walker.next()) {
  }
  return walker.fault();
}

}  // namespace tracetool
