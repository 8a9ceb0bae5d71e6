// How much is missing because of a fault, as far as it can be counted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace tracetool {

/// "1 event", "12,345 events".
std::string counted(uint64_t n, const char* what);

struct Loss {
  std::string whole = {};                     // where nothing is left: "the whole generation"
  std::optional<uint64_t> events = {};        // that are in the file, but were not delivered
  std::optional<uint64_t> batches = {};       // that were not used, and
  std::optional<uint64_t> bytes = {};         // bytes of the decompressed file
  bool at_least = false;                      // there are more bytes than these
  std::string rest = {};                      // what cannot be counted: "all behind this place"
  uint64_t nameless = 0, stackless = 0;       // delivered events whose names or stacks are lost,
  uint64_t delivered = 0;                     // of how many
  std::optional<int64_t> from = {}, to = {};  // when the missing events were, ns

  void add_events(uint64_t n) { events = events.value_or(0) + n; }
  void add_bytes(uint64_t n) { bytes = bytes.value_or(0) + n; }
  void add_batches(uint64_t n) { batches = batches.value_or(0) + n; }
  /// The first and the last of the missing events were then; the axis begins with what is there.
  void between(int64_t first, int64_t last) {
    if (first > last || last < 0) return;
    from = std::max<int64_t>(first, 0);
    to = last;
  }
  bool empty() const { return describe().empty(); }
  /// "12 events from 1.2s to 1.4s; 340 bytes in 2 batches not used;
  /// stacks of 30 of 400 events (7.5%)"
  std::string describe() const;
};

/// Counts delivered events of which something is lost, each once, whatever it lost.
class LostParts {
 public:
  /// `event` is the number of events before it.
  void name(uint64_t event) { count(event, last_nameless_, nameless_); }
  void stack(uint64_t event) { count(event, last_stackless_, stackless_); }
  /// The event was not delivered after all.
  void forget(uint64_t event) {
    nameless_ -= last_nameless_ == event;
    stackless_ -= last_stackless_ == event;
  }
  void add_to(Loss& loss, uint64_t delivered) const {
    loss.nameless = nameless_;
    loss.stackless = stackless_;
    loss.delivered = delivered;
  }
  bool stackless() const { return stackless_ != 0; }
  bool any() const { return nameless_ + stackless_ != 0; }

 private:
  static void count(uint64_t event, uint64_t& last, uint64_t& n) {
    n += last != event;
    last = event;
  }
  uint64_t nameless_ = 0, stackless_ = 0;
  uint64_t last_nameless_ = ~uint64_t{0}, last_stackless_ = ~uint64_t{0};
};

}  // namespace tracetool
