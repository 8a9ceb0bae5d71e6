// Go 1.22.0 on Windows counts time in units of 256 ticks of the processor, but writes the frequency
// of the ticks as that of the units (mended in 1.22.1): by the file all times are 256 times too
// short. Nothing in the file names the system or the release, so the figures have to tell.
#pragma once

#include <cstdint>
#include <optional>

#include "parser/model/facts.h"
#include "parser/model/fault.h"

namespace tracetool {

class FrequencyJudge {
 public:
  /// The frequency of the next generation, and how long that lasts in units. What the first one
  /// makes of it holds for all: a process has one clock.
  void see(int version, uint64_t frequency, uint64_t units);
  /// How many ticks of the frequency are one unit of time.
  uint64_t ticks() const { return wrong_ ? kTicks : 1; }
  /// What is to be said about it at the end.
  std::optional<Fault> note(const CaptureFacts& facts) const;

 private:
  static constexpr uint64_t kTicks = 256;
  bool seen_ = false, fast_ = false, absurd_ = false, wrong_ = false, usual_ = false;
  uint64_t frequency_ = 0;
};

}  // namespace tracetool
