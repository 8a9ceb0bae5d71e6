#include "parser/input/lookalike.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "parser/model/fault.h"
#include "parser/wire/varint.h"

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

/// Whether the fields of a pprof profile come up to the first sample type, which is two indexes of
/// strings: kinds of CPU profiles begin with their times, others with the sample types.
bool is_pprof(std::span<const uint8_t> head) {
  const uint8_t* p = head.data();
  const uint8_t* const end = p + head.size();
  VarintError error = VarintError::kNone;
  while (p != end) {
    const uint64_t tag = varint_checked(p, end, error);
    const uint64_t value = varint_checked(p, end, error);  // or the length
    if (error != VarintError::kNone) return false;
    const uint64_t field = tag >> 3;
    if ((tag & 7) == 0 && field >= 7 && field <= 14) continue;
    if ((tag & 7) != 2 || value > static_cast<uint64_t>(end - p)) return false;
    if (field == 1) return value >= 2 && value <= 22 && (*p == 0x08 || *p == 0x10);
    constexpr uint64_t kPeriodType = 11;
    if (field != kPeriodType) return false;
    p += value;
  }
  return false;
}

/// The first line that is not empty, in quotes; not too long.
std::string first_line(std::string_view text) {
  constexpr size_t kMost = 80;
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const bool cut = line.size() > kMost;
  if (cut) line = line.substr(0, kMost);
  // No part of a character.
  if (cut && !line.empty() && (line.back() & 0x80) != 0) {
    while (line.size() > 1 && (line.back() & 0xC0) == 0x80) line.remove_suffix(1);
    line.remove_suffix(1);
  }
  return '"' + std::string(line) + (cut ? "…\"" : "\"");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

/// Whether bytes of 128 and more only occur as characters of UTF-8, but for what is cut off.
static bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const size_t follow = lead < 0x80 ? 0 : lead < 0xC2 ? 9 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (follow > 3 || lead > 0xF4) return false;
    for (const size_t end = std::min(text.size(), i + follow); i < end; ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
  }
  return true;
}

bool is_recoded(std::string_view head) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  constexpr int kMany = 8;
  int replaced = 0;
  for (size_t at = head.find(kReplacement); at != std::string_view::npos;
       at = head.find(kReplacement, at + kReplacement.size()))
    ++replaced;
  // A program's own texts may have them, but a trace has other bytes as well.
  return replaced >= kMany && is_utf8(head);
}

bool is_text(std::string_view bytes) {
  constexpr unsigned char kEscape = 27;  // colours
  return std::ranges::all_of(
      bytes, [](unsigned char c) { return c >= 32 || (c >= 9 && c <= 13) || c == kEscape; });
}

std::string describe_text(std::string_view text) {
  return counted(text.size(), "byte") + " of text: " + first_line(text);
}

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
    return "this is JSON, not a Go execution trace: " + first_line(text);
  }
  if (text.starts_with("\xff\xfe"
                       "g\0o\0 \0"sv) ||
      text.starts_with("\xfe\xff\0g\0o\0 "sv)) {
    return "this was a trace until PowerShell's > wrote it as UTF-16 text, which cannot be undone: "
           "bytes and line ends were replaced; take it again and let the program write the file "
           "itself, e.g. curl.exe -o trace.out 'http://HOST/debug/pprof/trace?seconds=5'";
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return "this is UTF-16 text, not a Go execution trace";
  if (is_pprof(head)) {
    return "this is a pprof profile (cpu, heap, mutex …), not an execution trace; use go tool "
           "pprof, or "
           "take a trace from /debug/pprof/trace?seconds=5";
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar")
    return "this is a tar archive; unpack it and give the trace inside";
  if (is_text(text)) return "this is a text file, not a Go execution trace: " + first_line(text);
  return "this is not a Go execution trace: it does not begin with \"go 1.N trace\"";
}

std::string describe_lookalike(std::span<const uint8_t> head) {
  std::string text = what_it_is(head);
  const std::string_view ours = std::string_view(text).substr(0, text.find('"'));
  const bool advises =
      ours.find(';') != std::string::npos || ours.find("header") != std::string::npos;
  if (!advises)
    text += "; traces come from runtime/trace, go test -trace FILE or /debug/pprof/trace?seconds=5";
  return text;
}

}  // namespace tracetool
