// The table sections of a generation: strings, stacks, CPU samples, clock, types of objects.
#include <algorithm>

#include "parser/format2/v2_fields.h"

namespace tracetool {

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

bool Generation::add_object_types(Fields& in) {
  while (in.more()) {
    const uint64_t id = in.varint(kWireExperimentalBatch, "id");
    in.varint(kWireExperimentalBatch, "addr");
    const uint64_t size = in.varint(kWireExperimentalBatch, "size");
    in.varint(kWireExperimentalBatch, "ptrBytes");
    const uint64_t length = in.varint(kWireExperimentalBatch, "nameLen");
    if (!in.ok()) break;
    if (length > in.left()) {
      in.fail(kWireExperimentalBatch, "nameLen", "a type's name runs past the end of its batch");
      break;
    }
    const auto name = in.bytes(length);
    if (id == 0 ||
        !object_types_.add(id, {{name.data(), static_cast<uint32_t>(length)}, size, kDangling})) {
      in.fail(kWireExperimentalBatch, "id",
              id == 0 ? "type 0 is reserved" : "type " + std::to_string(id) + " is defined twice");
      break;
    }
  }
  return in.ok();
}

bool Generation::add_heap_units(Fields& in) {
  in.varint(kWireExperimentalBatch, "minHeapAddr");
  const uint64_t page = in.varint(kWireExperimentalBatch, "pageSize");
  const uint64_t align = in.varint(kWireExperimentalBatch, "minHeapAlign");
  in.varint(kWireExperimentalBatch, "minStackAlign");
  if (!in.ok()) return false;
  if (align == 0 || page < align || page % align != 0 || page > kMostHeapPage) {
    in.fail(kWireExperimentalBatch, "pageSize", "a heap cannot have such pages");
    return false;
  }
  heap_units_ = {static_cast<uint32_t>(page), static_cast<uint32_t>(align)};
  return true;
}

}  // namespace tracetool
