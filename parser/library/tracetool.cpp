// The C interface over BlockReader: nothing is decided here but what errors become.
#include "parser/library/tracetool.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parser/library/block_reader.h"
#include "parser/model/event.h"
#include "parser/trace_reader.h"

using namespace tracetool;

// An event is handed out as it lies in its block.
#define TT_SAME(field, theirs)                                                 \
  static_assert(offsetof(tracetool_event, field) == offsetof(Event, theirs) && \
                sizeof(tracetool_event::field) == sizeof(Event::theirs))
static_assert(sizeof(tracetool_event) == 64 && sizeof(Event) == 64);
static_assert(alignof(tracetool_event) == alignof(Event));
TT_SAME(time, time);
TT_SAME(since, since);
TT_SAME(arg, arg);
TT_SAME(arg2, arg2);
TT_SAME(g, g);
TT_SAME(subject, subject);
TT_SAME(stack, stack);
TT_SAME(name, name);
TT_SAME(since_stack, since_stack);
TT_SAME(since_name, since_name);
TT_SAME(m, m);
TT_SAME(p, p);
TT_SAME(kind, kind);
TT_SAME(states, from_to);
TT_SAME(flags, flags);
TT_SAME(aux, aux);
#undef TT_SAME
// What is numbered in order is so on both sides if the last ones agree.
static_assert(TRACETOOL_GAP == static_cast<int>(EventKind::kGap) && kEventKinds == 16);
static_assert(TRACETOOL_GO_TRANSITION == static_cast<int>(EventKind::kGoTransition));
static_assert(TRACETOOL_GO_SYSCALL == static_cast<int>(GoState::kSyscall));
static_assert(TRACETOOL_PROC_IDLE == static_cast<int>(ProcState::kIdle));
static_assert(TRACETOOL_OPEN_END == +kFlagOpenEnd && TRACETOOL_OPEN_START == +kFlagOpenStart &&
              TRACETOOL_NAMES == +kFlagNames && TRACETOOL_SAME_STACK == +kFlagSameStack &&
              TRACETOOL_FORETELLS == +kFlagForetells && TRACETOOL_FORETOLD == +kFlagForetold);
static_assert(static_cast<int>(Metric::kHeapGoal) == 2 && static_cast<int>(RangeScope::kProc) == 2);
static_assert(kFirstPseudoProc == TRACETOOL_FIRST_PSEUDO_PROC && kEmptyStack == 1);
static_assert(TRACETOOL_NEVER == kNever && TRACETOOL_NO_GOROUTINE == kNoGo &&
              TRACETOOL_NO_PROC == kNoProc && TRACETOOL_NO_THREAD == kNoThread);

struct tracetool_reader {
  std::optional<TraceReader> trace;
  std::optional<BlockReader> blocks;  // none if the capture could not be opened
  const Block* block = nullptr;
  bool done = false;  // facts are complete
  const char* error = nullptr;
  std::string message;  // what `error` points to, unless there was no memory for it
  struct Told {
    std::string text;
    const char* kind;
  };
  std::vector<Told> faults;

  void fail(std::string text) {
    message = std::move(text);
    error = message.c_str();
  }
  void collect_faults() {
    for (const Fault& fault : trace->facts().faults)
      faults.push_back({fault.describe(), name_of(fault.kind)});
  }
  /// What can be looked up: nothing after a failed open.
  BlockReader::Known known() const { return blocks ? blocks->known() : BlockReader::Known{}; }
};

namespace {

/// Runs `work`, which may throw; what it throws becomes the reader's error.
template <class Work>
bool guarded(tracetool_reader& reader, Work work) noexcept {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    reader.error = "out of memory";
  } catch (const std::exception& e) {
    try {
      reader.fail(e.what());
    } catch (...) {
      reader.error = "out of memory";
    }
  } catch (...) {
    reader.error = "unknown error";
  }
  return false;
}

}  // namespace

const char* tracetool_version() { return TRACETOOL_VERSION; }

