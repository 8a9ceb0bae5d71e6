#include "parser/format2/frequency.h"

#include <algorithm>
#include <string>

namespace tracetool {
namespace {

/// Right units come at 15.625 MHz nearly everywhere, and at a 256th of the processor's rate on
/// Windows. None is faster than this.
constexpr uint64_t kFastestUnits = 1'000'000'000;
constexpr uint64_t kUsualUnits = 15'625'000;
/// Nor has any processor such a rate: what says so is a lie, whatever it is divided by.
constexpr uint64_t kFastestProcessor = 10'000'000'000;
/// The runtime ends a generation after a second. One that is longer than this, if all times are 256
/// times too short, is none that a program runs for.
constexpr double kLongest = 64;  // seconds

/// Generations but the last one, which is as long as it happens to be: are there any, and does each
/// last about `seconds`?
bool all_last(const CaptureFacts& facts, double seconds) {
  const auto& g = facts.generations;
  if (g.size() < 2) return false;
  for (size_t i = 0; i + 1 < g.size(); ++i) {
    const double length = static_cast<double>(g[i + 1].begin - g[i].begin) / 1e9;
    if (length < 0.9 * seconds || length > 1.25 * seconds) return false;
  }
  return true;
}

}  // namespace

void FrequencyJudge::see(int version, uint64_t frequency, uint64_t units) {
  if (seen_) return;
  seen_ = true;
  frequency_ = frequency;
  usual_ = version != 22 || frequency == kUsualUnits;
  fast_ = version == 22 && frequency > kFastestUnits;
  const double seconds = static_cast<double>(units) / static_cast<double>(frequency);
  absurd_ = fast_ && frequency > kFastestProcessor;
  wrong_ = fast_ && !absurd_ && seconds * kTicks <= kLongest;
}

std::optional<Fault> FrequencyJudge::note(const CaptureFacts& facts) const {
  const std::string known =
      "Go 1.22.0 on Windows writes a clock frequency that is 256 times too high";
  const std::string hertz = std::to_string(frequency_) + " Hz";
  Fault note{.kind = FaultKind::kNote, .message = known, .event = "Frequency", .field = "freq"};
  if (wrong_) {
    note.message += ", as this one of " + hertz +
                    ": all times are taken to be 256 times as long as the file says";
    if (!all_last(facts, 1))
      note.message +=
          "; no clock of Go's is that fast, but its generations do not confirm it by lasting a "
          "second each";
    return note;
  }
  if (absurd_) {
    note.message += "; this one of " + hertz +
                    " is none of it either, as no processor is that fast: times are left as the "
                    "file says";
    return note;
  }
  if (fast_) {
    note.message +=
        "; this one of " + hertz +
        " may be such, but with times 256 times as long its first generation would last "
        "more than a minute instead of a second, so they are left as the file says";
    return note;
  }
  if (!usual_ && seen_ && all_last(facts, 1.0 / kTicks)) {
    note.message += "; this one of " + hertz +
                    " may be such, as its generations last 4 ms instead of a second, but programs "
                    "can be told to write such ones, so times are left as the file says";
    return note;
  }
  return std::nullopt;
}

}  // namespace tracetool
