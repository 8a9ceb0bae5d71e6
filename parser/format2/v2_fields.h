// The records of a table section of format 2, field by field: each read names what it wants, and
// the first damage sticks, with its place.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "parser/format2/v2_generation.h"
#include "parser/format2/wire_spec.h"
#include "parser/wire/varint.h"

namespace tracetool {

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

}  // namespace tracetool