tracetool_reader* tracetool_open(const char* path, unsigned flags) {
  auto* reader = new (std::nothrow) tracetool_reader;
  if (reader == nullptr) return nullptr;
  guarded(*reader, [&] {
    if (path == nullptr) return reader->fail("no path is given");
    if ((flags & ~unsigned{TRACETOOL_STRICT}) != 0)
      return reader->fail("flags that this version does not know");
    Input input;
    if (const auto fault = open_input(path, {}, input)) return reader->fail(fault->describe());
    ReadOptions options;
    options.strict = (flags & TRACETOOL_STRICT) != 0;
    reader->trace.emplace(std::move(input), std::move(options));
    if (const auto fault = reader->trace->open()) return reader->fail(fault->describe());
    reader->blocks.emplace(*reader->trace);
  });
  return reader;
}

void tracetool_close(tracetool_reader* reader) { delete reader; }

const char* tracetool_error(const tracetool_reader* reader) {
  return reader == nullptr ? "out of memory" : reader->error;
}

int64_t tracetool_next(tracetool_reader* reader, const tracetool_event** events) {
  if (reader == nullptr || events == nullptr) return -1;
  *events = nullptr;
  reader->block = nullptr;
  if (reader->error != nullptr || !reader->blocks) return -1;
  if (reader->done) return 0;
  const bool read = guarded(*reader, [&] {
    reader->block = reader->blocks->next();
    if (reader->block != nullptr) return;
    reader->done = true;
    reader->collect_faults();
    if (reader->trace->facts().spoiled) reader->fail("the capture changed while it was read");
  });
  if (!read || reader->error != nullptr) {
    reader->done = true;
    return -1;
  }
  if (reader->block == nullptr) return 0;
  *events = reinterpret_cast<const tracetool_event*>(reader->block->events);
  return reader->block->count;
}

const char* tracetool_string(const tracetool_reader* reader, uint32_t string, size_t* length) {
  if (reader == nullptr || string >= reader->known().strings) return nullptr;
  const std::string_view text = reader->trace->tables().string(string);
  if (length != nullptr) *length = text.size();
  return text.empty() ? "" : text.data();
}

const char* tracetool_message(const tracetool_reader* reader, const tracetool_event* log,
                              size_t* length) {
  if (reader == nullptr || reader->block == nullptr) return nullptr;
  // Compared as addresses: it may be anything.
  const auto* event = reinterpret_cast<const Event*>(log);
  const auto all = reader->block->all();
  const auto at = reinterpret_cast<uintptr_t>(event) - reinterpret_cast<uintptr_t>(all.data());
  if (at % sizeof(Event) != 0 || at / sizeof(Event) >= all.size()) return nullptr;
  if (event->kind != EventKind::kLog) return nullptr;
  const std::string_view text = reader->block->message(*event);
  if (length != nullptr) *length = text.size();
  return text.data();
}

int64_t tracetool_stack(const tracetool_reader* reader, uint32_t stack, tracetool_frame* frames,
                        size_t room) {
  if (reader == nullptr || stack >= reader->known().stacks) return -1;
  const Tables& tables = reader->trace->tables();
  const std::span<const FrameId> ids = tables.stack(stack);
  for (size_t i = 0; i < std::min(room, ids.size()); ++i) {
    const Frame& frame = tables.frame(ids[i]);
    frames[i] = {
        .pc = frame.pc, .line = frame.line, .function = frame.function, .file = frame.file};
  }
  return static_cast<int64_t>(ids.size());
}

int64_t tracetool_thread_id(const tracetool_reader* reader, uint16_t m) {
  if (reader == nullptr || m >= reader->known().threads) return -1;
  return reader->trace->tables().thread_id(m);
}

int64_t tracetool_faults(const tracetool_reader* reader) {
  if (reader == nullptr || !reader->done) return -1;
  return static_cast<int64_t>(reader->faults.size());
}

const char* tracetool_fault(const tracetool_reader* reader, size_t number, const char** kind) {
  if (reader == nullptr || number >= reader->faults.size()) return nullptr;
  const auto& fault = reader->faults[number];
  if (kind != nullptr) *kind = fault.kind;
  return fault.text.c_str();
}

const char* tracetool_kind_name(unsigned kind) {
  return kind < unsigned{kEventKinds} ? name_of(static_cast<EventKind>(kind)) : nullptr;
}

const char* tracetool_state_name(unsigned kind, unsigned state) {
  if (kind == TRACETOOL_GO_TRANSITION && state <= TRACETOOL_GO_SYSCALL)
    return name_of(static_cast<GoState>(state));
  if (kind == TRACETOOL_PROC_TRANSITION && state <= TRACETOOL_PROC_IDLE)
    return name_of(static_cast<ProcState>(state));
  return nullptr;
}
