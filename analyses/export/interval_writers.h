// The forms in which `intervals` writes an interval.
#pragma once

#include <memory>
#include <ostream>

#include "analyses/export/event_writers.h"
#include "analyses/export/go_intervals.h"

namespace tracetool {

class IntervalWriter {
 public:
  virtual ~IntervalWriter() = default;
  /// False when nothing can be written any more.
  virtual bool write(const GoInterval& interval) = 0;
};

std::unique_ptr<IntervalWriter> make_interval_text(const EventSource& source, std::ostream& out);
std::unique_ptr<IntervalWriter> make_interval_csv(const EventSource& source, std::ostream& out);
/// An object a line, or the elements of an array.
std::unique_ptr<IntervalWriter> make_interval_json(const EventSource& source, std::ostream& out,
                                                   bool array);

}  // namespace tracetool
