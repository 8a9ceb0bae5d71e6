#include "parser/trace_reader.h"

#include <algorithm>

#include "parser/input/capture_file.h"
#include "parser/input/further_trace.h"
#include "parser/input/lookalike.h"
#include "parser/model/wire_version.h"
#include "parser/record/recorder.h"
#include "parser/record/unstopped.h"

namespace tracetool {
/// A shell's prompt, a progress line, headers of a download: the trace is whole behind it.
void TraceReader::skip_text() {
  ByteSource& source = *input_.source;
  constexpr size_t kMostText = 1 << 20;
  const std::span<const uint8_t> sight = source.look(kMostText);
  // Of a file more is in sight than of a pipe.
  const std::span<const uint8_t> shown = sight.first(std::min(sight.size(), kMostText));
  const std::string_view text(reinterpret_cast<const char*>(shown.data()), shown.size());
  for (size_t at = text.find("go 1."); at != std::string_view::npos;
       at = text.find("go 1.", at + 1)) {
    if (!begins_trace(shown.subspan(at))) continue;
    if (!is_text(text.substr(0, at))) return;
    facts_.faults.push_back(
        {.kind = FaultKind::kNote,
         .message = "the trace begins behind " + describe_text(text.substr(0, at)),
         .offset = at});
    source.advance(at);
    source.release();
    return;
  }
}

std::optional<Fault> TraceReader::open() {
  ByteSource& source = *input_.source;
  if (const auto begin = source.look(kHeaderBytes);
      !begin.empty() && !begins_trace(begin) && begin[0] != 0)
    skip_text();
  // However much more there is in one piece: what is told must not depend on it.
  constexpr size_t kHead = 512;
  std::span<const uint8_t> head = source.look(kHead);
  head = head.first(std::min(head.size(), kHead));
  if (head.empty()) {
    if (auto fault = source.fault()) return fault;
    return Fault{FaultKind::kUnreadable, "the file is empty; " + std::string(kUnstopped)};
  }
  facts_.version = header_number(head);
  if (facts_.version < 0) {
    if (auto fault = source.fault()) return fault;
    return Fault{FaultKind::kUnreadable, describe_lookalike(head)};
  }
  if (is_recoded({reinterpret_cast<const char*>(head.data()), head.size()}))
    return Fault{FaultKind::kUnreadable,
                 "this was a trace until something wrote it as UTF-8 text, which cannot be undone: "
                 "bytes were replaced; take it again and let the program write the file itself"};
  const std::string name = "a trace of format \"go 1." + std::to_string(facts_.version) + "\"";
  const WireVersion* version = wire_version(facts_.version);
  if (version == nullptr) {
    const WireVersion& newest = wire_versions().back();
    const std::string_view releases = newest.releases;
    return Fault{FaultKind::kUnsupported,
                 name + (facts_.version > newest.number
                             ? ", which is newer than this program knows (up to 1." +
                                   std::to_string(newest.number) + ", written by Go " +
                                   std::string(releases.substr(releases.rfind(' ') + 1)) +
                                   "); is there a newer tracetool?"
                             : ", which no Go release writes")};
  }
  if (version->format == nullptr) {
    return Fault{FaultKind::kUnsupported,
                 name + " (" + version->releases +
                     "): it has no symbols and is not read; take the capture with Go 1.7 or newer"};
  }
  source.advance(kHeaderBytes);
  return std::nullopt;
}

/// Passes add up the time of goroutines, Ps, regions and tasks in 64 bits. Only a lie is so long.
static void check_sums(const Recorder& recorder, CaptureFacts& facts) {
  constexpr double kMost = 0x1p62;
  const size_t together = recorder.most_at_once();
  if (static_cast<double>(recorder.last_time()) * static_cast<double>(together) < kMost) return;
  facts.sums_overflow = true;
  facts.faults.push_back(
      {.kind = FaultKind::kUnsupported,
       .message =
           "its times are too long to be added up: " + std::to_string(recorder.last_time()) +
           " ns, of up to " + std::to_string(together) +
           " goroutines, Ps, regions or tasks at once; sums, means and shares are left out"});
}

bool TraceReader::goes_on(Recorder& recorder) {
  ByteSource& source = *input_.source;
  if (recorder.stopped() || facts_.stopped_early || (options_.strict && facts_.damaged()))
    return false;
  const int version = version_of_header(source.look(kHeaderBytes));
  if (version == facts_.version) {
    if (facts_.headers++ == 1) second_at_ = source.offset();
    source.advance(kHeaderBytes);
    recorder.begin_again();
    return true;
  }
  if (facts_.headers > 1) {
    facts_.faults.push_back(
        {.kind = FaultKind::kNote,
         .message = "the file holds " + counted(facts_.headers, "trace") +
                    ", one behind the other, and all are read as if no time lay between them; "
                    "`tail -c +" +
                    std::to_string(second_at_ + 1) + "` gives what the second one begins",
         .offset = second_at_});
  }
  if (version < 0) return false;
  Fault fault{.kind = FaultKind::kUnsupported,
              .message = "another trace begins here, of another version (go 1." +
                         std::to_string(version) + "); `tail -c +" +
                         std::to_string(source.offset() + 1) + "` gives it alone",
              .offset = source.offset()};
  do {
    source.advance(kHeaderBytes);
    fault.lost.add_bytes(kHeaderBytes);
    skip_rest(source, fault.lost);
  } while (!fault.lost.at_least && begins_trace(source.look(kHeaderBytes)));
  facts_.faults.push_back(std::move(fault));
  return false;
}

void TraceReader::read(BlockSink& sink) {
  Recorder recorder(sink, &budget_);
  const WireFormat& format = wire_format(facts_.version);
  do {
    format.read(*input_.source, options_, tables_, recorder, facts_);
  } while (goes_on(recorder));
  recorder.final_sync();
  check_sums(recorder, facts_);
  facts_.events = recorder.events();
  facts_.duration = recorder.last_time();
  facts_.bytes = input_.source->offset();
  facts_.file_bytes = input_.file_bytes;
  check_file();
  recorder.finish();
}

void TraceReader::check_file() {
  if (input_.file == nullptr) return;
  const FileChange change = input_.file->change();
  facts_.spoiled = change == FileChange::kSpoiled;
  if (auto fault = fault_of(change, input_.file->size()))
    facts_.faults.push_back(std::move(*fault));
}

}  // namespace tracetool
