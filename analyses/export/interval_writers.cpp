#include "analyses/export/interval_writers.h"

#include "analyses/export/event_names.h"
#include "analyses/export/wall_stamp.h"
#include "analyses/go/stack_place.h"
#include "reports/encoding/go_json.h"
#include "reports/encoding/line_buffer.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// Names of what an interval refers to, as ready text of a format.
class IntervalNames {
 public:
  IntervalNames(const EventSource& s, const EventNames::Quote& quote)
      : names(s.tables, s.goroutines, s.whole_stacks, quote) {}

  /// "Mutex", "channel send", "read": what was waited for, as far as reason and stack tell; "" for
  /// what was no wait. Waits on one stack mostly have one reason.
  std::string_view what(const GoInterval& i) {
    if (i.state != GoState::kWaiting && i.state != GoState::kSyscall) return "";
    if (i.stack >= about_.size()) about_.resize(i.stack + i.stack / 2 + 64);
    About& about = about_[i.stack];
    if (about.state != i.state || about.reason != i.reason) whats_.forget(i.stack);
    about = {i.state, i.reason};
    return whats_.get(i.stack, [&](StackId stack) {
      const Tables& tables = names.tables();
      const std::string text = i.state == GoState::kSyscall
                                   ? syscall_name(tables, stack)
                                   : waited_for(tables, tables.string(i.reason), stack);
      return text.empty() ? "" : names.quoted(text);
    });
  }

  EventNames names;

 private:
  struct About {
    GoState state = GoState::kUndetermined;
    StringId reason = 0;
  };
  std::vector<About> about_;  // by stack
  TextCache whats_;
};

/// What comes after it; "" if it did not end.
std::string_view next_state(const GoInterval& i) {
  if (i.open_end) return "";
  return i.next == GoState::kNotExist ? "exit" : interval_state(i.next);
}

std::string_view wait_class_of(const GoInterval& i) {
  return i.wait_class == GoInterval::kNoClass ? "" : kWaitClassNames[i.wait_class];
}

std::string_view open_ends(const GoInterval& i) {
  return i.open_begin ? (i.open_end ? "both" : "begin") : (i.open_end ? "end" : "");
}

/// Who ended a wait, as a kind; "" for anything else.
std::string_view woken_by(const GoInterval& i) {
  return i.waits() && !i.open_end ? name_of(i.woken_by) : "";
}

class IntervalCsvWriter final : public IntervalWriter {
 public:
  IntervalCsvWriter(const EventSource& s, std::ostream& out)
      : names_(s, quote_csv), stamp_(s.wall), line_(out) {
    const bool wall = stamp_.wanted();
    line_
        << "begin_ns," << (wall ? "begin_wall," : "") << "end_ns," << (wall ? "end_wall," : "")
        << "duration_ns,goroutine,start_location,state,next,class,reason,what,open,woken_by,waker,"
           "waker_start_location,stack,waker_stack\r";
    line_.end_line();
  }

  bool write(const GoInterval& i) override {
    moment(i.begin);
    moment(i.end);
    line_ << i.duration() << ',' << i.goroutine << ',';
    string(i.start);
    line_ << interval_state(i.state) << ',' << next_state(i) << ',' << wait_class_of(i) << ',';
    string(i.reason);
    line_ << names_.what(i) << ',' << open_ends(i) << ',' << woken_by(i) << ',';
    if (i.waker.known) line_ << i.waker.id;
    line_ << ',';
    string(i.waker.start);
    if (i.stack > kEmptyStack) line_ << names_.names.place(i.stack);
    line_ << ',';
    if (i.waker.stack > kEmptyStack) line_ << names_.names.place(i.waker.stack);
    line_ << '\r';
    return line_.end_line();
  }

 private:
  void moment(int64_t time) {
    line_ << time << ',';
    if (stamp_.wanted()) line_ << stamp_(time) << ',';
  }
  void string(StringId id) {
    if (id != 0) line_ << names_.names.text(id);
    line_ << ',';
  }

  IntervalNames names_;
  WallStamp stamp_;
  LineBuffer line_;
};

class IntervalJsonWriter final : public IntervalWriter {
 public:
  IntervalJsonWriter(const EventSource& s, std::ostream& out, bool array)
      : names_(s, append_go_json), stamp_(s.wall), line_(out), array_(array) {}

  bool write(const GoInterval& i) override {
    if (array_) line_ << std::string_view(first_ ? "\n" : ",\n");
    first_ = false;
    line_ << R"({"begin_ns":)" << i.begin;
    wall(",\"begin_wall\":", i.begin);
    line_ << R"(,"end_ns":)" << i.end;
    wall(",\"end_wall\":", i.end);
    line_ << R"(,"duration_ns":)" << i.duration() << R"(,"goroutine":)" << i.goroutine;
    string(",\"start_location\":", i.start);
    word(",\"state\":", interval_state(i.state));
    word(",\"next\":", next_state(i));
    word(",\"class\":", wait_class_of(i));
    string(",\"reason\":", i.reason);
    if (const std::string_view what = names_.what(i); !what.empty()) line_ << ",\"what\":" << what;
    word(",\"open\":", open_ends(i));
    word(",\"woken_by\":", woken_by(i));
    if (i.waker.known) line_ << R"(,"waker":)" << i.waker.id;
    string(",\"waker_start_location\":", i.waker.start);
    stack(",\"stack\":", i.stack);
    stack(",\"waker_stack\":", i.waker.stack);
    line_ << '}';
    return array_ ? line_.end_piece() : line_.end_line();
  }

