// The forms in which `events` writes an event.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "analyses/engine/goroutine_index.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"
#include "parser/model/wall_clock.h"

namespace tracetool {

class EventWriter {
 public:
  virtual ~EventWriter() = default;
  /// False when nothing can be written any more.
  virtual bool write(const Block& block, const Event& event) = 0;
};

/// What the writers look names up in.
struct EventSource {
  const Tables& tables;
  const GoroutineIndex& goroutines;
  bool whole_stacks = false;
  bool colour = false;              // text only
  const WallClock* wall = nullptr;  // times of day as well
};

std::unique_ptr<EventWriter> make_jsonl_writer(const EventSource& source, std::ostream& out);
/// The same objects, as the elements of an array.
std::unique_ptr<EventWriter> make_json_writer(const EventSource& source, std::ostream& out);
std::unique_ptr<EventWriter> make_csv_writer(const EventSource& source, std::ostream& out);
std::unique_ptr<EventWriter> make_text_writer(const EventSource& source, std::ostream& out);

}  // namespace tracetool
