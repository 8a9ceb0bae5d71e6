// Names of what an event refers to, kept as ready text for each id: most events name the same few
// strings and stacks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analyses/engine/goroutine_index.h"
#include "analyses/export/text_cache.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"
#include "reports/encoding/line_buffer.h"

namespace tracetool {

class EventNames {
 public:
  /// `quote` makes a piece of text fit for the output format.
  using Quote = std::function<void(std::string&, std::string_view)>;
  EventNames(const Tables& tables, const GoroutineIndex& goroutines, bool whole_stacks, Quote quote)
      : tables_(tables), goroutines_(goroutines), whole_(whole_stacks), quote_(std::move(quote)) {}

  /// Numbers that only lies make larger than 2^63 are shown as they are.
  std::optional<uint64_t> thread(const Event& e) const {
    return e.m == kNoThread ? std::nullopt
                            : std::optional(static_cast<uint64_t>(tables_.thread_id(e.m)));
  }
  std::optional<uint64_t> goroutine(GoSlot slot) const {
    return slot == kNoGo ? std::nullopt : std::optional(goroutines_[slot].id);
  }
  /// The context goroutine: a sample's may be one that is not alive.
  std::optional<uint64_t> goroutine(const Event& e) const {
    if (e.kind != EventKind::kStackSample) return goroutine(e.g);
    return e.goroutine_id() == 0 ? std::nullopt : std::optional(e.goroutine_id());
  }
  std::string_view text(StringId id) {
    return strings_.get(id, [this](StringId i) { return quoted(tables_.string(i)); });
  }
  /// A stack other than 0: "DEPTH LEAF" or all frames.
  std::string_view stack(StackId id) {
    return stacks_.get(id, [this](StackId i) { return make_stack(i); });
  }
  std::string quoted(std::string_view text) const {
    std::string out;
    quote_(out, text);
    return out;
  }
  /// "function file:line", not yet quoted.
  std::string frame_text(FrameId id) const;
  /// The same of the innermost frame, or of all joined with ";" as in CSV tables; "" for no stack.
  std::string_view place(StackId id) {
    return places_.get(id, [this](StackId i) { return make_place(i); });
  }
  const Tables& tables() const { return tables_; }
  bool whole_stacks() const { return whole_; }

 private:
  std::string make_stack(StackId id) const;
  std::string make_place(StackId id) const;

  const Tables& tables_;
  const GoroutineIndex& goroutines_;
  const bool whole_;
  const Quote quote_;
  TextCache strings_, stacks_, places_;
};

/// A line a frame, indented, below `title` if there is one.
void write_frames(LineBuffer& line, const EventNames& names, StackId stack, std::string_view title);

/// For text and for CSV.
void quote_text(std::string& out, std::string_view text);
void quote_csv(std::string& out, std::string_view text);

/// What changes or is measured by the event: "Goroutine(5)", "Proc(3)", "None"; "" where there is
/// no such thing.
std::string_view resource_kind(const Event& e);
/// As Go shows it; none for no P.
std::optional<uint64_t> proc_number(ProcIndex p);
/// The number in its parentheses, where resource_kind() is not "None".
std::optional<uint64_t> resource_id(const Event& e, const EventNames& names);
/// States of a transition.
std::string_view from_name(const Event& e);
std::string_view to_name(const Event& e);
/// Name of an experimental event, and how many arguments it has.
std::string_view experiment_name(const Event& e);
uint64_t experiment_args(const Event& e);

}  // namespace tracetool
