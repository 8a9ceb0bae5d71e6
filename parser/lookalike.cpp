// What people hand to a trace analyzer by mistake, told by its first bytes.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "parser/trace_reader.h"

namespace tracetool {
namespace {

struct Lookalike {
  std::string_view magic;
  const char* advice;
};

using std::literals::operator""sv;

constexpr Lookalike kByMagic[] = {
    {"\x7f"
     "ELF"sv,
     "this is a program (ELF), not a trace; give the file that it wrote"},
    {"MZ"sv, "this is a Windows program, not a trace"},
    {"PK\x03\x04"sv, "this is a zip archive; unpack it and give the trace inside"},
    {"\xfd"
     "7zXZ"sv,
     "this is xz-compressed; unpack it first (zstd and gzip are read as they are)"},
    {"BZh"sv, "this is bzip2-compressed; unpack it first (zstd and gzip are read as they are)"},
    {"PERFILE2"sv, "this is a perf.data file of Linux perf, not a Go execution trace"},
    {"goroutine profile:"sv,
     "this is a goroutine profile (/debug/pprof/goroutine?debug=1), not a trace; "
     "traces come from /debug/pprof/trace?seconds=5"},
    {"heap profile:"sv, "this is a heap profile in text form, not a trace"},
    {"--- contention:"sv, "this is a contention profile in text form, not a trace"},
    {"--- mutex:"sv, "this is a mutex profile in text form, not a trace"},
    {"go1.7 heap dump"sv, "this is a Go heap dump, not a trace"},
    {"Trace Go1."sv,
     "this is a trace in text form, as tracetool events --raw prints it; give the binary one"},
    {"mode: "sv,
     "this is a coverage profile (go test -coverprofile), not a trace; use go test -trace FILE"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

static std::string what_it_is(std::span<const uint8_t> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Lookalike& l : kByMagic)
    if (text.starts_with(l.magic)) return l.advice;
  if (text.starts_with("go 1.")) {
    return head.size() < 16 ? "the file ends inside the trace header"
                            : "the file begins like a Go trace, but its header is damaged";
  }
  size_t start = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (start == std::string_view::npos) start = 0;
  const std::string body = lower(text.substr(start, 400));
  if (body.starts_with("<!doctype html") || body.starts_with("<html") ||
      body.starts_with("<?xml") || body.starts_with("<svg")) {
    return "this is a web page (HTML), perhaps an error page or a login that the download ran "
           "into; "
           "take the capture again, e.g. curl -o trace.out "
           "'http://HOST/debug/pprof/trace?seconds=5'";
  }
  if (body.starts_with("{") || body.starts_with("[")) {
    if (body.find("traceevents") != std::string::npos)
      return "this is a Chrome trace in JSON, not a Go execution trace";
    if (body.find("\"tracetool-") != std::string::npos)
      return "this is a saved result of tracetool, not a trace; tracetool diff compares it with "
             "others";
    return "this is JSON, not a Go execution trace";
  }
  // A pprof profile is a protocol buffer whose first field is a sample type of two string indexes.
  if (head.size() > 3 && head[0] == 0x0A && head[1] <= 8 && (head[2] == 0x08 || head[2] == 0x10)) {
    return "this is a pprof profile (cpu, heap, mutex …), not an execution trace; use go tool "
           "pprof, or "
           "take a trace from /debug/pprof/trace?seconds=5";
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar")
    return "this is a tar archive; unpack it and give the trace inside";
  const bool printable =
      std::ranges::all_of(text, [](unsigned char c) { return c >= 32 || (c >= 9 && c <= 13); });
  if (printable) return "this is a text file, not a Go execution trace";
  return "this is not a Go execution trace: it does not begin with \"go 1.N trace\"";
}

std::string describe_lookalike(std::span<const uint8_t> head) {
  std::string text = what_it_is(head);
  const bool advises =
      text.find(';') != std::string::npos || text.find("header") != std::string::npos;
  if (!advises)
    text += "; traces come from runtime/trace, go test -trace FILE or /debug/pprof/trace?seconds=5";
  return text;
}

}  // namespace tracetool
