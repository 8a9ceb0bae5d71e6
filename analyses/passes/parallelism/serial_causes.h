// What the other goroutines waited for in the time in which exactly one P ran the program.
#pragma once

#include <algorithm>
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
  /// A known part of the trace begins, with nobody busy.
  void begin(int64_t now) {
    since_ = now;
    busy_ = 0;
    cause_ = SerialCause::kNothing;
  }
  /// From now on so many Ps are busy; of more than one nothing is accounted.
  void see(int64_t now, int busy, SerialCause cause) {
    busy = std::min(busy, 2);
    if (busy == busy_ && cause == cause_) return;
    pass(now);
    busy_ = busy;
    cause_ = cause;
  }
  /// A P turns out to have run the program since this part began: what was nobody's time was its.
  void raise_busy(int64_t now) {
    pass(now);
    part_ = {SerialCauseTimes{}, part_[0]};
  }
  /// A goroutine turns out to have waited for that since this part began.
  void always(int64_t now, SerialCause cause) {
    pass(now);
    for (SerialCauseTimes& times : part_) {
      for (size_t later = static_cast<size_t>(cause) + 1; later < kSerialCauses; ++later) {
        times[static_cast<size_t>(cause)] += times[later];
        times[later] = 0;
      }
    }
  }
  /// Ends this part: what it holds is final.
  void settle(int64_t now) {
    pass(now);
    for (size_t i = 0; i < kSerialCauses; ++i) times_[i] += part_[1][i];
    part_ = {};
    busy_ = 2;
  }
  const SerialCauseTimes& times() const { return times_; }

 private:
  void pass(int64_t now) {
    if (busy_ < 2) part_[static_cast<size_t>(busy_)][static_cast<size_t>(cause_)] += now - since_;
    since_ = now;
  }
  int busy_ = 2;
  SerialCause cause_ = SerialCause::kNothing;
  int64_t since_ = 0;
  std::array<SerialCauseTimes, 2> part_{};  // with nobody and with one P busy
  SerialCauseTimes times_{};
};

}  // namespace tracetool
