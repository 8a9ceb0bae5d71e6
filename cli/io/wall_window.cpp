#include "cli/io/wall_window.h"

#include <algorithm>

#include "analyses/engine/block_ring.h"
#include "parser/model/wall_clock.h"
#include "reports/formats/format.h"
#include "reports/model/wall_columns.h"

namespace tracetool {
namespace {

/// What text shows is rounded: so far outside of the capture a time still means its begin or end.
constexpr int64_t kSlack = 1'000'000'000;

struct Span {
  int64_t begin, end;
  std::string text() const {
    return "the capture goes from " + iso_time(begin) + " to " + iso_time(end);
  }
};

/// ns since 1970. Without a date it is the first such time of day from `earliest` on.
std::string moment_of(const char* option, const TypedTime& typed, const Span& span,
                      int64_t earliest, int64_t& unix_ns) {
  unix_ns = typed.ns;
  if (!typed.dated) {
    const int64_t since = (earliest - kSlack - typed.ns) % kDayNs;
    unix_ns = earliest - kSlack + (since > 0 ? kDayNs - since : -since);
  }
  if (unix_ns >= span.begin - kSlack && unix_ns <= span.end + kSlack) return "";
  return std::string(option) + ": " + typed.text +
         (typed.dated ? " is outside of the capture: " : " is no time of day in the capture: ") +
         span.text();
}

std::string no_wall_clock(int version) {
  return "this capture has no times of day" +
         (version < kFirstWallClock
              ? " (go 1." + std::to_string(version) + "): Go writes them since 1.25"
              : std::string(", although Go 1.25 and newer write them: they are lost")) +
         "; times since the first event, such as 1.5s, work everywhere";
}

}  // namespace

std::string place_window(const CaptureFacts& facts, Settings& settings) {
  const WallClock clock(facts);
  const auto [begin, end] = clock.shown_until(facts.duration);
  // Room for a day to both sides.
  const auto usable = [](int64_t ns) { return ns >= kDayNs && ns <= INT64_MAX - 2 * kDayNs; };
  if (!begin || !end || !usable(*begin) || !usable(*end)) return no_wall_clock(facts.version);
  const Span span{*begin, *end};
  int64_t from = span.begin, to = span.end;
  if (settings.from_wall) {
    if (auto error = moment_of("--from", *settings.from_wall, span, span.begin, from);
        !error.empty())
      return error;
    settings.from = std::clamp<int64_t>(clock.first_at(from), 0, facts.duration);
  }
  if (settings.to_wall) {
    const bool later = settings.from_wall.has_value() && from > span.begin;
    const int64_t earliest = later ? from : span.begin;
    if (auto error = moment_of("--to", *settings.to_wall, span, earliest, to); !error.empty())
      return error;
    settings.to = std::clamp<int64_t>(clock.last_at(to), 0, facts.duration);
  }
  return settings.from > settings.to ? "--from is later than --to" : "";
}

std::string find_window(const std::shared_ptr<const CaptureFile>& file, const std::string& path,
                        Settings& settings) {
  if (!has_wall_window(settings)) return "";
  if (file == nullptr)
    return "--from and --to as times of day need a file: its end has to be known before it is "
           "analysed; give times since the first event, such as 1.5s";
  Input input;
  if (open_again(file, path, {.own_thread = settings.threads > 1}, input)) return "";  // told later
  ReadOptions read;
  read.limits.memory = settings.max_memory;
  TraceReader reader(std::move(input), read);
  if (reader.open()) return "";
  if (reader.facts().version < kFirstWallClock) return no_wall_clock(reader.facts().version);
  run_blocks(reader, 1, {}, {.prepare = {}, .consumers = {[](const Block&) { return true; }}});
  return reader.facts().empty() ? "" : place_window(reader.facts(), settings);
}

std::string why_no_wall(const TraceReader& reader, const Settings& settings) {
  const int version = reader.facts().version;
  return settings.wall && version < kFirstWallClock ? "--wall: " + no_wall_clock(version) : "";
}

void show_wall_clock(Report& report, const CaptureFacts& facts, const Settings& settings) {
  if (!settings.wall) return;
  const WallClock clock(facts);
  const bool iso = !find_format(settings.format)->for_people;
  add_wall_columns(
      report, [&](int64_t time) { return clock.at(time); }, iso);
}

}  // namespace tracetool