 private:
  void wall(std::string_view key, int64_t time) {
    const std::string_view text = stamp_.wanted() ? stamp_(time) : "";
    if (!text.empty()) word(key, text);
  }
  /// What needs no quoting.
  void word(std::string_view key, std::string_view text) {
    if (!text.empty()) line_ << key << '"' << text << '"';
  }
  void string(std::string_view key, StringId id) {
    if (id != 0) line_ << key << names_.names.text(id);
  }
  void stack(std::string_view key, StackId id) {
    if (id <= kEmptyStack) return;
    line_ << key << (names_.names.whole_stacks() ? names_.names.stack(id) : names_.names.place(id));
  }

  IntervalNames names_;
  WallStamp stamp_;
  LineBuffer line_;
  const bool array_;
  bool first_ = true;
};

std::string_view colour_of(GoState state) {
  switch (state) {
    case GoState::kRunning:
      return "\x1b[32m";
    case GoState::kRunnable:
      return "\x1b[33m";
    case GoState::kSyscall:
      return "\x1b[36m";
    default:
      return "\x1b[2m";
  }
}

class IntervalTextWriter final : public IntervalWriter {
 public:
  IntervalTextWriter(const EventSource& s, std::ostream& out)
      : names_(s, quote_text), stamp_(s.wall), line_(out), colour_(s.colour) {}

  bool write(const GoInterval& i) override {
    EventNames& names = names_.names;
    size_t begin = line_.mark();
    line_.seconds(i.begin);
    line_.pad(begin, 15);
    if (stamp_.wanted()) {
      begin = line_.mark();
      line_ << stamp_(i.begin);
      line_.pad(begin, 32);
    }
    begin = line_.mark();
    const std::string length = format_duration(static_cast<double>(i.duration()));
    line_.pad(begin, kLength - std::min(kLength - 1, display_width(length)));
    line_ << length << "  ";
    begin = line_.mark();
    line_ << 'G' << i.goroutine;
    line_.pad(begin, 8);
    begin = line_.mark();
    begin += escape(colour_of(i.state));
    line_ << interval_state(i.state);
    begin += escape("\x1b[0m");
    line_.pad(begin, 10);
    line_ << (i.start == 0 ? "(unknown)" : names.text(i.start));
    describe(i);
    if (!names.whole_stacks()) {
      if (i.stack > kEmptyStack) line_ << " at " << place(i.stack);
      ends(i);
      if (i.waker.known && i.waker.stack > kEmptyStack) line_ << " at " << place(i.waker.stack);
      return line_.end_line();
    }
    ends(i);
    const bool good = line_.end_line();
    write_frames(line_, names, i.stack, "");
    if (i.waker.stack != i.stack) write_frames(line_, names, i.waker.stack, "of the waker:");
    return good;
  }

 private:
  static constexpr size_t kLength = 8;

  size_t escape(std::string_view code) {
    if (!colour_) return 0;
    line_ << code;
    return code.size();
  }
  /// "function file:line" outside the standard library's plumbing, without the directory.
  std::string_view place(StackId id) {
    return places_.get(id, [this](StackId i) { return make_place(i); });
  }
  std::string make_place(StackId id) const {
    const Tables& tables = names_.names.tables();
    const std::string_view caller = caller_in(tables, id);
    for (const FrameId frame : tables.stack(id))
      if (tables.string(tables.frame(frame).function) == caller)
        return short_frame(clean(names_.names.frame_text(frame)));
    return "?";
  }

  void describe(const GoInterval& i) {
    const std::string_view what = names_.what(i);
    const std::string_view reason = i.reason == 0 ? "" : names_.names.text(i.reason);
    if (i.state == GoState::kRunning) {
      if (!i.open_end) line_ << ", until " << (reason.empty() ? next_state(i) : reason);
      return;
    }
    if (!what.empty()) {
      line_ << ": " << what;
      if (!reason.empty() && reason != what) line_ << " (" << reason << ')';
    } else if (!reason.empty()) {
      line_ << ": " << reason;
    }
  }
  void ends(const GoInterval& i) {
    if (i.waker.known) {
      line_ << (i.state == GoState::kWaiting ? ", woken by G" : ", made so by G") << i.waker.id;
      if (i.waker.start != 0) line_ << ' ' << names_.names.text(i.waker.start);
    } else if (!woken_by(i).empty()) {
      line_ << ", woken by " << woken_by(i);
    }
    if (i.open_begin) line_ << (i.open_end ? " [begin and end open]" : " [begin open]");
    if (i.open_end && !i.open_begin) line_ << " [end open]";
  }

  IntervalNames names_;
  WallStamp stamp_;
  LineBuffer line_;
  const bool colour_;
  TextCache places_;
};

}  // namespace

std::unique_ptr<IntervalWriter> make_interval_text(const EventSource& source, std::ostream& out) {
  return std::make_unique<IntervalTextWriter>(source, out);
}
std::unique_ptr<IntervalWriter> make_interval_csv(const EventSource& source, std::ostream& out) {
  return std::make_unique<IntervalCsvWriter>(source, out);
}
std::unique_ptr<IntervalWriter> make_interval_json(const EventSource& source, std::ostream& out,
                                                   bool array) {
  return std::make_unique<IntervalJsonWriter>(source, out, array);
}

}  // namespace tracetool
