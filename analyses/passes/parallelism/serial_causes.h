// What the other goroutines waited for in the time in which exactly one P ran the program.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "analyses/go/serial_cause.h"
#include "parser/model/tables.h"

namespace tracetool {

/// What a goroutine that blocks for that reason on that stack waits for; kNothing: for something
/// outside of the program.
SerialCause blocked_by(const Tables& tables, std::string_view reason, StackId stack);

using SerialCauseTimes = std::array<int64_t, kSerialCauses>;

class SerialCauses {
 public:
  /// From now on so many Ps are busy; only of one alone anything is accounted.
  void see(int64_t now, int busy, SerialCause cause) {
    if (busy == busy_ && cause == cause_) return;
    pass(now);
    busy_ = busy;
    cause_ = cause;
  }
  /// A known part of the trace ends.
  void settle(int64_t now) { see(now, 0, SerialCause::kNothing); }
  const SerialCauseTimes& times() const { return times_; }

 private:
  void pass(int64_t now) {
    if (busy_ == 1) times_[static_cast<size_t>(cause_)] += now - since_;
    since_ = now;
  }
  int busy_ = 0;
  SerialCause cause_ = SerialCause::kNothing;
  int64_t since_ = 0;
  SerialCauseTimes times_{};
};

}  // namespace tracetool
