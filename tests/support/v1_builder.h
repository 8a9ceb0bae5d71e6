// Writes traces of format 1 for tests, right or wrong, record by record.
//
//   V1Builder b(19);
//   b.batch(0, 1000).event("GoCreate", {1, 0, 0}).event("GoStartLocal", {1});
//   auto bytes = b.frequency(1'000'000'000).bytes();
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "parser/format1/v1_wire.h"
#include "tests/support/trace_builder.h"

namespace tracetool::test {

class V1Builder {
 public:
  explicit V1Builder(int version) {
    std::string header = "go 1." + std::to_string(version) + " trace";
    header.resize(16);
    bytes_.assign(header.begin(), header.end());
  }

  /// What follows belongs to P `p` (-1 none) and begins at `ticks`.
  V1Builder& batch(int64_t p, uint64_t ticks) {
    return record(v1::kBatch, {static_cast<uint64_t>(p), ticks});
  }
  /// `delta` ticks after the last one of the batch.
  V1Builder& event(std::string_view name, std::initializer_list<uint64_t> args = {},
                   uint64_t delta = 1) {
    std::vector<uint64_t> values{delta};
    values.insert(values.end(), args.begin(), args.end());
    return record(type_of(name), values);
  }
  V1Builder& log(uint64_t task, uint64_t key, uint64_t stack, std::string_view message,
                 uint64_t delta = 1) {
    event("UserLog", {task, key, stack}, delta);
    put_varint(bytes_, message.size());
    bytes_.insert(bytes_.end(), message.begin(), message.end());
    return *this;
  }
  V1Builder& string(uint64_t id, std::string_view text) {
    last_ = bytes_.size();
    bytes_.push_back(v1::kString);
    put_varint(bytes_, id);
    put_varint(bytes_, text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  /// A stack of one frame, all of whose strings are `text`.
  V1Builder& stack(uint64_t id, uint64_t text) {
    return record(v1::kStack, {id, 1, 0x1000 + id, text, text, 1}, true);
  }
  V1Builder& frequency(uint64_t ticks_per_second) {
    return record(v1::kFrequency, {ticks_per_second});
  }
  V1Builder& record(uint8_t type, std::vector<uint64_t> values, bool prefixed = false) {
    last_ = bytes_.size();
    Bytes body;
    for (uint64_t value : values) put_varint(body, value);
    prefixed = prefixed || values.size() > 3;
    bytes_.push_back(static_cast<uint8_t>(type | (prefixed ? 3 : values.size() - 1) << 6));
    if (prefixed) put_varint(bytes_, body.size());
    bytes_.insert(bytes_.end(), body.begin(), body.end());
    return *this;
  }
  V1Builder& raw(const Bytes& bytes) {
    last_ = bytes_.size();
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  /// Where the last record begins.
  uint64_t last_offset() const { return last_; }
  Bytes bytes() const { return bytes_; }

 private:
  static uint8_t type_of(std::string_view name) {
    for (uint8_t type = 1; type < v1::kWireTypes; ++type)
      if (v1::wire_spec(type).name == name) return type;
    return 0;
  }

  Bytes bytes_;
  uint64_t last_ = 0;
};

}  // namespace tracetool::test
